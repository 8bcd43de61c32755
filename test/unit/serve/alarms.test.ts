/** Routes about alarms, alerts, rules and the pipeline. */
import { describe, expect, it } from 'vitest';
import type { Severity } from '#domain/key-state.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { type Ask, alarmRow, askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const RANKS: Record<Severity, number> = { CRITICAL: 2, HIGH: 1, NORMAL: 0 };

async function pagesOf(ask: Ask, path: string, field: string): Promise<unknown[][]> {
  const pages: unknown[][] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { status, body } = await ask(`${path}${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    pages.push((body.data as Record<string, unknown>[]).map((row) => row[field]));
    cursor = body.next_cursor;
  }
  return pages;
}

describe('alarms', () => {
  const list: [string, Severity, string][] = [
    ['b', 'CRITICAL', '2026-06-01T11:00:00.000Z'],
    ['a', 'CRITICAL', '2026-06-01T10:00:00.000Z'],
    ['e', 'HIGH', '2026-06-01T11:30:00.000Z'],
    ['c', 'HIGH', '2026-06-01T09:00:00.000Z'],
    ['f', 'NORMAL', '2026-06-01T11:45:00.000Z'],
    ['d', 'NORMAL', '2026-06-01T08:00:00.000Z'],
  ];
  const speed = new MemorySpeed(NOW);
  for (const [sensor, severity, time] of list) {
    const row = alarmRow(sensor, severity, time);
    speed.alarms.push({ rank: `${RANKS[severity]}#${time}`, alarmId: row.alarm_id, row });
  }
  const ask = askerOf(speed.serving);

  it('are listed worst first, then newest, whatever their state', async () => {
    expect(await pagesOf(ask, '/v1/alarms?limit=100', 'sensor_id')).toEqual([['b', 'a', 'e', 'c', 'f', 'd']]);
  });

  it.each([1, 2, 3, 4, 5])('are listed once each in pages of %i', async (limit) => {
    const pages = await pagesOf(ask, `/v1/alarms?limit=${limit}`, 'sensor_id');
    expect(pages.flat()).toEqual(['b', 'a', 'e', 'c', 'f', 'd']);
    expect(Math.max(...pages.map(({ length }) => length))).toBe(limit);
  });

  it('can be narrowed to a state and to a severity', async () => {
    expect(await pagesOf(ask, '/v1/alarms?state=NORMAL', 'sensor_id')).toEqual([['f', 'd']]);
    expect(await pagesOf(ask, '/v1/alarms?severity=HIGH&limit=1', 'sensor_id')).toEqual([['e'], ['c']]);
    expect(await pagesOf(ask, '/v1/alarms?state=NORMAL&severity=HIGH', 'sensor_id')).toEqual([[]]);
  });

  it('refuse a cursor of a listing with other filters', async () => {
    const { body } = await ask('/v1/alarms?severity=HIGH&limit=1');
    for (const query of ['severity=CRITICAL', 'state=ACTIVE&severity=HIGH', 'limit=1'])
      expect((await ask(`/v1/alarms?${query}&cursor=${body.next_cursor}`)).status).toBe(400);
  });

  it('are shown one by one', async () => {
    expect((await ask('/v1/alarms/c:temperature-instant')).body.data).toEqual(alarmRow('c', 'HIGH', '2026-06-01T09:00:00.000Z'));
    expect((await ask('/v1/alarms/c%3Atemperature-instant')).status).toBe(200);
  });
});

describe('the history of an alarm', () => {
  it('is newest first, page by page', async () => {
    const speed = new MemorySpeed(NOW);
    for (let revision = 5; revision >= 1; revision--)
      speed.history.push(alarmRow('a', 'HIGH', `2026-06-01T0${revision}:00:00.000Z`, revision));
    speed.alarms.push({ rank: '1#', alarmId: 'a:temperature-instant', row: speed.history[0]! });
    const pages = await pagesOf(askerOf(speed.serving), '/v1/alarms/a:temperature-instant/history?limit=2', 'revision');
    expect(pages).toEqual([[5, 4], [3, 2], [1]]);
  });
});

describe('alerts', () => {
  const times = [
    '2026-05-20T00:00:00.000Z',
    '2026-05-25T23:59:59.999Z',
    '2026-05-26T00:00:00.000Z',
    '2026-05-31T10:00:00.000Z',
    '2026-06-01T11:00:00.000Z',
  ];
  const speed = new MemorySpeed(NOW);
  speed.history.push(
    ...times.flatMap((time, index) => [alarmRow('a', 'HIGH', time, index + 1), alarmRow('b', 'CRITICAL', time, index + 1)]),
  );
  const ask = askerOf(speed.serving);

  it('are those of the last 7 days, newest first, when no range is named', async () => {
    expect(await pagesOf(ask, '/v1/alerts?limit=9', 'alert_id')).toEqual([
      [
        'b:temperature-instant#5',
        'a:temperature-instant#5',
        'b:temperature-instant#4',
        'a:temperature-instant#4',
        'b:temperature-instant#3',
        'a:temperature-instant#3',
      ],
    ]);
    const { body } = await ask('/v1/alerts?kind=instant&limit=1');
    expect(body.data).toEqual([{ kind: 'instant', alert_id: 'b:temperature-instant#5', ...alarmRow('b', 'CRITICAL', times[4]!, 5) }]);
  });

  it.each([1, 2, 3, 7])('come once each in pages of %i, over days without any', async (limit) => {
    const pages = await pagesOf(ask, `/v1/alerts?from=2026-01-01&to=2026-07-01&limit=${limit}`, 'alert_id');
    expect(pages.flat()).toEqual(
      [5, 4, 3, 2, 1].flatMap((revision) => [`b:temperature-instant#${revision}`, `a:temperature-instant#${revision}`]),
    );
  });

  it('have a half-open range', async () => {
    const revisions = async (query: string) => new Set((await pagesOf(ask, `/v1/alerts?${query}`, 'revision')).flat());
    expect(await revisions('from=2026-05-20&to=2026-05-26')).toEqual(new Set([2, 1]));
    expect(await revisions('from=2026-05-25T23:59:59.999Z&to=2026-05-26T00:00:00.001Z')).toEqual(new Set([3, 2]));
    expect(await revisions('from=2026-05-20T00:00:00.001Z&to=2026-05-25T23:59:59.999Z')).toEqual(new Set());
  });

  it('of closed windows are elsewhere, which is said', async () => {
    const { status, body } = await ask('/v1/alerts?kind=avg_temp');
    expect([status, body['parameter'], body['value'], body['allowed']]).toEqual([400, 'kind', 'avg_temp', 'instant']);
    expect(body['detail']).toContain('/v1/sensors/{sensor}/windows');
  });
});

describe('rules', () => {
  it('are shown with the thresholds of each profile', async () => {
    const { body } = await askerOf(new MemorySpeed(NOW).serving)('/v1/rules');
    expect(body.data).toMatchObject([
      { rule: 'temperature-instant', rule_version: 1, profiles: { dht22: { high_c: 30, critical_c: 35, hysteresis_c: 0.5 } } },
      { rule: 'temperature-average', rule_version: 1, profiles: { industrial: { high_c: 80, critical_c: 90, hysteresis_c: 1 } } },
    ]);
  });
});

const NO_BATCH = { boundary: null, published_days: 0, late_pending: 0, failed_days: [], drift: null };

describe('the pipeline', () => {
  function filled(): MemorySpeed {
    const speed = new MemorySpeed(NOW, DEFAULT_SETTINGS);
    const old = trade('A', 1, NOW - 3_600_000, 9, 1);
    speed.deliver('trades', 'A', [trade('A', 0, NOW - 5000, 10, 1), old, old], { arrivalMs: NOW - 4000, lane: 'x' });
    speed.deliver('trades', 'B', [trade('B', 0, NOW - 3000, 10, 0)], { arrivalMs: NOW - 2000, lane: 'y' });
    const refusals = [{ name: '(unattributed)', reason: 'BAD_JSON', detail: '' }] as const;
    speed.deliver('trades', '(unattributed)', [], { arrivalMs: NOW - 1000, lane: 'y', refusals });
    return speed;
  }

  it('sums the counters of all keys, and of what has no valid key, which is none', async () => {
    const { body } = await askerOf(filled().serving)('/v1/pipeline');
    expect(body.data).toEqual({
      boundary: { trades: null, readings: null },
      sources: {
        trades: {
          keys: 2,
          received: 5,
          applied: 2,
          duplicate: 1,
          late: { LATENESS: 1 },
          quarantined: { BAD_JSON: 1 },
          quality: { OK: 1, PRICE_UPDATE: 1 },
          last_event_time: '2026-06-01T11:59:57.000Z',
          last_ingest_time: '2026-06-01T11:59:59.000Z',
          archived_through: null,
          ...NO_BATCH,
        },
        readings: {
          keys: 0,
          received: 0,
          applied: 0,
          duplicate: 0,
          late: {},
          quarantined: {},
          quality: {},
          last_event_time: null,
          last_ingest_time: null,
          archived_through: null,
          ...NO_BATCH,
        },
      },
    });
  });

  it('is archived through the instant that the slowest lane has reached, unless one has not begun', async () => {
    const through = async (lanes: Record<string, number>) => {
      const speed = filled();
      for (const [lane, ms] of Object.entries(lanes)) speed.archivedMs.set(lane, ms);
      const { body } = await askerOf(speed.serving)('/v1/pipeline');
      return (body.data as { sources: { trades: { archived_through: string | null } } }).sources.trades.archived_through;
    };
    expect(await through({ 'trades#x': NOW - 4000, 'trades#y': NOW - 9000 })).toBe('2026-06-01T11:59:51.000Z');
    expect(await through({ 'trades#x': NOW - 4000, 'readings#y': NOW })).toBeNull();
  });

  it('is read anew once a second at most', async () => {
    const speed = filled();
    const ask = askerOf(speed.serving);
    const appliedAfter = async (ms: number) => {
      speed.nowMs = NOW + ms;
      const { body } = await ask('/v1/pipeline');
      return (body.data as { sources: { readings: { applied: number } } }).sources.readings.applied;
    };
    expect(await appliedAfter(0)).toBe(0);
    const before = speed.accesses.states;
    speed.deliver('readings', 'attic', [reading('attic', 0, NOW, 20)], { arrivalMs: NOW });
    expect([await appliedAfter(999), speed.accesses.states]).toEqual([0, before]);
    expect(await appliedAfter(1000)).toBe(1);
  });
});
