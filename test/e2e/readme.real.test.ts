/** The README's commands do what the README shows. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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

describe('the README', () => {
  it('names the commands that the tests below run, and npm test, which runs this', () => {
    expect(COMMANDS.map((command) => command.split(' ').slice(0, 3).join(' '))).toEqual([
      'npm start',
      'npm test',
      'npm run replay',
      'npm run replay',
      'npm run simulate',
      'npm run symbols',
      'npm run bench',
      'npx cdk synth',
    ]);
  });

  it('shows what npm start prints', async () => {
    const child = spawn('npm', ['start', '--silent', '--', '--port', '0', '--memory'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolveLine) =>
      child.stdout.setEncoding('utf8').on('data', (text: string) => resolveLine(text.trim())),
    );
    const shown = blockWith('Tidemark is ready');
    expect(line.replace(/:\d+$/, '')).toBe(shown.replace(/:\d+$/, ''));
    const ended = new Promise((resolveExit) => child.once('exit', resolveExit));
    child.kill('SIGTERM');
    await ended;
  });

  it('shows what a replay of the real file prints', async () => {
    const { stdout } = await run('npm', ['run', 'replay', '--silent', '--', 'trades', TRADE_FILES[0]!, '--standalone'], { cwd: ROOT });
    expect(stdout.startsWith(blockWith('received'))).toBe(true);
  });

  it.each(['simulate', 'bench'])('names options that npm run %s has', async (command) => {
    const line = COMMANDS.find((shown) => shown.startsWith(`npm run ${command} `))!;
    const { stdout } = await run('npm', ['run', command, '--silent', '--', '--help'], { cwd: ROOT });
    for (const [option] of line.matchAll(/ --[a-z]+/g)) expect(stdout).toContain(option.trim());
  });

  it('sets symbols as npm run symbols takes them', async () => {
    const line = COMMANDS.find((shown) => shown.startsWith('npm run symbols '))!;
    const { stdout } = await run('npm', ['run', 'symbols', '--silent', '--', '--help'], { cwd: ROOT });
    expect(stdout).toContain(line.split(' ').slice(0, 5).join(' '));
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
