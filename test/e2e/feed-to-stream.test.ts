import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { kinesisPort } from '../../feed/kinesis-port.ts';
import { startFeedSession } from '../../feed/session.ts';
import { DEFAULT_SYMBOLS } from '../../feed/simulated-market/market.ts';
import { type SimulatedMarket, startSimulatedMarket } from '../../feed/simulated-market/server.ts';
import type { WireTrade } from '../../feed/trade-encoder.ts';
import { decodeRecord } from '../../functions/domain/decode.ts';
import type { Trade } from '../../functions/domain/events.ts';
import { DEFAULT_SETTINGS } from '../../functions/domain/settings.ts';
import { KinesisEngine } from '../../local/engines/kinesis/engine.ts';
import { startKinesisServer } from '../../local/engines/kinesis/server.ts';
import type { KinesisStream } from '../../local/engines/kinesis/stream.ts';
import { type DynamoDb, startDynamoDb } from '../../local/runtime/dynamodb.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Inbox } from '../unit/feed/inbox.ts';

const ENTRY = resolve(import.meta.dirname, '../../feed/main.ts');
const TOKEN = 'not-for-any-log';
const NOW = Date.UTC(2026, 10, 5, 15);

let dynamodb: DynamoDb;
let engine: KinesisEngine;
let server: Awaited<ReturnType<typeof startKinesisServer>>;
let stream: KinesisStream;
let market: SimulatedMarket;

beforeAll(async () => {
  dynamodb = await startDynamoDb(null, (error) => {
    throw error;
  });
});

afterAll(() => dynamodb.stop());

beforeEach(async () => {
  engine = new KinesisEngine({ clock: REAL_CLOCK, folder: null });
  server = await startKinesisServer(engine, { port: 0 });
  stream = await engine.createStream({ name: 'trades', shardCount: 2, retentionHours: 24 });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await market.close();
  await server.close();
  await engine.close();
});

function awsEnvironment(): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_KINESIS: server.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
}

/** Every trade of the stream by symbol, in the order in which a consumer meets it. */
async function tradesOf(symbols: readonly string[]): Promise<Map<string, Trade[]>> {
  const bySymbol = new Map<string, Trade[]>(symbols.map((symbol) => [symbol, []]));
  for (const lane of stream.shardIds()) {
    const records = await stream.read(lane, null, { records: Infinity, bytes: Infinity });
    for (const { sequenceNumber: position, partitionKey: key, data: bytes } of records) {
      const { events, refusals } = decodeRecord('trades', { lane, position, key, bytes, arrivalMs: Date.now() }, DEFAULT_SETTINGS);
      expect(refusals).toEqual([]);
      for (const event of events) if (event.type === 'trade') bySymbol.get(event.symbol)?.push(event);
    }
  }
  return bySymbol;
}

/** Another customer of the market, who writes down what was reported. */
class Observer {
  readonly trades: WireTrade[] = [];
  readonly #socket: WebSocket;
  readonly #complaints = new Inbox<string>();

  constructor(url: string) {
    this.#socket = new WebSocket(`${url}?token=observer`);
    this.#socket.on('message', (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.type === 'trade') this.trades.push(...frame.data);
      if (frame.type === 'error') this.#complaints.push(frame.msg);
    });
  }

  async subscribe(symbols: readonly string[]): Promise<void> {
    await once(this.#socket, 'open');
    for (const symbol of symbols) this.#socket.send(JSON.stringify({ type: 'subscribe', symbol }));
    await this.caughtUp();
  }

  /** The market answers in order: once it has complained, everything before has arrived. */
  async caughtUp(): Promise<void> {
    this.#socket.send('caught up?');
    await this.#complaints.next();
  }
}

describe('Trades on their way from the market into the stream', () => {
  it('arrive each exactly once, in the order reported, numbered from 0', async () => {
    for (const [name, value] of Object.entries(awsEnvironment())) vi.stubEnv(name, value);
    const clock = new ManualClock(NOW);
    market = await startSimulatedMarket({ port: 0, seed: 11, clock });
    const observer = new Observer(market.url);
    await observer.subscribe(DEFAULT_SYMBOLS);
    const port = kinesisPort('trades');
    const logged = new Inbox<string>();
    const session = startFeedSession({
      session: 'session',
      url: market.url,
      token: TOKEN,
      // The market complains of the last one when it has obeyed the others.
      symbols: [...DEFAULT_SYMBOLS, 'UNKNOWN'],
      port,
      clock,
      random: () => 0.5,
      log: (line) => logged.push(line),
    });
    await logged.until((line) => line.includes('Invalid symbol UNKNOWN'));
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      await observer.caughtUp();
    }
    await session.stop();
    port.close();
    expect(observer.trades.length).toBeGreaterThan(600);
    const received = await tradesOf(DEFAULT_SYMBOLS);
    for (const symbol of DEFAULT_SYMBOLS) {
      const reported = observer.trades.filter(({ s }) => s === symbol);
      expect(received.get(symbol)).toEqual(
        reported.map(({ p, t, v, c }, number) => ({
          type: 'trade',
          symbol,
          eventId: `session.${symbol}.${String(number).padStart(12, '0')}`,
          session: 'session',
          number,
          eventMs: t,
          price: p,
          size: v,
          conditions: c ?? null,
        })),
      );
    }
  });
});

describe('The feed as a program', () => {
  const SYMBOLS = ['AAPL', 'BINANCE:BTCUSDT'];

  function environment(changes: Record<string, string> = {}): Record<string, string> {
    return {
      ...awsEnvironment(),
      TRADES_STREAM: 'trades',
      LEASE_TABLE: 'lease',
      FINNHUB_URL: market.url,
      FINNHUB_TOKEN: TOKEN,
      SYMBOLS: SYMBOLS.join(),
      ...changes,
    };
  }

  function linesOf(...streams: (Readable | null)[]): string[] {
    const lines: string[] = [];
    for (const input of streams) if (input) createInterface({ input }).on('line', (line) => lines.push(line));
    return lines;
  }

  function appended(): Promise<void> {
    return new Promise((done) => {
      const unsubscribe = stream.onAppend(() => {
        unsubscribe();
        done();
      });
    });
  }

  /** The last line tells how many trades it received: all of them are in the stream, dense from 0. */
  async function expectAllWritten(lines: readonly string[]): Promise<void> {
    const told = /^feed: session (\S+) ends: (\d+) trades in \d+ records$/.exec(lines.at(-1) ?? '');
    const received = await tradesOf(SYMBOLS);
    for (const trades of received.values()) expect(trades.map(({ number }) => number)).toEqual(trades.map((_, index) => index));
    expect([...received.values()].flat()).toHaveLength(Number(told?.[2]));
    expect(new Set([...received.values()].flat().map(({ session }) => session))).toEqual(new Set([told?.[1]]));
    expect(lines.join('\n')).not.toContain(TOKEN);
  }

  /** The sessions whose trades each lane holds, at every change from one to another. */
  async function sessionsInOrder(): Promise<string[]> {
    const received = await tradesOf(SYMBOLS);
    const sessions = [...received.values()].flatMap((trades) => trades.map(({ session }) => session));
    for (const trades of received.values()) {
      const turns = trades.map(({ session }) => session).filter((session, index, all) => session !== all[index - 1]);
      expect(new Set(turns).size).toBe(turns.length);
    }
    return [...new Set(sessions)];
  }

  async function run(changes: Record<string, string>): Promise<{ child: ChildProcess; lines: string[] }> {
    const child = spawn(process.execPath, [ENTRY], { env: environment(changes), stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = linesOf(child.stdout, child.stderr);
    return { child, lines };
  }

  beforeEach(async () => {
    market = await startSimulatedMarket({ port: 0, seed: 12 });
    await dynamodb.call('CreateTable', {
      TableName: 'lease',
      AttributeDefinitions: [{ AttributeName: 'name', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  /** No feed has left its lease behind. */
  async function expectLeaseFree(): Promise<void> {
    expect(await dynamodb.call('Scan', { TableName: 'lease' })).toMatchObject({ Count: 0 });
  }

  afterEach(async () => {
    await dynamodb.call('DeleteTable', { TableName: 'lease' });
    for (;;) {
      const { TableNames } = (await dynamodb.call('ListTables', {})) as { TableNames: string[] };
      if (TableNames.length === 0) return;
    }
  });

  it('moves trades until SIGTERM, then writes the rest and ends', async () => {
    const first = appended();
    const { child, lines } = await run({});
    await first;
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(0);
    await expectAllWritten(lines);
    await expectLeaseFree();
  });

  it('moves trades in a worker thread until it is told to stop, then writes the rest and ends', async () => {
    const first = appended();
    const worker = new Worker(ENTRY, { env: environment(), stdout: true, stderr: true });
    const lines = linesOf(worker.stdout, worker.stderr);
    await first;
    worker.postMessage('stop');
    const [[code]] = await Promise.all([once(worker, 'exit'), once(worker.stdout, 'end')]);
    expect(code).toBe(0);
    await expectAllWritten(lines);
  });

  it('hears the symbols that stand in the table of its lease instead of those in its environment', async () => {
    const Item = { name: { S: 'symbols' }, symbols: { S: 'MSFT TSLA' } };
    await dynamodb.call('PutItem', { TableName: 'lease', Item });
    const first = appended();
    const { child, lines } = await run({});
    await first;
    child.kill('SIGTERM');
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(lines.join('\n')).toContain('subscribing 2 symbols');
    expect(await tradesOf(SYMBOLS)).toEqual(new Map(SYMBOLS.map((symbol) => [symbol, []])));
  });

  it('waits while another one holds the lease, and takes over when that one ends', async () => {
    const first = appended();
    const one = await run({});
    await first;
    const other = await run({});
    await vi.waitFor(() => expect(other.lines.join()).toContain('waiting'), { timeout: 10_000 });
    expect(other.lines).toHaveLength(1);
    one.child.kill('SIGTERM');
    await once(one.child, 'close');
    const second = appended();
    await second;
    expect(other.lines.join()).toContain('starts');
    other.child.kill('SIGTERM');
    expect((await once(other.child, 'close'))[0]).toBe(0);
    expect(await sessionsInOrder()).toHaveLength(2);
    await expectLeaseFree();
  });

  it.each([
    ['the stream does not exist', { TRADES_STREAM: 'nowhere' }, /^feed: stream "nowhere" refuses: ResourceNotFoundException/],
    ['the token is missing', { FINNHUB_TOKEN: '' }, /^feed: the environment variable FINNHUB_TOKEN is missing or empty$/],
    [
      'the token stands in the address',
      { FINNHUB_URL: `wss://ws.finnhub.io?token=${TOKEN}` },
      /^feed: the Finnhub address must have no query/,
    ],
  ])('fails and says why when %s', async (_, changes, message) => {
    const { child, lines } = await run(changes);
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(message));
    expect(lines.join('\n')).not.toContain(TOKEN);
  });
});
