/** The OpenAPI document says what the routes do, and the routes do what it says. */
import { beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../../support/json-schema.ts';
import type { MemoryBatch } from '../../support/memory-batch.ts';
import { type Ask, alarmRow, askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const RUN = '20260601T111000Z-0a1b2c3d';
const EXAMPLES: Record<string, string> = { symbol: 'IBM', sensor: 'attic', alarm: 'attic:temperature-instant', run: RUN };

interface Operation {
  readonly operationId: string;
  readonly parameters: { readonly name: string; readonly in: string; readonly schema: Record<string, unknown> }[];
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': { readonly schema: Record<string, unknown> } } } };
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, { readonly get: Operation }>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}

/** A published day of each kind, a run with everything that may be in it, and events in the lake. */
function fill(batch: MemoryBatch): void {
  const times = { first_event_time: '2026-05-30T13:30:00.000Z', last_event_time: '2026-05-30T19:59:00.000Z' };
  const prices = { volume: 3, min_price: 1, max_price: 2, open_price: 1, close_price: 2, vwap: 1.5 };
  batch.write('trades', 'IBM', '2026-05-30', 'g1', { trade_count: 2, ...prices, ...times, price_update_count: 0 });
  batch.write('readings', 'attic', '2026-05-30', 'g1', { reading_count: 2, ok_count: 2, completeness: 0.5 });
  for (const source of ['trades', 'readings'] as const) {
    batch.archive(source, '2026-05-30', 2);
    batch.publish(source, '2026-05-30', 'g1');
    batch.drifts.set(source, { day: '2026-05-30', keys: 1, differing: 1, difference: 2, explained: 2, reasons: { LATENESS: 2 } });
  }
  const day = { source: 'trades', day: '2026-05-30', gen: `${RUN}-1`, revision: null, attempts: 3, rows: 2 } as const;
  const step = { step: 'deduplicate', startedMs: NOW, endedMs: null, outcome: null };
  const run = { runId: RUN, status: 'failed', trigger: 'schedule', startedMs: NOW, endedMs: NOW, cause: 'x', remaining: 0 };
  batch.runs.push({
    ...run,
    days: [{ ...day, status: 'failed', cause: 'x', steps: [step, { ...step, endedMs: NOW, outcome: 'failed' }] }],
  });
  const event = { event_id: 'e1', event_ms: '1', ingest_ms: '2', event_day: '1970-01-01', layer: 'speed', revision: '0' };
  batch.lake = [
    { ...event, symbol: 'IBM', price: '1.5', size: '2', sensor_id: 'attic', temperature_c: null, humidity_pct: '40', quality: 'NAN' },
  ];
}

describe('the OpenAPI document', () => {
  let ask: Ask;
  let document: Document;
  beforeAll(async () => {
    const speed = new MemorySpeed(NOW);
    speed.deliver('trades', 'IBM', [trade('IBM', 0, NOW - 90_000, 10, 1), trade('IBM', 1, NOW, 11, 2), trade('IBM', 2, NOW, 12, 0)], {
      arrivalMs: NOW,
    });
    speed.deliver('trades', 'SILENT', [], { arrivalMs: NOW, refusals: [{ name: 'SILENT', reason: 'BAD_FIELD', detail: '' }] });
    speed.deliver('readings', 'attic', [reading('attic', 0, NOW - 400_000, 36), reading('attic', 1, NOW, null)], { arrivalMs: NOW });
    const row = alarmRow('attic', 'CRITICAL', '2026-06-01T11:53:20.000Z');
    speed.alarms.push({ rank: '2#2026-06-01T11:53:20.000Z', alarmId: row.alarm_id, row });
    speed.history.push(row);
    speed.archivedMs.set('trades#shard-0', NOW);
    fill(speed.batch);
    ask = askerOf(speed.serving);
    document = (await ask('/v1/openapi.json')).body as unknown as Document;
  });

  it('is one of version 3.1 with an operation of its own for each route', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = Object.values(document.paths).map(({ get }) => get.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(document.paths).sort()).toEqual(
      [
        '/v1/alarms',
        '/v1/alarms/{alarm}',
        '/v1/alarms/{alarm}/history',
        '/v1/alerts',
        '/v1/batch/runs',
        '/v1/batch/runs/{run}',
        '/v1/live',
        '/v1/openapi.json',
        '/v1/pipeline',
        '/v1/rules',
        '/v1/sensors',
        '/v1/sensors/{sensor}/daily',
        '/v1/sensors/{sensor}/history',
        '/v1/sensors/{sensor}/latest',
        '/v1/sensors/{sensor}/readings',
        '/v1/sensors/{sensor}/windows',
        '/v1/symbols',
        '/v1/symbols/{symbol}/bars',
        '/v1/symbols/{symbol}/daily',
        '/v1/symbols/{symbol}/history',
        '/v1/symbols/{symbol}/latest',
        '/v1/symbols/{symbol}/trades',
      ].sort(),
    );
  });

  it('describes every answer: each field is there, none else, each of its type', async () => {
    for (const [path, { get }] of Object.entries(document.paths)) {
      const { status, body } = await ask(path.replace(/\{(\w+)\}/, (_, name) => EXAMPLES[name]!));
      expect([path, status]).toEqual([path, 200]);
      const { schema } = get.responses[200].content['application/json'];
      expect(violations(body, schema, document.components.schemas)).toEqual([]);
      if (Array.isArray(body.data)) expect([path, (body.data as unknown[]).length]).not.toEqual([path, 0]);
    }
  });

  it('describes problems', async () => {
    for (const path of ['/v1/nowhere', '/v1/symbols?limit=0', '/v1/symbols?x=1', '/v1/sensors/cellar/latest', '/v1/alerts?kind=avg_temp']) {
      const { body } = await ask(path);
      expect(violations(body, { $ref: '#/components/schemas/Problem' }, document.components.schemas)).toEqual([]);
    }
  });

  it('names every path parameter, and every query parameter within the bounds that are enforced', async () => {
    for (const [path, { get }] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(get.parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(named);
      const limit = get.parameters.find(({ name }) => name === 'limit');
      if (!limit) continue;
      const route = path.replace(/\{(\w+)\}/, (_, name) => EXAMPLES[name]!);
      const statusOf = async (value: number) => (await ask(`${route}?limit=${value}`)).status;
      const { minimum, maximum } = limit.schema as { minimum: number; maximum: number };
      expect([await statusOf(minimum - 1), await statusOf(minimum), await statusOf(maximum), await statusOf(maximum + 1)]).toEqual([
        400, 200, 200, 400,
      ]);
    }
  });
});
