import { describe, expect, it } from 'vitest';
import { changeSinceOpen, compareAlarms, compareMovers, compareNames, compareSensors, SteadyOrder } from '../../../web/order.js';

const SENSOR = { event_time: null, ingest_time: null, temperature_c: 20, humidity_pct: 50, quality: 'OK', severity: 'NORMAL' };

interface Row {
  readonly name: string;
  readonly rank: number;
}

function steady() {
  return new SteadyOrder<Row>(
    ({ name }) => name,
    (a, b) => a.rank - b.rank,
  );
}

function rows(ranks: Readonly<Record<string, number>>): Row[] {
  return Object.entries(ranks).map(([name, rank]) => ({ name, rank }));
}

const namesOf = (arranged: readonly Row[]) => arranged.map(({ name }) => name).join('');

describe('what stands first', () => {
  it('is the worst sensor, then the untrusted, then by name with numbers as numbers', () => {
    const sensors = [
      { ...SENSOR, sensor_id: 's-10' },
      { ...SENSOR, sensor_id: 's-9' },
      { ...SENSOR, sensor_id: 's-8', quality: 'NAN' },
      { ...SENSOR, sensor_id: 's-7', severity: 'HIGH' },
      { ...SENSOR, sensor_id: 's-6', severity: 'SOMETHING_NEW' },
      { ...SENSOR, sensor_id: 's-5', severity: 'CRITICAL' },
      { ...SENSOR, sensor_id: 's-4', severity: 'CRITICAL', quality: 'RANGE' },
    ];
    const order = sensors.sort(compareSensors).map(({ sensor_id }) => sensor_id);
    expect(order).toEqual(['s-4', 's-5', 's-6', 's-7', 's-8', 's-9', 's-10']);
  });

  it('is the worst alarm, then the newest', () => {
    const alarm = (alarm_id: string, severity: string, since: string) => ({
      alarm_id,
      severity,
      since,
      sensor_id: '',
      rule: '',
      state: 'ACTIVE',
      event_time: since,
      value: 0,
      threshold: 0,
      revision: 1,
    });
    const alarms = [alarm('a', 'HIGH', '2026-01-03'), alarm('b', 'CRITICAL', '2026-01-01'), alarm('c', 'CRITICAL', '2026-01-02')];
    expect(alarms.sort(compareAlarms).map(({ alarm_id }) => alarm_id)).toEqual(['c', 'b', 'a']);
  });

  it('is the symbol that moved most since its open, up or down, then by name', () => {
    const symbol = (name: string, price: number | null, open: number | null) => ({
      symbol: name,
      event_time: null,
      ingest_time: null,
      price,
      absolute_price_change: null,
      percentage_change: null,
      day: open === null ? null : { open_price: open },
    });
    const symbols = [symbol('B', 1, null), symbol('UP', 103, 100), symbol('A', null, 100), symbol('DOWN', 95, 100), symbol('FREE', 5, 0)];
    expect(symbols.map(changeSinceOpen)).toEqual([null, 3, null, -5, null]);
    expect(symbols.sort(compareMovers).map(({ symbol: name }) => name)).toEqual(['DOWN', 'UP', 'A', 'B', 'FREE']);
  });

  it('never takes two different names for the same', () => {
    expect(compareNames('s-1', 's-01')).not.toBe(0);
    expect(compareNames('s-1', 's-1')).toBe(0);
  });
});

describe('a steady order', () => {
  it('sorts the first picture', () => {
    expect(namesOf(steady().arrange(rows({ a: 3, b: 1, c: 2 }), 0))).toBe('bca');
  });

  it('keeps rows in place for 5 s, with their new values', () => {
    const order = steady();
    order.arrange(rows({ a: 1, b: 2 }), 0);
    const kept = order.arrange(rows({ a: 9, b: 2 }), 4999);
    expect(kept).toEqual([
      { name: 'a', rank: 9 },
      { name: 'b', rank: 2 },
    ]);
    expect(namesOf(order.arrange(rows({ a: 9, b: 2 }), 5000))).toBe('ba');
  });

  it('sorts at once when rows come or go', () => {
    const order = steady();
    order.arrange(rows({ b: 2, c: 3 }), 0);
    expect(namesOf(order.arrange(rows({ b: 2, c: 3, a: 1 }), 1000))).toBe('abc');
    expect(namesOf(order.arrange(rows({ b: 5, c: 3 }), 2000))).toBe('cb');
  });

  it('moves nothing while somebody points at it: what is new stands at the end, what is gone is gone', () => {
    const order = steady();
    order.arrange(rows({ b: 2, c: 3 }), 0);
    order.touch(9000);
    expect(namesOf(order.arrange(rows({ a: 1, c: 3, b: 4 }), 10_999))).toBe('bca');
    expect(namesOf(order.arrange(rows({ a: 1, c: 3 }), 10_999))).toBe('ca');
    expect(namesOf(order.arrange(rows({ a: 1, c: 3 }), 11_000))).toBe('ac');
  });

  it('is not held for ever', () => {
    const order = steady();
    order.arrange(rows({ a: 1, b: 2 }), 0);
    for (let nowMs = 1000; nowMs < 20_000; nowMs += 1000) {
      order.touch(nowMs);
      expect(namesOf(order.arrange(rows({ a: 9, b: 2 }), nowMs))).toBe('ab');
    }
    order.touch(20_000);
    expect(namesOf(order.arrange(rows({ a: 9, b: 2 }), 20_000))).toBe('ba');
  });
});
