/** The README's commands do what the README shows. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { TRADE_FILES } from '../oracles/data.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(resolve(ROOT, 'README.md'), 'utf8');
const run = promisify(execFile);

/** Fenced blocks of the README: the language behind the fence, and the text. */
const BLOCKS = [...README.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({ language, text: text!.trim() }));
const COMMANDS = BLOCKS.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
const blockWith = (words: string) => BLOCKS.find(({ language, text }) => language === '' && text.includes(words))!.text;
const wordsOf = (line: string | undefined) => line?.trim().split(/ +/);

/** What `npm run COMMAND` writes to stdout. */
async function npm(command: string, ...args: string[]): Promise<string> {
  return (await run('npm', ['run', command, '--silent', '--', ...args], { cwd: ROOT })).stdout;
}

/** `npm start` on a free port: the line it writes when it is ready. */
async function start(...options: string[]): Promise<{ line: string; stop(): Promise<void> }> {
  const child = spawn('npm', ['start', '--silent', '--', '--port', '0', ...options], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolveExit) => child.once('exit', resolveExit));
  const line = await new Promise<string>((resolveLine) =>
    child.stdout.setEncoding('utf8').on('data', (text: string) => resolveLine(text.trim())),
  );
  return {
    line,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

describe('the README', () => {
  it('names the commands that the tests below run, and npm test, which runs this', () => {
    expect(COMMANDS.map((command) => command.split(' ').slice(0, 3).join(' '))).toEqual([
      'npm start',
      'npm test',
      'npm run replay',
      'npm run replay',
      'npm run replay',
      'npm start --',
      'npm run sql',
      'npm run batch',
      'npm run simulate',
      'npm run symbols',
      'npm run bench',
      'npx cdk synth',
    ]);
  });

  it('shows what npm start prints', async () => {
    const { line, stop } = await start('--memory');
    const shown = blockWith('Tidemark is ready');
    expect(line.replace(/:\d+$/, '')).toBe(shown.replace(/:\d+$/, ''));
    await stop();
  });

  it('settles a recorded day on event time and shows it, as it says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-readme-'));
    try {
      await npm('replay', 'trades', TRADE_FILES[0]!, '--clock', 'event', '--standalone', '--keep', folder);
      const { line, stop } = await start('--no-sim', '--data', folder);
      const url = /http:\S+/.exec(line)![0];
      const query = /"(select .*)"/.exec(COMMANDS.find((command) => command.startsWith('npm run sql '))!)![1]!;
      const [heads, , row] = (await npm('sql', '--url', url, query)).split('\n');
      const days = blockWith('2013-10-09  IBM').split('\n');
      expect(wordsOf(heads)).toEqual(wordsOf(days[0]));
      expect(wordsOf(row)).toEqual(wordsOf(days.find((shown) => shown.startsWith('2013-10-07  IBM'))));
      expect(await npm('batch', '--url', url, '--from', '2013-10-07', '--to', '2013-10-07')).toMatch(/^trades +2013-10-07 +unchanged/m);
      await stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('shows what a replay of the real file prints', async () => {
    expect((await npm('replay', 'trades', TRADE_FILES[0]!, '--standalone')).startsWith(blockWith('received'))).toBe(true);
  });

  it.each(['simulate', 'bench'])('names options that npm run %s has', async (command) => {
    const line = COMMANDS.find((shown) => shown.startsWith(`npm run ${command} `))!;
    const help = await npm(command, '--help');
    for (const [option] of line.matchAll(/ --[a-z]+/g)) expect(help).toContain(option.trim());
  });

  it('sets symbols as npm run symbols takes them', async () => {
    const line = COMMANDS.find((shown) => shown.startsWith('npm run symbols '))!;
    expect(await npm('symbols', '--help')).toContain(line.split(' ').slice(0, 5).join(' '));
  });

  it('synthesizes as it says', async () => {
    const { stdout } = await run('npx', ['cdk', 'synth', '--quiet'], { cwd: ROOT, env: { ...process.env, CDK_OUTDIR: undefined, CI: '' } });
    expect(stdout).not.toContain('rror');
  });
});

describe('links of the documents', () => {
  it.each(['README.md', 'docs/architecture.md', 'docs/decisions.md'])('of %s lead to files that exist', (document) => {
    const folder = resolve(ROOT, document, '..');
    const links = [...readFileSync(resolve(ROOT, document), 'utf8').matchAll(/\]\(([^)#][^)]*?)(#[^)]*)?\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !link.startsWith('http'));
    expect(links.filter((link) => !existsSync(resolve(folder, link)))).toEqual([]);
  });
});
