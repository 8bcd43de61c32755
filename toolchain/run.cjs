// Runs one of the project's TypeScript files or tools on a Node that strips types, from any system Node >= 20:
//   node toolchain/run.cjs [NODE OPTION ...] FILE [ARG ...]
// On a fresh clone it first installs what package-lock.json names; where the system's own Node is below 22.18 it also
// brings the pinned Node 24 of toolchain/package.json. After that nothing here touches the network.
const fs = require('node:fs');
const path = require('node:path');
const { spawn, spawnSync } = require('node:child_process');

const root = path.resolve(__dirname, '..');
const windows = process.platform === 'win32';

/** True when `folder`'s node_modules was installed after its package-lock.json last changed (npm writes the hidden lock file last). */
function isInstalled(folder) {
  try {
    const hidden = path.join(folder, 'node_modules', '.package-lock.json');
    return fs.statSync(hidden).mtimeMs >= fs.statSync(path.join(folder, 'package-lock.json')).mtimeMs;
  } catch {
    return false;
  }
}

function install(folder, what) {
  console.error(`tidemark: installing ${what} (once; npm ci in ${path.relative(process.cwd(), folder) || '.'}) ...`);
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const args = [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync(npm[0], args, { cwd: folder, stdio: ['ignore', 2, 2], shell: windows });
  if (done.status !== 0) {
    console.error(`tidemark: npm ci failed in ${folder}. The first run needs the package registry; later runs work offline.`);
    process.exit(done.status || 1);
  }
}

function nodeThatStripsTypes() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const packages = [`node-${windows ? 'win' : process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
  const find = () =>
    packages
      .map((name) => path.join(__dirname, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node'))
      .find((file) => fs.existsSync(file));
  if (!find() || !isInstalled(__dirname)) install(__dirname, `Node 24 (yours is ${process.versions.node}; Tidemark needs 22.18 or newer)`);
  const found = find();
  if (found) return found;
  console.error(`tidemark: no pinned Node for ${process.platform}-${process.arch}; install Node 24 or newer and try again.`);
  process.exit(1);
}

const given = process.argv.slice(2);
const at = given.findIndex((argument) => !argument.startsWith('--'));
const [options, file, args] = [given.slice(0, at), given[at], given.slice(at + 1)];
if (!file) {
  console.error('usage: node toolchain/run.cjs [NODE OPTION ...] FILE [ARG ...]');
  process.exit(2);
}
if (!isInstalled(root)) install(root, 'dependencies');
const node = nodeThatStripsTypes();
// glibc keeps free memory in an arena a thread, eight a core: two are enough here, and the rest is given back.
const env = { MALLOC_ARENA_MAX: '2', ...process.env, PATH: path.dirname(node) + path.delimiter + process.env.PATH };
const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...options, path.resolve(root, file), ...args], {
  stdio: 'inherit',
  env,
});
// Ctrl-C reaches the child by itself (same terminal group); a signal sent to this process alone is passed on.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm passes a signal on to its shell only, which dies of it without a word: an orphan ends its child.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 250).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
