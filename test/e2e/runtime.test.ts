import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RuntimeDescription, startTidemark, type Tidemark, type TidemarkOptions } from '../../local/runtime/start.ts';
import { synthesize } from '../../local/runtime/synth.ts';
import { eventually } from '../support/eventually.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Where commands of this test have their temporary folders, so that what they leave behind is seen. */
let home: string;
let children: ChildProcess[];
let running: Tidemark[];

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'tidemark-runtime-test-'));
  children = [];
  running = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(running.map((tidemark) => tidemark.stop()));
  rmSync(home, { recursive: true, force: true });
});

interface Command {
  readonly child: ChildProcess;
  /** Resolves with the address when it says that it is ready; rejects when it ends before. */
  readonly ready: Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

function command(...args: string[]): Command {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'cli/start.ts'), ...args], {
    cwd: home,
    env: { ...process.env, TMPDIR: home, TMP: home, TEMP: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const line = /^Tidemark is ready: (http:\/\/127\.0\.0\.1:\d+)$/m.exec(out);
      if (line) resolve(line[1]!);
    });
    void ended.then(({ code, err: said }) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  ready.catch(() => undefined);
  return { child, ready, ended };
}

async function start(more: Partial<TidemarkOptions> = {}): Promise<Tidemark> {
  const options = { port: 0, dataFolder: null, seed: 1, sensorCount: 0, simulate: false, log: () => undefined };
  const tidemark = await startTidemark({ ...options, ...more });
  running.push(tidemark);
  return tidemark;
}

/** Puts one record of trades, of numbers from `first`; resolves when the stream has acknowledged it. */
async function putTrades({ aws, region }: RuntimeDescription, first: number, count: number): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const kinesis = new KinesisClient({ endpoint: aws.kinesis, region, credentials });
  const nowMs = Date.now();
  const trades = Array.from({ length: count }, (_, index) => ({ p: 10 + index, t: nowMs, v: 1 }));
  const record = { v: 1, type: 'trades', session: 'test', symbol: 'IBM', n: first, received_at: nowMs, trades };
  await kinesis.send(new PutRecordCommand({ StreamName: 'trades', PartitionKey: 'IBM', Data: Buffer.from(JSON.stringify(record)) }));
  kinesis.destroy();
}

/** The counters of IBM once `received` events have arrived. */
function countersOf(url: string, received: number): Promise<{ applied: number; duplicate: number }> {
  return eventually(async () => {
    const answer = await fetch(`${url}/v1/symbols/IBM/latest`);
    if (!answer.ok) return null;
    const { data } = (await answer.json()) as { data: { counters: { received: number; applied: number; duplicate: number } } };
    return data.counters.received >= received ? data.counters : null;
  });
}

/** A copy of the project's own assembly, with one stack's template changed. */
async function changedAssembly(stack: 'data' | 'app', change: (resources: Record<string, ResourceText>) => void): Promise<string> {
  const folder = path.join(home, 'assembly');
  cpSync(await synthesize({}, Date.now()), folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
    artifacts: Record<string, { properties?: { stackName?: string; templateFile?: string } }>;
  };
  const { templateFile } = Object.values(manifest.artifacts).find(({ properties }) => properties?.stackName?.endsWith(`-${stack}`))!
    .properties!;
  const file = path.join(folder, templateFile!);
  const template = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, ResourceText> };
  change(template.Resources);
  writeFileSync(file, JSON.stringify(template));
  return folder;
}

interface ResourceText {
  Type: string;
  Properties: Record<string, unknown>;
}

/** The logical id that begins so. */
function idOf(resources: Record<string, ResourceText>, start: string): string {
  return Object.keys(resources).find((id) => id.startsWith(start))!;
}

describe('npm start', () => {
  it('says when it is ready, answers there, and leaves nothing behind after Ctrl-C', async () => {
    const tidemark = command('--memory', '--port', '0', '--sensors', '2');
    const url = await tidemark.ready;
    const runtime = (await (await fetch(`${url}/_local/runtime`)).json()) as RuntimeDescription;
    expect(runtime).toMatchObject({ pid: tidemark.child.pid, api: url, region: 'us-east-1' });
    expect((await fetch(`${url}/v1/symbols`)).status).toBe(200);
    await eventually(async () => {
      const { data } = (await (await fetch(`${url}/v1/sensors`)).json()) as { data: unknown[] };
      return data.length === 2 ? data : null;
    });
    tidemark.child.kill('SIGINT');
    const { code, out } = await tidemark.ended;
    expect(code).toBe(0);
    expect(out).toBe(`Tidemark is ready: ${url}\n`);
    expect(readdirSync(home)).toEqual([]);
    for (const address of [url, ...Object.values(runtime.aws)]) await expect(fetch(address)).rejects.toThrow();
  });

  it('stops on SIGTERM as well, also before it is ready', async () => {
    const early = command('--data', 'd', '--port', '0', '--no-sim');
    await eventually(async () => (existsSync(path.join(home, 'd', 'lock')) ? true : null));
    early.child.kill('SIGTERM');
    expect(await early.ended).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(path.join(home, 'd'))).not.toContain('lock');
  });

  it('refuses a data folder in use, naming the process, and a port in use, naming the way out', async () => {
    const first = command('--data', 'd', '--port', '0', '--no-sim');
    const url = await first.ready;
    const second = await command('--data', 'd', '--port', '0').ended;
    expect(second.code).toBe(1);
    expect(second.err).toMatch(new RegExp(`^tidemark: the data folder .*d is in use by process ${first.child.pid}: .*--data\n$`));
    const third = await command('--memory', '--port', new URL(url).port).ended;
    expect(third.code).toBe(1);
    expect(third.err).toBe(`tidemark: port ${new URL(url).port} is in use: stop what listens there, or take a free one with --port 0\n`);
    expect((await fetch(`${url}/v1/symbols`)).status).toBe(200);
  });

  it('refuses a value out of range in one line, and explains itself', async () => {
    const wrong = await command('--sensors', '1001').ended;
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toBe('tidemark: --sensors must be a whole number from 0 to 1000, not "1001" (--help shows how)\n');
    const help = await command('--help').ended;
    expect(help.code).toBe(0);
    expect(help.out).toContain('npm start');
  });

  it('goes on after kill -9 with everything that was acknowledged', async () => {
    const killed = command('--data', 'd', '--port', '0', '--no-sim');
    const url = await killed.ready;
    const runtime = JSON.parse(readFileSync(path.join(home, 'd', 'runtime.json'), 'utf8')) as RuntimeDescription;
    expect(runtime.api).toBe(url);
    await putTrades(runtime, 1, 5);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const again = await start({ dataFolder: path.join(home, 'd') });
    expect(await countersOf(again.url, 5)).toMatchObject({ applied: 5, duplicate: 0 });
  });
});

describe('a runtime', () => {
  it('continues where it stopped: state, positions and sensor assignments', async () => {
    const dataFolder = path.join(home, 'd');
    const first = await start({ dataFolder });
    await putTrades(first.runtime, 1, 3);
    expect(await countersOf(first.url, 3)).toMatchObject({ applied: 3 });
    const put = await fetch(`${first.url}/_local/sensors`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ match: 'hall', profile: 'industrial', zone: 'UTC' }),
    });
    expect(put.status).toBe(200);
    await first.stop();
    expect(existsSync(path.join(dataFolder, 'runtime.json'))).toBe(false);

    const second = await start({ dataFolder });
    expect(await countersOf(second.url, 3)).toMatchObject({ applied: 3, duplicate: 0 });
    await putTrades(second.runtime, 1, 4);
    expect(await countersOf(second.url, 7)).toMatchObject({ applied: 4, duplicate: 3 });
    expect(readFileSync(path.join(dataFolder, 'sensors.json'), 'utf8')).toContain('hall');
  });

  it('lets a start that failed leave the data folder free', async () => {
    const dataFolder = path.join(home, 'd');
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    await expect(start({ dataFolder, port: (blocker.address() as AddressInfo).port })).rejects.toThrow('in use');
    blocker.close();
    expect((await fetch(`${(await start({ dataFolder })).url}/v1/symbols`)).status).toBe(200);
  });

  it('refuses a sensor assignment that is wrong, and one that a page of another site could send', async () => {
    const { url } = await start();
    const put = (type: string, body: string): Promise<Response> =>
      fetch(`${url}/_local/sensors`, { method: 'PUT', headers: { 'content-type': type }, body });
    const wrong = await put('application/json', JSON.stringify({ match: 'a', profile: 'nobody', zone: 'UTC' }));
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ detail: 'profile must be one of dht22, industrial, not "nobody"' });
    expect((await put('text/plain', JSON.stringify({ match: 'a', profile: 'dht22', zone: 'UTC' }))).status).toBe(415);
  });
});

describe('the template', () => {
  it('is what runs: one property of it changed changes what happens', async () => {
    const shardsOf = async (assemblyFolder: string): Promise<number> => {
      const { url } = await start({ assemblyFolder });
      const { streams } = (await (await fetch(`${url}/_local/progress`)).json()) as { streams: Record<string, object> };
      return Object.keys(streams['trades']!).length;
    };
    expect(await shardsOf(await synthesize({}, Date.now()))).toBe(1);
    const changed = await changedAssembly('data', (resources) => {
      resources[idOf(resources, 'TradesStream')]!.Properties['ShardCount'] = 3;
    });
    expect(await shardsOf(changed)).toBe(3);
  });

  it('is refused with a type that is not known, naming the logical id', async () => {
    const assemblyFolder = await changedAssembly('app', (resources) => {
      resources['Letterbox'] = { Type: 'AWS::SQS::Queue', Properties: {} };
    });
    const message = 'Letterbox (AWS::SQS::Queue, stack tidemark-local-app): the local runtime does not know this resource type';
    await expect(start({ assemblyFolder })).rejects.toThrow(message);
  });

  it('is refused with a property that is not known, naming logical id, type and property', async () => {
    let id = '';
    const assemblyFolder = await changedAssembly('data', (resources) => {
      id = idOf(resources, 'TradesStream');
      resources[id]!.Properties['MaxRecordSizeInKiB'] = 10_240;
    });
    const message = `${id} (AWS::Kinesis::Stream, stack tidemark-local-data): the local runtime does not know the property MaxRecordSizeInKiB`;
    await expect(start({ assemblyFolder })).rejects.toThrow(message);
  });
});
