import { beforeEach, describe, expect, it } from 'vitest';
import { decodeRecord } from '#domain/decode.ts';
import { type Delivery, dueMs, foldDelivery, Outputs } from '#domain/fold.ts';
import { newKeyState, type ReadingWindow, type SensorState, type SymbolState } from '#domain/key-state.ts';
import type { Output } from '#domain/outputs.ts';
import { DEFAULT_SETTINGS, type SourceName } from '#domain/settings.ts';
import { ARRIVAL_MS, positionOf, readingsRecord, recordOf, tradesRecord } from '../../support/records.ts';

const MINUTE = 60_000;
/** 12:00 sharp, a start of windows of both lengths. */
const NOON = ARRIVAL_MS - 6 * 60 * MINUTE;

let position: number;
beforeEach(() => {
  position = 0;
});

function deliver(source: SourceName, record: Parameters<typeof decodeRecord>[1]): Delivery {
  const { lane, arrivalMs } = record;
  return { lane, position: positionOf(++position), arrivalMs, ...decodeRecord(source, record, DEFAULT_SETTINGS) };
}

function fold(state: SensorState | SymbolState, delivery: Delivery): Output[] {
  const outputs = new Outputs();
  expect(foldDelivery(state, delivery, DEFAULT_SETTINGS, outputs, 1000)).toBe(true);
  return structuredClone(outputs.list());
}

function sensor() {
  const state = newKeyState('readings', 'd') as SensorState;
  let seq = 0;
  const read = (eventMs: number, temperature: unknown, extra: object = {}, arrivalMs = ARRIVAL_MS) =>
    fold(
      state,
      deliver(
        'readings',
        readingsRecord('d', { timestamp: eventMs, temperature, humidity: 50, boot: 'b', seq: seq++, ...extra }, { arrivalMs }),
      ),
    );
  const timer = (arrivalMs: number) =>
    fold(state, deliver('readings', recordOf('d', { v: 1, type: 'timer', key: 'd', due: 0 }, { arrivalMs })));
  return { state, read, timer };
}

const windowsOf = (outputs: Output[]) =>
  outputs.flatMap((output) =>
    output.type === 'window'
      ? [[(output.window.startMs - NOON) / MINUTE, output.window.revision, (output.window as ReadingWindow).temperatureC.count]]
      : [],
  );
const alarmsOf = (outputs: Output[]) =>
  outputs.flatMap((output) => (output.type === 'alarm' ? [[output.rule, output.previousSeverity, output.alarm.severity]] : []));

describe('windows of a sensor', () => {
  it('close exactly when the newest event time reaches end + grace (30 s)', () => {
    const { read } = sensor();
    expect(windowsOf(read(NOON, 20))).toEqual([]);
    expect(windowsOf(read(NOON + 5 * MINUTE - 1, 20))).toEqual([]);
    expect(windowsOf(read(NOON + 5 * MINUTE + 29_999, 20))).toEqual([]);
    expect(windowsOf(read(NOON + 5 * MINUTE + 30_000, 20))).toEqual([[0, 1, 2]]);
  });

  it('take an event exactly `lateness` (1 h) old as a revision, and one older by 1 ms as late', () => {
    const { state, read } = sensor();
    const at = NOON + 60 * MINUTE + 90_000;
    read(NOON + 90_000, 20);
    expect(windowsOf(read(at, 20))).toEqual([[0, 1, 1]]);
    expect(windowsOf(read(at - 60 * MINUTE, 21))).toEqual([[0, 2, 2]]);
    expect(windowsOf(read(at - 60 * MINUTE - 1, 22))).toEqual([]);
    expect(state.counters).toMatchObject({ received: 4, applied: 3, late: { LATENESS: 1 } });
    expect(state.lateByDay).toEqual({ '2026-06-01': { LATENESS: 1 } });
  });

  it('are forgotten when no event can reach them any more, and not before', () => {
    const { state, read } = sensor();
    read(NOON, 20);
    read(NOON + 65 * MINUTE - 1, 20);
    expect(state.windows.map(({ startMs }) => startMs)).toContain(NOON);
    read(NOON + 65 * MINUTE, 20);
    expect(state.windows.map(({ startMs }) => startMs)).not.toContain(NOON);
  });

  it('a first event of a window that should be closed already is issued at once', () => {
    const { read } = sensor();
    read(NOON + 20 * MINUTE, 20);
    expect(windowsOf(read(NOON, 20))).toEqual([[0, 1, 1]]);
  });

  it('close by a timer when the lane went on for `idle` (10 min) without the key, and not before', () => {
    const { state, read, timer } = sensor();
    read(NOON, 20, {}, ARRIVAL_MS);
    expect(dueMs(state, DEFAULT_SETTINGS)).toBe(ARRIVAL_MS + 10 * MINUTE);
    expect(windowsOf(timer(ARRIVAL_MS + 10 * MINUTE - 1))).toEqual([]);
    expect(windowsOf(timer(ARRIVAL_MS + 10 * MINUTE))).toEqual([[0, 1, 1]]);
    expect(dueMs(state, DEFAULT_SETTINGS)).toBeNull();
    expect(windowsOf(read(NOON + 1, 21))).toEqual([[0, 2, 2]]);
  });
});

describe('alarms of a sensor', () => {
  it('follow arrival, are not moved by a reading older than the newest, nor by an untrusted one', () => {
    const { read } = sensor();
    expect(alarmsOf(read(NOON + 1000, 36))).toEqual([['temperature-instant', 'NORMAL', 'CRITICAL']]);
    expect(alarmsOf(read(NOON + 999, 20))).toEqual([]);
    expect(alarmsOf(read(NOON + 2000, 18, { humidity: 3303 }))).toEqual([]);
    expect(alarmsOf(read(NOON + 3000, null))).toEqual([]);
    expect(alarmsOf(read(NOON + 3000, 20))).toEqual([['temperature-instant', 'CRITICAL', 'NORMAL']]);
  });

  it('on averages look at each closed window, a revision of the newest one included, an older one not', () => {
    const { read } = sensor();
    read(NOON, 29);
    expect(alarmsOf(read(NOON + 6 * MINUTE, 29))).toEqual([]);
    expect(alarmsOf(read(NOON + 4 * MINUTE, 29.9))).toEqual([]);
    expect(alarmsOf(read(NOON + 11 * MINUTE, 20))).toEqual([]);
    // The newest closed window is now [12:05, 12:10): its mean rises to 30.5.
    expect(alarmsOf(read(NOON + 7 * MINUTE, 32))).toEqual([['temperature-average', 'NORMAL', 'HIGH']]);
    expect(alarmsOf(read(NOON + 3 * MINUTE, 79))).toEqual([]);
  });
});

describe('what was seen before', () => {
  it('is a re-delivery at or below the position reached, and changes nothing', () => {
    const { state } = sensor();
    const delivery = deliver('readings', readingsRecord('d', { timestamp: NOON, temperature: 20, boot: 'b', seq: 0 }));
    fold(state, delivery);
    const before = structuredClone(state);
    expect(fold(state, delivery)).toEqual([]);
    expect(state).toEqual(before);
  });

  it('is a duplicate under a new position, numbered or not, and only counted', () => {
    const { state, read } = sensor();
    read(NOON, 20, { seq: 5 });
    read(NOON, 20, { seq: 5 });
    read(NOON, 20, { boot: undefined });
    read(NOON, 20, { boot: undefined });
    expect(state.counters).toMatchObject({ received: 4, applied: 2, duplicate: 2 });
    expect(state.windows[0]!.temperatureC.count).toBe(2);
  });

  it('a late event that comes again is a duplicate, not late twice', () => {
    const { state, read } = sensor();
    read(NOON + 120 * MINUTE, 20, { seq: 0 });
    read(NOON, 20, { seq: 1 });
    read(NOON, 20, { seq: 1 });
    expect(state.counters).toMatchObject({ received: 3, applied: 1, duplicate: 1, late: { LATENESS: 1 } });
  });

  it('of late events only the newest 32 days are kept by day', () => {
    const { state, read } = sensor();
    read(NOON, 20);
    for (let day = 1; day <= 40; day++) read(NOON - day * 24 * 60 * MINUTE, 20);
    const days = Object.keys(state.lateByDay).sort();
    expect([days.length, days[0], days.at(-1)]).toEqual([32, '2026-04-30', '2026-05-31']);
    expect(state.counters.late).toEqual({ LATENESS: 40 });
  });

  it('is not guessed at: numbers of a given-up gap and of a session pushed out are late with their reason', () => {
    const { state, read } = sensor();
    for (let seq = 0; seq <= 64; seq += 2) read(NOON, 20, { seq });
    read(NOON, 20, { seq: 1 });
    for (const boot of ['c', 'd', 'e', 'f']) read(NOON, 20, { boot });
    read(NOON, 20, { boot: 'b', seq: 999 });
    expect(state.counters.late).toEqual({ GAP_GIVEN_UP: 1, SESSION_RETIRED: 1 });
  });
});

describe('trades', () => {
  const trade = (t: number, p: number, v: number) => ({ t, p, v });

  it('make bars whose open and close go by (event time, event id), whatever the order of arrival', () => {
    const state = newKeyState('trades', 'IBM') as SymbolState;
    fold(
      state,
      deliver(
        'trades',
        tradesRecord('IBM', [trade(NOON + 2000, 3, 1), trade(NOON + 1000, 1, 2), trade(NOON + 1000, 2, 4), trade(NOON + 2000, 5, 8)]),
      ),
    );
    expect(state.windows[0]).toMatchObject({
      tradeCount: 4,
      high: 5,
      low: 1,
      open: { price: 1 },
      close: { price: 5 },
      volume: { sum: 15 },
      notional: { sum: 3 + 2 + 8 + 40 },
    });
  });

  it('of size 0 move `latest` and nothing else', () => {
    const state = newKeyState('trades', 'IBM') as SymbolState;
    fold(state, deliver('trades', tradesRecord('IBM', [trade(NOON, 10, 1)])));
    const before = structuredClone(state);
    expect(fold(state, deliver('trades', tradesRecord('IBM', [trade(NOON + 30 * MINUTE, 99, 0)], { n: 1 })))).toEqual([]);
    expect(state.latest).toMatchObject({ price: 99 });
    expect(state.counters).toMatchObject({ received: 2, applied: 2, quality: { OK: 1, PRICE_UPDATE: 1 } });
    expect([state.windows, state.recent, state.maxEventMs]).toEqual([before.windows, before.recent, before.maxEventMs]);
  });

  it('that need more outputs than a commit holds are folded in parts, and go on after a crash where the last part ended', () => {
    const whole = newKeyState('trades', 'IBM') as SymbolState;
    const delivery = deliver(
      'trades',
      tradesRecord(
        'IBM',
        Array.from({ length: 50 }, (_, minute) => trade(NOON + minute * MINUTE, minute, 1)),
      ),
    );
    const expected = fold(whole, delivery);
    let parts = newKeyState('trades', 'IBM') as SymbolState;
    const got: Output[] = [];
    for (let done = false; !done; ) {
      const outputs = new Outputs();
      done = foldDelivery(parts, delivery, DEFAULT_SETTINGS, outputs, 10);
      got.push(...structuredClone(outputs.list()));
      parts = JSON.parse(JSON.stringify(parts));
    }
    expect(parts).toEqual(whole);
    expect(got).toEqual(expected);
    expect(expected.length).toBeGreaterThan(10);
  });
});

describe('readings that name a device id in their payload', () => {
  it('count under the device that published them, and are counted apart', () => {
    const { state, read } = sensor();
    read(NOON, 20, { device_id: 'somebody-else' });
    read(NOON, 21);
    expect(state.counters).toMatchObject({ applied: 2, claimedDeviceId: 1 });
  });
});

describe('refusals', () => {
  it('are counted by reason, so that received = applied + duplicate + late + quarantined', () => {
    const { state, read } = sensor();
    read(NOON, 20);
    read(NOON, 'warm');
    read(5, 20);
    expect(state.counters).toMatchObject({ received: 3, applied: 1, quarantined: { BAD_FIELD: 1, CLOCK_EPOCH: 1 } });
  });
});
