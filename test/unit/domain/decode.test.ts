import { describe, expect, it } from 'vitest';
import { decodeRecord } from '#domain/decode.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { ARRIVAL_MS, readingsRecord, recordOf, tradesRecord } from '../../support/records.ts';

const trades = (record: Parameters<typeof decodeRecord>[1]) => decodeRecord('trades', record, DEFAULT_SETTINGS);
const readings = (record: Parameters<typeof decodeRecord>[1]) => decodeRecord('readings', record, DEFAULT_SETTINGS);
const reading = (fields: object) => ({ timestamp: ARRIVAL_MS, temperature: 21.5, humidity: 40, seq: 7, boot: 'b1', ...fields });
const reasons = ({ refusals }: ReturnType<typeof decodeRecord>) => refusals.map(({ reason }) => reason);

describe('decoding trades', () => {
  it('numbers the trades of a record from n on, and reads every form of the condition codes', () => {
    const t = ARRIVAL_MS - 5;
    const { events, refusals } = trades(
      tradesRecord(
        'BINANCE:BTCUSDT',
        [
          { p: 1.5, t, v: 0.25, c: ['1', '8'] },
          { p: 2, t, v: 0, c: null },
          { p: 3, t, v: 1 },
          { p: 4, t, v: 1, c: [] },
        ],
        { n: 41, session: 'S-9' },
      ),
    );
    expect(refusals).toEqual([]);
    expect(
      events.map((event) => event.type === 'trade' && [event.eventId, event.number, event.price, event.size, event.conditions]),
    ).toEqual([
      ['S-9.BINANCE:BTCUSDT.000000000041', 41, 1.5, 0.25, ['1', '8']],
      ['S-9.BINANCE:BTCUSDT.000000000042', 42, 2, 0, null],
      ['S-9.BINANCE:BTCUSDT.000000000043', 43, 3, 1, null],
      ['S-9.BINANCE:BTCUSDT.000000000044', 44, 4, 1, []],
    ]);
  });

  it('keeps the good trades of a record whose others are refused, each with its reason', () => {
    const t = ARRIVAL_MS;
    const decoded = trades(
      tradesRecord('IBM', [
        { p: 1, t, v: 1 },
        { p: '1', t, v: 1 },
        { p: 1, t, v: -1 },
        { p: 1, t: 1.5, v: 1 },
        { p: 1, t, v: 1, c: [1] },
        7,
        { p: 1, t: t + 300_001, v: 1 },
        { p: 2, t, v: 2 },
      ]),
    );
    expect(decoded.events.map((event) => event.type === 'trade' && event.number)).toEqual([0, 7]);
    expect(reasons(decoded)).toEqual(['BAD_FIELD', 'BAD_FIELD', 'BAD_FIELD', 'BAD_FIELD', 'BAD_FIELD', 'CLOCK_FUTURE']);
  });

  it.each([
    ['an empty record', '', 'EMPTY'],
    ['broken JSON', '{"v":1', 'BAD_JSON'],
    ['a bare NaN token', '{"v":1,"type":"trades","symbol":"IBM","session":"s","n":0,"trades":[{"p":NaN,"t":1,"v":1}]}', 'BAD_JSON'],
    ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe, 0x41]), 'BAD_UTF8'],
    ['one byte too many', ' '.repeat(256 * 1024 + 1), 'TOO_LARGE'],
    ['an array', [], 'BAD_FIELD'],
    ['null', 'null', 'BAD_FIELD'],
    ['an unknown version', { v: 2, type: 'trades' }, 'UNKNOWN_VERSION'],
    ['no version', { type: 'trades' }, 'UNKNOWN_VERSION'],
    ['an unknown type', { v: 1, type: 'quotes' }, 'UNKNOWN_TYPE'],
    ["the other stream's type", { v: 1, type: 'readings' }, 'UNKNOWN_TYPE'],
    ['a symbol with a blank', { v: 1, type: 'trades', symbol: 'I BM', session: 's', n: 0, trades: [1] }, 'BAD_NAME'],
    ["another key's symbol", { v: 1, type: 'trades', symbol: 'AIG', session: 's', n: 0, trades: [1] }, 'KEY_MISMATCH'],
    ['a session with a dot', { v: 1, type: 'trades', symbol: 'IBM', session: 'a.b', n: 0, trades: [1] }, 'BAD_FIELD'],
    ['a negative number', { v: 1, type: 'trades', symbol: 'IBM', session: 's', n: -1, trades: [1] }, 'BAD_FIELD'],
    ['a number beyond 12 digits', { v: 1, type: 'trades', symbol: 'IBM', session: 's', n: 1e12, trades: [1] }, 'BAD_FIELD'],
    ['no trades', { v: 1, type: 'trades', symbol: 'IBM', session: 's', n: 0, trades: [] }, 'BAD_FIELD'],
  ])('refuses %s as a whole, counted under its key', (_what, value, reason) => {
    const { events, refusals } = trades(recordOf('IBM', value));
    expect([events, refusals.map((refusal) => [refusal.name, refusal.reason])]).toEqual([[], [['IBM', reason]]]);
  });

  it('counts what has no valid name under one key of its own', () => {
    expect(trades(recordOf('bad key', '{')).refusals[0]!.name).toBe(UNATTRIBUTED);
    expect(readings(recordOf('x'.repeat(65), '{')).refusals[0]!.name).toBe(UNATTRIBUTED);
    expect(readings(recordOf('x'.repeat(64), '{')).refusals[0]!.name).toBe('x'.repeat(64));
  });
});

describe('decoding readings', () => {
  it('takes seconds below 1e11 and ms from there on', () => {
    const at = (timestamp: number) =>
      readings(readingsRecord('d', reading({ timestamp }))).events.map((event) => event.type === 'reading' && event.eventMs);
    expect(at(1_593_419_460.123)).toEqual([1_593_419_460_123]);
    expect(at(1_593_419_460_123)).toEqual([1_593_419_460_123]);
    expect(reasons(readings(readingsRecord('d', reading({ timestamp: 99_999_999_999 }))))).toEqual(['CLOCK_FUTURE']);
    expect(reasons(readings(readingsRecord('d', reading({ timestamp: 1e11 }))))).toEqual(['CLOCK_EPOCH']);
  });

  it('refuses impossible clocks, and takes those exactly on the bounds', () => {
    const at = (timestamp: number) => reasons(readings(readingsRecord('d', reading({ timestamp }))));
    expect(at(0)).toEqual(['CLOCK_EPOCH']);
    expect(at(Date.UTC(2000, 5, 1))).toEqual(['CLOCK_EPOCH']);
    expect(at(Date.UTC(2001, 0, 1) - 1)).toEqual(['CLOCK_EPOCH']);
    expect(at(Date.UTC(2001, 0, 1))).toEqual([]);
    expect(at(ARRIVAL_MS + 300_000)).toEqual([]);
    expect(at(ARRIVAL_MS + 300_001)).toEqual(['CLOCK_FUTURE']);
    expect(at(Date.UTC(2100, 0, 1))).toEqual(['CLOCK_FUTURE']);
  });

  it('reads a list of an offline device, several sensors of one device, and ignores a device id inside the payload', () => {
    const { events } = readings(
      readingsRecord('dev', { readings: [reading({ device_id: 'forged' }), reading({ sensor_id: 'roof', seq: 8 })] }),
    );
    expect(events.map((event) => event.type === 'reading' && [event.sensorId, event.eventId, event.claimsDeviceId])).toEqual([
      ['dev', 'dev.b1.000000000007', true],
      ['dev.roof', 'dev.roof.b1.000000000008', false],
    ]);
  });

  it('identifies a reading by boot and seq only when it has both, else by time and values', () => {
    const ids = [
      {},
      { boot: undefined },
      { seq: undefined },
      { boot: undefined, seq: undefined },
      { boot: undefined, temperature: 21.6 },
    ].map((fields) => {
      const event = readings(readingsRecord('d', reading(fields))).events[0]!;
      return event.type === 'reading' ? [event.numbered !== null, event.eventId] : [];
    });
    expect(ids[0]).toEqual([true, 'd.b1.000000000007']);
    expect(ids[1]![0]).toBe(false);
    expect(ids[1]).toEqual(ids[2]);
    expect(ids[1]).toEqual(ids[3]);
    expect(ids[4]![1]).not.toBe(ids[1]![1]);
  });

  it('reads null and "nan" as a reading without value, and a bare NaN as broken JSON', () => {
    const value = (text: string) => readings(readingsRecord('d', `{"timestamp":${ARRIVAL_MS},"temperature":${text},"humidity":${text}}`));
    for (const text of ['null', '"nan"', '"NaN"']) {
      const event = value(text).events[0]!;
      expect(event.type === 'reading' && [event.temperatureC, event.humidityPct]).toEqual([null, null]);
    }
    expect(reasons(value('NaN'))).toEqual(['BAD_JSON']);
  });

  it.each([
    ['no payload bytes', '', 'EMPTY'],
    ['more than 128 KiB', ' '.repeat(128 * 1024 + 1), 'TOO_LARGE'],
    ['text', 'hello', 'BAD_JSON'],
    ['a number', '21.5', 'BAD_FIELD'],
    ['an empty list', { readings: [] }, 'BAD_FIELD'],
    ['a list that is none', { readings: {} }, 'BAD_FIELD'],
    ['no timestamp', { temperature: 1 }, 'BAD_FIELD'],
    ['a timestamp as text', reading({ timestamp: '2026-01-01' }), 'BAD_FIELD'],
    ['no temperature', { timestamp: ARRIVAL_MS }, 'BAD_FIELD'],
    ['a temperature as text', reading({ temperature: '21.5' }), 'BAD_FIELD'],
    ['a temperature beyond doubles', `{"timestamp":${ARRIVAL_MS},"temperature":1e999}`, 'BAD_FIELD'],
    ['a humidity as object', reading({ humidity: {} }), 'BAD_FIELD'],
    ['a sensor name with a slash', reading({ sensor_id: 'a/b' }), 'BAD_NAME'],
    ['a sensor name of 65 characters', reading({ sensor_id: 'x'.repeat(65) }), 'BAD_NAME'],
    ['a negative seq', reading({ seq: -1 }), 'BAD_FIELD'],
    ['a boot with a blank', reading({ boot: 'a b' }), 'BAD_FIELD'],
  ])('refuses a payload of %s', (_what, payload, reason) => {
    expect(reasons(readings(readingsRecord('d', payload)))).toEqual([reason]);
  });

  it('refuses a record whose payload is no text', () => {
    const record = recordOf('d', { v: 1, type: 'readings', device_id: 'd', payload: { temperature: 20 } });
    expect(reasons(readings(record))).toEqual(['BAD_FIELD']);
  });

  it('refuses a record whose device is not its partition key', () => {
    expect(reasons(readings({ ...readingsRecord('a', reading({})), key: 'b' }))).toEqual(['KEY_MISMATCH']);
  });
});

describe('decoding timers', () => {
  it('takes a timer of a sensor under the key of its device, and refuses any other', () => {
    const timer = (record: string, key: unknown, due: unknown = 5) => readings(recordOf(record, { v: 1, type: 'timer', key, due }));
    expect(timer('dev', 'dev.roof').events).toEqual([{ type: 'timer', name: 'dev.roof', dueMs: 5 }]);
    expect(reasons(timer('dev', 'other'))).toEqual(['KEY_MISMATCH']);
    expect(reasons(timer('dev', 'a b'))).toEqual(['BAD_NAME']);
    expect(reasons(timer('dev', 'dev', 'soon'))).toEqual(['BAD_FIELD']);
    expect(trades(recordOf('IBM', { v: 1, type: 'timer', key: 'IBM', due: 1 })).events).toHaveLength(1);
  });
});

describe('decoding gap marks', () => {
  const gap = (changes: object) =>
    trades(recordOf('IBM', { v: 1, type: 'gap', session: 's', symbol: 'IBM', from: 1000, to: 2000, ...changes }));

  it('makes neither an event nor a refusal of one', () => {
    for (const good of [{}, { from: null }, { to: null }]) expect(gap(good)).toEqual({ events: [], refusals: [] });
  });

  it('refuses one that is malformed, under another key, or of a sensor', () => {
    expect(reasons(gap({ symbol: 'a b' }))).toEqual(['BAD_NAME']);
    expect(reasons(gap({ symbol: 'AIG' }))).toEqual(['KEY_MISMATCH']);
    for (const wrong of [{ from: 2000 }, { to: '2000' }, { from: -1 }, { from: null, to: null }, { from: null, to: -1 }])
      expect(reasons(gap(wrong))).toEqual(['BAD_FIELD']);
    expect(reasons(readings(recordOf('dev', { v: 1, type: 'gap', symbol: 'dev', from: 1, to: 2 })))).toEqual(['UNKNOWN_TYPE']);
  });
});
