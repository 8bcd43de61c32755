import { describe, expect, it } from 'vitest';
import type { SourceRecord } from '#domain/events.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { archiveBatch } from '../../../functions/archive/archive-batch.ts';
import { fakeLake, rowsOf } from './fake-lake.ts';

const ARRIVAL = Date.UTC(2026, 2, 5, 23, 30);
const EVENT = '2026-03-04T23:59:59.500Z';

const INSTANT = {
  v: 1,
  kind: 'instant',
  alert_id: 'dev-1:temperature-instant:1',
  alarm_id: 'dev-1:temperature-instant',
  sensor_id: 'dev-1',
  rule: 'temperature-instant',
  rule_version: 1,
  state: 'ACTIVE',
  severity: 'CRITICAL',
  previous_severity: 'NORMAL',
  event_time: EVENT,
  value: 36.25,
  threshold: 35,
  revision: 1,
};

const AVERAGE = {
  v: 1,
  kind: 'avg_temp',
  alert_id: 'dev-1:1772668500000:2',
  sensor_id: 'dev-1',
  window_start: '2026-03-04T23:55:00.000Z',
  window_end: '2026-03-05T00:00:00.000Z',
  reading_count: 0,
  temperature_c_mean: null,
  temperature_c_min: null,
  temperature_c_max: null,
  humidity_pct_mean: null,
  severity: 'NORMAL',
  revision: 2,
  event_time: '2026-03-05T00:00:00.000Z',
};

function record(number: number, body: unknown): SourceRecord {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { lane: 'shardId-000000000000', position: String(100 + number), key: 'dev-1', bytes: Buffer.from(text), arrivalMs: ARRIVAL };
}

async function archived(records: SourceRecord[]) {
  const lake = fakeLake();
  const counts = await archiveBatch('alerts', records, DEFAULT_SETTINGS, lake.ports);
  return { lake, counts };
}

describe('archive of alerts', () => {
  it('keeps transitions and windows in a table each, by the day they arrived', async () => {
    const { lake, counts } = await archived([record(1, INSTANT), record(2, AVERAGE), record(3, { ...INSTANT, revision: 2 })]);
    const instantKey = 'alerts/instant/dt=2026-03-05/shardId-000000000000-101-103.parquet';
    const averageKey = 'alerts/avg_temp/dt=2026-03-05/shardId-000000000000-102-102.parquet';
    expect([...lake.objects.keys()]).toEqual([instantKey, averageKey]);
    expect(counts).toMatchObject({ stream: 'alerts', records: 3, rows: 3, refusals: 0, objects: 2 });

    const instants = await rowsOf(lake, instantKey);
    const { v: _v, kind: _kind, ...fields } = INSTANT;
    const from = { lane: 'shardId-000000000000', ingest_ms: BigInt(ARRIVAL), object: instantKey };
    expect(instants).toEqual([
      { ...fields, ...from, event_time: new Date(EVENT), rule_version: 1n, revision: 1n, position: '101' },
      { ...fields, ...from, event_time: new Date(EVENT), rule_version: 1n, revision: 2n, position: '103' },
    ]);
    const [average] = await rowsOf(lake, averageKey);
    expect(average).toMatchObject({
      window_start: new Date(AVERAGE.window_start),
      window_end: new Date(AVERAGE.window_end),
      reading_count: 0n,
      temperature_c_mean: null,
      severity: 'NORMAL',
    });
    expect(lake.index.map(({ stream, rows, eventDays }) => ({ stream, rows, eventDays }))).toEqual([
      { stream: 'alerts', rows: 2, eventDays: { '2026-03-04': 2 } },
      { stream: 'alerts', rows: 1, eventDays: { '2026-03-05': 1 } },
    ]);
  });

  it('quarantines what it cannot read, and goes on', async () => {
    const poison: [unknown, string, string][] = [
      ['', 'EMPTY', 'no bytes'],
      ['[]', 'BAD_FIELD', 'JSON object'],
      [{ ...INSTANT, v: 2 }, 'UNKNOWN_VERSION', 'v is 2'],
      [{ ...INSTANT, kind: 'x' }, 'UNKNOWN_TYPE', 'kind is "x"'],
      [{ ...INSTANT, value: 'hot' }, 'BAD_FIELD', 'value "hot" is no number'],
      [{ ...INSTANT, value: null }, 'BAD_FIELD', 'value null'],
      [{ ...INSTANT, revision: 1.5 }, 'BAD_FIELD', 'revision 1.5 is no count'],
      [{ ...INSTANT, severity: undefined }, 'BAD_FIELD', 'severity'],
      [{ ...INSTANT, event_time: '2026-13-01T00:00:00.000Z' }, 'BAD_FIELD', 'event_time'],
      [{ ...INSTANT, event_time: 'yesterday' }, 'BAD_FIELD', 'event_time'],
      ['{"v":1,"kind":"avg_temp","reading_count":1e999}', 'BAD_FIELD', 'alert_id'],
    ];
    const { lake, counts } = await archived([...poison.map(([body], index) => record(index, body)), record(50, INSTANT)]);
    expect(counts).toMatchObject({ rows: 1, refusals: poison.length });
    const rows = await rowsOf(lake, `quarantine/alerts/dt=2026-03-05/shardId-000000000000-100-${100 + poison.length - 1}.parquet`);
    for (const [index, [body, reason, detail]] of poison.entries()) {
      expect(rows[index]).toMatchObject({ reason, name: 'dev-1', detail: expect.stringContaining(detail) });
      expect(Buffer.from(rows[index]!['raw'] as Uint8Array).toString()).toBe(typeof body === 'string' ? body : JSON.stringify(body));
    }
  });
});
