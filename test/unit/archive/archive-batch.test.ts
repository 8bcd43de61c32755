import { parquetMetadata } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { SourceRecord } from '#domain/events.ts';
import { DEFAULT_SETTINGS, type Settings } from '#domain/settings.ts';
import { archiveBatch } from '../../../functions/archive/archive-batch.ts';
import { type FakeLake, fakeLake, rowsOf } from './fake-lake.ts';

const ARRIVAL = Date.UTC(2026, 2, 5, 10, 59, 59, 999);
const LANE = 'shardId-000000000001';
const POSITION_BASE = 49590338271490256608559692538361571095n;

function position(number: number): string {
  return String(POSITION_BASE + BigInt(number));
}

function record(number: number, key: string, body: unknown, overrides: Partial<SourceRecord> = {}): SourceRecord {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return { lane: LANE, position: position(number), key, bytes, arrivalMs: ARRIVAL, ...overrides };
}

function trades(n: number, list: unknown[], symbol = 'IBM') {
  return { v: 1, type: 'trades', session: 's1', symbol, n, received_at: ARRIVAL, trades: list };
}

function reading(device: string, payload: unknown) {
  const bytes = Buffer.from(JSON.stringify(payload)).toString('base64');
  return { payload: bytes, v: 1, type: 'readings', device_id: device, client_id: device, ingest_ms: ARRIVAL, trace_id: 't' };
}

const GOOD_TRADE = { p: 186.5, t: ARRIVAL - 5, v: 100, c: ['1', '24'] };

async function archived(stream: 'trades' | 'readings' | 'alerts', records: SourceRecord[], settings: Settings = DEFAULT_SETTINGS) {
  const lake = fakeLake();
  const counts = await archiveBatch(stream, records, settings, lake.ports);
  return { lake, counts };
}

function onlyKey(lake: FakeLake, prefix: string): string {
  const keys = [...lake.objects.keys()].filter((key) => key.startsWith(prefix));
  expect(keys).toHaveLength(1);
  return keys[0]!;
}

describe('archive of trades', () => {
  it('keeps each trade as a row with its identity, both times, its day in New York and where it came from', async () => {
    const late = Date.UTC(2026, 2, 5, 3, 0, 0);
    const { lake, counts } = await archived('trades', [
      record(1, 'IBM', trades(7, [GOOD_TRADE, { p: 186.6, t: late, v: 0 }])),
      record(2, 'IBM', trades(9, [{ p: 186.7, t: ARRIVAL, v: 0.5, c: [] }])),
    ]);
    const key = `raw/trades/dt=2026-03-05/hr=10/${LANE}-${position(1)}-${position(2)}.parquet`;
    expect([...lake.objects.keys()]).toEqual([key]);
    const common = { ingest_ms: BigInt(ARRIVAL), ingest_time: new Date(ARRIVAL), symbol: 'IBM', lane: LANE, object: key };
    expect(await rowsOf(lake, key)).toEqual([
      {
        ...common,
        event_id: 's1.IBM.000000000007',
        event_ms: BigInt(GOOD_TRADE.t),
        event_time: new Date(GOOD_TRADE.t),
        event_day: '2026-03-05',
        price: 186.5,
        size: 100,
        conditions: '1,24',
        quality: 'OK',
        position: position(1),
      },
      {
        ...common,
        event_id: 's1.IBM.000000000008',
        event_ms: BigInt(late),
        event_time: new Date(late),
        event_day: '2026-03-04',
        price: 186.6,
        size: 0,
        conditions: null,
        quality: 'PRICE_UPDATE',
        position: position(1),
      },
      {
        ...common,
        event_id: 's1.IBM.000000000009',
        event_ms: BigInt(ARRIVAL),
        event_time: new Date(ARRIVAL),
        event_day: '2026-03-05',
        price: 186.7,
        size: 0.5,
        conditions: '',
        quality: 'OK',
        position: position(2),
      },
    ]);
    expect(lake.index).toEqual([
      {
        stream: 'trades',
        key,
        rows: 3,
        quarantined: 0,
        eventDays: { '2026-03-05': 2, '2026-03-04': 1 },
        firstPosition: position(1),
        lastPosition: position(2),
        lastArrivalMs: ARRIVAL,
      },
    ]);
    expect(counts).toMatchObject({ stream: 'trades', records: 2, rows: 3, refusals: 0, timers: 0, objects: 1 });
  });

  it('gives one object a lane and arrival hour, named by the positions that are in it', async () => {
    const { lake } = await archived('trades', [
      record(1, 'IBM', trades(0, [GOOD_TRADE])),
      record(2, 'IBM', trades(1, [GOOD_TRADE]), { arrivalMs: ARRIVAL + 1 }),
      record(3, 'IBM', trades(2, [GOOD_TRADE]), { arrivalMs: ARRIVAL + 2 }),
      record(4, 'AIG', trades(0, [GOOD_TRADE], 'AIG'), { lane: 'shardId-000000000000' }),
    ]);
    expect([...lake.objects.keys()]).toEqual([
      `raw/trades/dt=2026-03-05/hr=10/${LANE}-${position(1)}-${position(1)}.parquet`,
      `raw/trades/dt=2026-03-05/hr=11/${LANE}-${position(2)}-${position(3)}.parquet`,
      `raw/trades/dt=2026-03-05/hr=10/shardId-000000000000-${position(4)}-${position(4)}.parquet`,
    ]);
    expect(lake.index.map(({ lastArrivalMs }) => lastArrivalMs)).toEqual([ARRIVAL, ARRIVAL + 2, ARRIVAL]);
    expect(lake.reached).toEqual([
      { lane: LANE, position: position(3), arrivalMs: ARRIVAL + 2 },
      { lane: 'shardId-000000000000', position: position(4), arrivalMs: ARRIVAL },
    ]);
  });

  it('orders positions by their number, not by their text', async () => {
    const { lake } = await archived('trades', [
      record(0, 'IBM', trades(0, [GOOD_TRADE]), { position: '9' }),
      record(0, 'IBM', trades(1, [GOOD_TRADE]), { position: '10' }),
    ]);
    expect(onlyKey(lake, 'raw/')).toMatch(/-9-10\.parquet$/);
    expect(lake.reached.map(({ position }) => position)).toEqual(['10']);
  });

  it('splits a record that is good in part: rows for the good trades, the bytes for the bad ones', async () => {
    const source = record(5, 'IBM', trades(0, [GOOD_TRADE, { p: 'x', t: ARRIVAL, v: 1 }, { ...GOOD_TRADE, t: 0 }]));
    const { lake, counts } = await archived('trades', [source]);
    expect(counts).toMatchObject({ rows: 1, refusals: 2, timers: 0, objects: 2 });
    expect(await rowsOf(lake, onlyKey(lake, 'raw/'))).toHaveLength(1);
    const key = onlyKey(lake, 'quarantine/');
    expect(key).toBe(`quarantine/trades/dt=2026-03-05/${LANE}-${position(5)}-${position(5)}.parquet`);
    const common = { name: 'IBM', partition_key: 'IBM', lane: LANE, position: position(5), ingest_ms: BigInt(ARRIVAL), object: key };
    expect(await rowsOf(lake, key)).toEqual([
      { ...common, raw: new Uint8Array(source.bytes), reason: 'BAD_FIELD', detail: expect.stringContaining('trade 1') },
      { ...common, raw: null, reason: 'CLOCK_EPOCH', detail: expect.stringContaining('before 2001') },
    ]);
    expect(lake.index.find((row) => row.key === key)).toMatchObject({ rows: 0, quarantined: 2, eventDays: {} });
  });

  it('survives a record with tens of thousands of refused trades', async () => {
    const source = record(1, 'IBM', trades(0, Array(80_000).fill({})));
    const { lake, counts } = await archived('trades', [source]);
    expect(counts).toMatchObject({ rows: 0, refusals: 80_000 });
    const rows = await rowsOf(lake, onlyKey(lake, 'quarantine/'));
    expect(rows.filter((row) => row['raw'] !== null)).toHaveLength(1);
  });
});

describe('archive of readings', () => {
  const settings: Settings = { ...DEFAULT_SETTINGS, sensors: [{ match: 'tokyo*', profile: 'dht22', zone: 'Asia/Tokyo' }] };

  it('keeps every reading with its verdict, its day in the sensor’s zone, and missing values as null', async () => {
    const at = Date.UTC(2026, 2, 4, 15, 0, 0);
    const { lake } = await archived(
      'readings',
      [
        record(1, 'tokyo-1', reading('tokyo-1', { timestamp: at, temperature: 21.5, humidity: 40.25, seq: 3, boot: 'b1' })),
        record(2, 'tokyo-1', reading('tokyo-1', { timestamp: at - 1, temperature: 'nan', humidity: null, sensor_id: 'roof' })),
        record(3, 'dev-2', reading('dev-2', { timestamp: at, temperature: 10.5, humidity: 3303.1 })),
        record(4, 'dev-2', reading('dev-2', { timestamp: at, temperature: 10.5 })),
      ],
      settings,
    );
    const rows = await rowsOf(lake, onlyKey(lake, 'raw/readings/dt=2026-03-05/hr=10/'));
    const picked = rows.map((row) =>
      ['sensor_id', 'event_day', 'temperature_c', 'humidity_pct', 'quality', 'boot', 'seq'].map((name) => row[name]),
    );
    expect(picked).toEqual([
      ['tokyo-1', '2026-03-05', 21.5, 40.25, 'OK', 'b1', 3n],
      ['tokyo-1.roof', '2026-03-04', null, null, 'NAN', null, null],
      ['dev-2', '2026-03-04', 10.5, 3303.1, 'BIT_SHIFT', null, null],
      ['dev-2', '2026-03-04', 10.5, null, 'OK', null, null],
    ]);
    expect(rows[0]!['event_id']).toBe('tokyo-1.b1.000000000003');
    expect(lake.index[0]!.eventDays).toEqual({ '2026-03-05': 1, '2026-03-04': 3 });
  });

  it('keeps the exact bytes of whatever it refuses, with the reason, and goes on', async () => {
    const poison: [string, Uint8Array | string | object, string][] = [
      ['dev-1', '', 'EMPTY'],
      ['dev-1', '{"v":1,', 'BAD_JSON'],
      ['dev-1', new Uint8Array([0xff, 0xfe, 0x00]), 'BAD_UTF8'],
      ['dev-1', new Uint8Array(1024 * 1024).fill(0x20), 'TOO_LARGE'],
      ['dev-1', { v: 2, type: 'readings' }, 'UNKNOWN_VERSION'],
      ['dev-1', { v: 1, type: 'trades' }, 'UNKNOWN_TYPE'],
      ['dev-1', reading('dev 1', {}), 'BAD_NAME'],
      ['dev-1', reading('dev-2', { timestamp: ARRIVAL, temperature: 1 }), 'KEY_MISMATCH'],
      ['dev-1', reading('dev-1', { timestamp: 12, temperature: 1 }), 'CLOCK_EPOCH'],
      ['dev-1', reading('dev-1', { timestamp: Date.UTC(2100, 0, 1), temperature: 1 }), 'CLOCK_FUTURE'],
      ['not a name', 'x', 'BAD_JSON'],
    ];
    const records = poison.map(([key, body], index) => record(index, key, body));
    records.push(record(99, 'dev-1', reading('dev-1', { timestamp: ARRIVAL, temperature: 20 })));
    const { lake, counts } = await archived('readings', records);
    expect(counts).toMatchObject({ rows: 1, refusals: poison.length, timers: 0 });
    const rows = await rowsOf(lake, onlyKey(lake, 'quarantine/readings/dt=2026-03-05/'));
    expect(rows.map((row) => row['reason'])).toEqual(poison.map(([, , reason]) => reason));
    for (const [index, row] of rows.entries()) {
      expect(Buffer.from(row['raw'] as Uint8Array).equals(records[index]!.bytes)).toBe(true);
      expect(row['position']).toBe(records[index]!.position);
    }
    expect(rows.at(-1)).toMatchObject({ name: '(unattributed)', partition_key: 'not a name' });
  });

  it('counts timers and keeps none of them, but is done with them', async () => {
    const timer = record(1, 'dev-1', { v: 1, type: 'timer', key: 'dev-1.roof', due: ARRIVAL });
    const { lake, counts } = await archived('readings', [timer]);
    expect(counts).toEqual({ stream: 'readings', records: 1, rows: 0, refusals: 0, timers: 1, objects: 0, bytes: 0 });
    expect(lake.objects.size + lake.index.length).toBe(0);
    expect(lake.reached).toEqual([{ lane: LANE, position: position(1), arrivalMs: ARRIVAL }]);
  });

  it('keeps no gap mark: it is no event', async () => {
    const gap = record(1, 'IBM', { v: 1, type: 'gap', session: 's', symbol: 'IBM', from: ARRIVAL - 1000, to: ARRIVAL });
    const { lake, counts } = await archived('trades', [gap]);
    expect(counts).toEqual({ stream: 'trades', records: 1, rows: 0, refusals: 0, timers: 0, objects: 0, bytes: 0 });
    expect(lake.objects.size + lake.index.length).toBe(0);
  });

  it('accounts for every event of a batch: rows + refusals + timers', async () => {
    const list = { readings: [{ timestamp: ARRIVAL, temperature: 20 }, 5, { timestamp: ARRIVAL, temperature: null }] };
    const records = [
      record(1, 'dev-1', reading('dev-1', list)),
      record(2, 'dev-1', '?'),
      record(3, 'dev-1', { v: 1, type: 'timer', key: 'dev-1', due: ARRIVAL }),
    ];
    const { lake, counts } = await archived('readings', records);
    expect(counts.rows + counts.refusals + counts.timers).toBe(3 + 1 + 1);
    const kept = await Promise.all([...lake.objects.keys()].map((key) => rowsOf(lake, key)));
    expect(kept.flat()).toHaveLength(counts.rows + counts.refusals);
  });
});

describe('archive objects', () => {
  /** What a query may skip an object by: from where to where a column's values lie. */
  function bounds(lake: FakeLake, key: string): Map<string | undefined, unknown[]> {
    const [group] = parquetMetadata(lake.objects.get(key)!.slice().buffer).row_groups;
    return new Map(
      group!.columns.map(({ meta_data: about }) => [
        about?.path_in_schema[0],
        [about?.statistics?.min_value, about?.statistics?.max_value],
      ]),
    );
  }

  it('say from where to where times, names, measurements and verdicts lie, so that queries skip them', async () => {
    const at = (number: number, device: string, temperature: number) =>
      record(number, device, reading(device, { timestamp: ARRIVAL - number, temperature, humidity: 50 }));
    const { lake } = await archived('readings', [at(1, 'b', 20), at(2, 'a', 90), at(3, 'c', 25)]);
    const found = bounds(lake, onlyKey(lake, 'raw/'));
    expect(Object.fromEntries(found)).toMatchObject({
      event_ms: [BigInt(ARRIVAL - 3), BigInt(ARRIVAL - 1)],
      event_time: [new Date(ARRIVAL - 3), new Date(ARRIVAL - 1)],
      ingest_ms: [BigInt(ARRIVAL), BigInt(ARRIVAL)],
      event_day: ['2026-03-05', '2026-03-05'],
      sensor_id: ['a', 'c'],
      temperature_c: [20, 90],
      quality: ['OK', 'RANGE'],
    });
    const { lake: other } = await archived('trades', [
      record(1, 'IBM', trades(0, [GOOD_TRADE])),
      record(2, 'AIG', trades(0, [GOOD_TRADE], 'AIG')),
    ]);
    expect(Object.fromEntries(bounds(other, onlyKey(other, 'raw/')))).toMatchObject({
      event_ms: [BigInt(GOOD_TRADE.t), BigInt(GOOD_TRADE.t)],
      symbol: ['AIG', 'IBM'],
      price: [186.5, 186.5],
    });
  });
});

describe('archive delivery', () => {
  const batch = [record(1, 'IBM', trades(0, [GOOD_TRADE])), record(2, 'IBM', '?')];

  it('writes every object before it indexes any', async () => {
    const { lake } = await archived('trades', batch);
    expect(lake.calls.map((call) => call.split(' ')[0])).toEqual(['object', 'object', 'index']);
  });

  it('fails as a whole when the bucket does not take an object, and indexes nothing', async () => {
    const lake = fakeLake({ failObject: (key) => key.startsWith('quarantine/') });
    await expect(archiveBatch('trades', batch, DEFAULT_SETTINGS, lake.ports)).rejects.toThrow('no object');
    expect(lake.index).toEqual([]);
  });

  it('fails as a whole when the index does not take a row', async () => {
    const lake = fakeLake({ failIndex: (row) => row.quarantined > 0 });
    await expect(archiveBatch('trades', batch, DEFAULT_SETTINGS, lake.ports)).rejects.toThrow('no row');
  });

  it('writes the same objects and rows when a batch comes again', async () => {
    const first = await archived('trades', batch);
    const again = await archived('trades', batch);
    expect([...again.lake.objects.keys()]).toEqual([...first.lake.objects.keys()]);
    for (const [key, bytes] of first.lake.objects) expect(Buffer.from(bytes).equals(again.lake.objects.get(key)!)).toBe(true);
    expect(again.lake.index).toEqual(first.lake.index);
  });
});
