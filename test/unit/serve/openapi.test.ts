/** The OpenAPI document says what the routes do, and the routes do what it says. */
import { beforeAll, describe, expect, it } from 'vitest';
import { violations } from '../../support/json-schema.ts';
import { type Ask, alarmRow, askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const EXAMPLES: Record<string, string> = { symbol: 'IBM', sensor: 'attic', alarm: 'attic:temperature-instant' };

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
        '/v1/live',
        '/v1/openapi.json',
        '/v1/pipeline',
        '/v1/rules',
        '/v1/sensors',
        '/v1/sensors/{sensor}/daily',
        '/v1/sensors/{sensor}/latest',
        '/v1/sensors/{sensor}/readings',
        '/v1/sensors/{sensor}/windows',
        '/v1/symbols',
        '/v1/symbols/{symbol}/bars',
        '/v1/symbols/{symbol}/daily',
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
