/** The whole runtime while the services behind its functions are slow, refuse, break off or are away: no event is lost or counted twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTidemark, type Tidemark } from '../../local/runtime/start.ts';
import { alarmTransitions, windowTotals } from '../oracles/readings-recount.ts';
import { eventually } from '../support/eventually.ts';
import { type Call, type Fault, type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { seededRandom } from '../support/random.ts';
import { readingsRecord } from '../support/records.ts';
import { queryParquet, readApi } from '../support/runtime.ts';
import { settled } from '../support/served.ts';

const SERVICES = ['kinesis', 'dynamodb', 's3'] as const;
type Service = (typeof SERVICES)[number];

const START = Date.UTC(2026, 4, 1);
const READINGS = 240;
const RECORDS_A_PUT = 60;

const refused = (name: string, status: number, after = false): Fault => ({
  kind: 'answer',
  status,
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'injected' }),
  after,
});
const THROTTLED = refused('ProvisionedThroughputExceededException', 400);
const FAILED = refused('InternalServerError', 500);

interface Running {
  readonly tidemark: Tidemark;
  readonly network: Readonly<Record<Service, FaultyProxy>>;
  stop(): Promise<void>;
}

async function start(folder: string): Promise<Running> {
  const network = {} as Record<Service, FaultyProxy>;
  const tidemark = await startTidemark({
    port: 0,
    dataFolder: folder,
    seed: 1,
    sensorCount: 0,
    simulate: false,
    config: { archive: { batchingWindowSeconds: 0 } },
    log: () => undefined,
    async serviceUrls(own) {
      for (const service of SERVICES) network[service] = await startFaultyProxy(own[service]);
      return { ...own, kinesis: network.kinesis.url, dynamodb: network.dynamodb.url, s3: network.s3.url };
    },
  });
  return {
    tidemark,
    network,
    async stop() {
      await tidemark.stop();
      for (const service of SERVICES) await network[service].close();
    },
  };
}

/** Overheats every hour; temperatures in tenths of a degree, one reading a minute. */
function readingsOf(seed: number): { timestamp: number; temperature: number; humidity: number; boot: string; seq: number }[] {
  const random = seededRandom(seed);
  return Array.from({ length: READINGS }, (_, seq) => ({
    timestamp: START + seq * 60_000,
    temperature: Math.round(10 * (28 + 9 * Math.sin(seq / 10) + random())) / 10,
    humidity: 50,
    boot: 'b',
    seq,
  }));
}

/** Puts readings into the stream as the IoT rule does, past the network. */
async function publish({ tidemark }: Running, device: string, seed: number): Promise<void> {
  const { region, aws } = tidemark.runtime;
  const client = new KinesisClient({ region, endpoint: aws.kinesis, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const stream = await readingsStream(tidemark);
  const entries = readingsOf(seed).map((reading) => ({ PartitionKey: device, Data: readingsRecord(device, reading).bytes }));
  try {
    while (entries.length > 0) {
      await client.send(new PutRecordsCommand({ StreamName: stream, Records: entries.splice(0, RECORDS_A_PUT) }));
    }
  } finally {
    client.destroy();
  }
}

async function readingsStream({ url }: Tidemark): Promise<string> {
  const { streams } = (await (await fetch(`${url}/_local/progress`)).json()) as { streams: Record<string, object> };
  return Object.keys(streams).find((name) => /reading/i.test(name))!;
}

interface Served {
  readonly counters: { readonly received: number; readonly applied: number; readonly late: object; readonly quarantined: object };
}

/** Compares what is served and kept of a device with a recount and a model that share no code with the project. */
async function expectExact({ tidemark }: Running, folder: string, device: string, seed: number): Promise<void> {
  await settled(tidemark.url);
  const read = <T>(path: string) => readApi<T>(tidemark.url, path);
  const readings = readingsOf(seed).map(({ timestamp, temperature, humidity }) => ({
    eventMs: timestamp,
    temperatureC: temperature,
    humidityPct: humidity,
  }));
  const { counters } = await read<Served>(`sensors/${device}/latest`);
  expect(counters).toMatchObject({ applied: READINGS, late: {}, quarantined: {} });
  const windows = await read<{ window_start: string; reading_count: number }[]>(`sensors/${device}/windows?from=2026-05-01&to=2026-05-02`);
  const expected = [...windowTotals(readings, () => true)].map(([startMs, { reading_count }]) => [startMs, reading_count]);
  expect(windows.map(({ window_start, reading_count }) => [Date.parse(window_start), reading_count])).toEqual(expected);
  const transitions = alarmTransitions(
    readings.map(({ eventMs, temperatureC }) => ({ atMs: eventMs, value: temperatureC })),
    30,
    35,
    0.5,
  );
  expect(transitions.length).toBeGreaterThan(10);
  const history = await read<{ event_time: string; severity: string; revision: number }[]>(`alarms/${device}:temperature-instant/history`);
  const heard = history
    .sort((a, b) => a.revision - b.revision)
    .map((row) => ({ atMs: Date.parse(row.event_time), severity: row.severity }));
  expect(heard).toEqual(transitions);
  const parquet = (path: string) => `read_parquet('${folder}/s3/data/${path}/**/*.parquet') where sensor_id = '${device}'`;
  const [raw] = await queryParquet(
    `select count(distinct event_id) as ids, count(distinct seq) as numbers from ${parquet('raw/readings')}`,
  );
  expect(Object.values(raw!).map(Number)).toEqual([READINGS, READINGS]);
  const alerts = await queryParquet(
    `select distinct event_time, severity from ${parquet('alerts/instant')} and rule = 'temperature-instant' order by event_time`,
  );
  expect(alerts.map(({ severity }) => severity)).toEqual(transitions.map(({ severity }) => severity));
}

describe('services that misbehave', { timeout: 120_000 }, () => {
  let folder: string;
  let running: Running;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-services-'));
    running = await start(folder);
  });
  afterAll(async () => {
    await running?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Breaks calls of some services while a device's readings pass. */
  async function pass(device: string, seed: number, services: readonly Service[], fault: (call: Call) => Fault): Promise<void> {
    const brokenBefore = services.map((service) => running.network[service].broken());
    for (const service of services) running.network[service].setFault(fault);
    try {
      await publish(running, device, seed);
      await settled(running.tidemark.url);
    } finally {
      for (const service of services) running.network[service].setFault(null);
    }
    for (const [index, service] of services.entries()) {
      expect(running.network[service].broken() - brokenBefore[index]!).toBeGreaterThan(0);
    }
    await expectExact(running, folder, device, seed);
  }

  it('are throttled tables: what they refuse is tried again', async () => {
    const random = seededRandom(1);
    await pass('throttled', 1, ['dynamodb'], () => (random() < 0.1 ? THROTTLED : null));
  });

  it('are tables and a stream of alerts that fail or break off, before or after a call took effect', async () => {
    const random = seededRandom(2);
    const faults: Fault[] = [FAILED, refused('InternalServerError', 500, true), { kind: 'cut' }, { kind: 'cut', after: true }];
    let puts = 0;
    // There are many calls of tables, but few of the stream: every other one of these breaks.
    const isBroken = ({ operation }: Call) => (operation === 'PutRecords' ? puts++ % 2 === 0 : random() < 0.1);
    await pass('failing', 2, ['dynamodb', 'kinesis'], (call) => (isBroken(call) ? faults[Math.floor(random() * faults.length)]! : null));
  });

  it('are a slow S3: the speed layer does not wait for it, and what it takes late it takes once', async () => {
    let release = (): void => undefined;
    const untilMoved = new Promise<void>((resolve) => {
      release = resolve;
    });
    running.network.s3.setFault(() => ({ kind: 'delay', untilMoved }));
    await publish(running, 'slow', 3);
    await eventually(async () => {
      const { counters } = await readApi<Served>(running.tidemark.url, 'sensors/slow/latest').catch(() => ({ counters: { applied: 0 } }));
      return counters.applied === READINGS ? true : null;
    });
    expect(running.network.s3.broken()).toBeGreaterThan(0);
    running.network.s3.setFault(null);
    release();
    await expectExact(running, folder, 'slow', 3);
  });

  it('are away altogether, over a stop of the runtime: its consumers go on where they were', async () => {
    for (const service of SERVICES) running.network[service].setFault(() => FAILED);
    await publish(running, 'away', 4);
    await eventually(async () => (running.network.dynamodb.broken() > 0 && running.network.s3.broken() > 0 ? true : null));
    await running.stop();
    running = await start(folder);
    await expectExact(running, folder, 'away', 4);
    const { counters } = await readApi<Served>(running.tidemark.url, 'sensors/away/latest');
    expect(counters.received).toBe(READINGS);
  });
});
