/** What every route has in common: matching, validation, problems, entity tags. */
import { describe, expect, it } from 'vitest';
import { askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');

function speedOf(...symbols: string[]): MemorySpeed {
  const speed = new MemorySpeed(NOW);
  for (const symbol of symbols) speed.deliver('trades', symbol, [trade(symbol, 0, NOW - 1000, 10, 1)], { arrivalMs: NOW });
  return speed;
}

describe('paths', () => {
  it.each([
    ['BINANCE:BTCUSDT', '/v1/symbols/BINANCE%3ABTCUSDT/latest'],
    ['BINANCE:BTCUSDT', '/v1/symbols/BINANCE:BTCUSDT/latest'],
    ['FX:EUR/USD', '/v1/symbols/FX%3AEUR%2FUSD/latest'],
    ['FX:EUR/USD', '/v1/symbols/FX:EUR/USD/latest'],
    ['X/latest', '/v1/symbols/X/latest/latest'],
  ])('name the symbol %s as %s, decoded before or not', async (symbol, path) => {
    const { status, body } = await askerOf(speedOf(symbol).serving)(path);
    expect([status, (body.data as { symbol: string })?.symbol]).toEqual([200, symbol]);
  });

  it.each([
    '/v1',
    '/v1/',
    '/v1/symbols/',
    '/v1/symbols/IBM',
    '/v2/symbols',
    '/v1/live/x',
    '/v1/batch',
    '/v1/batch/runs/a/b',
    '/v1/sensors/a/b/latest',
    '/',
    '/v1/openapixjson',
  ])('fail with a problem where there is no route: %s', async (path) => {
    const { status, headers, body } = await askerOf(speedOf('IBM').serving)(path);
    expect([status, headers['content-type'], body['type']]).toEqual([
      404,
      'application/problem+json',
      'urn:problem-type:tidemark:unknown-route',
    ]);
  });

  it('fail with a problem when they are not percent-encoded UTF-8', async () => {
    for (const path of ['/v1/symbols/%E0%A4%A/latest', '/v1/symbols/%FF/latest', '/v1/alarms/%']) {
      expect((await askerOf(speedOf('IBM').serving)(path)).status).toBe(400);
    }
  });

  it('fail for anything but GET, saying what is allowed', async () => {
    const { status, headers, body } = await askerOf(speedOf('IBM').serving)('/v1/symbols', { method: 'POST' });
    expect([status, headers['allow'], body['type']]).toEqual([405, 'GET', 'urn:problem-type:tidemark:method-not-allowed']);
  });

  it.each([
    ['/v1/symbols/MSFT/latest', 'symbol', 'MSFT'],
    ['/v1/symbols/%3Cscript%3E/trades', 'symbol', '<script>'],
    ['/v1/sensors/attic/windows', 'sensor', 'attic'],
    ['/v1/sensors/a.b.c/latest', 'sensor', 'a.b.c'],
    ['/v1/sensors/(unattributed)/latest', 'sensor', '(unattributed)'],
    ['/v1/alarms/attic:temperature-instant', 'alarm', 'attic:temperature-instant'],
    ['/v1/alarms/attic:temperature-instant/history', 'alarm', 'attic:temperature-instant'],
    ['/v1/symbols/MSFT/daily', 'symbol', 'MSFT'],
    ['/v1/symbols/MSFT/history', 'symbol', 'MSFT'],
    ['/v1/batch/runs/20131008T041000Z-0a1b2c3d', 'run', '20131008T041000Z-0a1b2c3d'],
    ['/v1/batch/runs/newest', 'run', 'newest'],
  ])('fail with 404 naming what is not known: %s', async (path, what, name) => {
    const speed = speedOf('IBM');
    const refusals = [{ name: '(unattributed)', reason: 'BAD_JSON', detail: '' }] as const;
    speed.deliver('readings', '(unattributed)', [], { arrivalMs: NOW, refusals });
    const { status, body } = await askerOf(speed.serving)(path);
    expect(status).toBe(404);
    expect(body).toMatchObject({ type: 'urn:problem-type:tidemark:unknown-key', status: 404, [what]: name });
    expect(body['detail']).toContain(name);
  });
});

describe('parameters', () => {
  it.each([
    ['/v1/symbols?limit=0', 'limit', '0', 'a whole number from 1 to 1000'],
    ['/v1/symbols?limit=1001', 'limit', '1001', 'a whole number from 1 to 1000'],
    ['/v1/symbols?limit=1e2', 'limit', '1e2', 'a whole number from 1 to 1000'],
    ['/v1/symbols?limit=', 'limit', '', 'a whole number from 1 to 1000'],
    ['/v1/symbols?limit=1&limit=2', 'limit', '1, 2', 'one value only'],
    ['/v1/symbols/IBM/bars?limit=5001', 'limit', '5001', 'a whole number from 1 to 5000'],
    ['/v1/symbols/IBM/trades?limit=33', 'limit', '33', 'a whole number from 1 to 32'],
    ['/v1/alarms?state=LOUD', 'state', 'LOUD', 'one of ACTIVE, NORMAL'],
    ['/v1/alarms?severity=critical', 'severity', 'critical', 'one of CRITICAL, HIGH, NORMAL'],
    ['/v1/symbols/IBM/bars?from=yesterday', 'from', 'yesterday', 'a day like 2026-01-31 or a time like 2026-01-31T09:30:00Z'],
    ['/v1/symbols/IBM/bars?from=2026-02-30', 'from', '2026-02-30', 'a day like 2026-01-31 or a time like 2026-01-31T09:30:00Z'],
    [
      '/v1/symbols/IBM/bars?to=2026-02-30T00:00:00Z',
      'to',
      '2026-02-30T00:00:00Z',
      'a day like 2026-01-31 or a time like 2026-01-31T09:30:00Z',
    ],
    [
      '/v1/symbols/IBM/bars?to=2026-02-01T24:00:00Z',
      'to',
      '2026-02-01T24:00:00Z',
      'a day like 2026-01-31 or a time like 2026-01-31T09:30:00Z',
    ],
    ['/v1/symbols/IBM/bars?from=9999-12-31', 'from', '9999-12-31', 'a day like 2026-01-31 or a time like 2026-01-31T09:30:00Z'],
    ['/v1/symbols/IBM/daily?from=2026-01-01T00:00:00Z', 'from', '2026-01-01T00:00:00Z', 'a day like 2026-01-31'],
    ['/v1/symbols/IBM/bars?from=2026-01-02&to=2026-01-01', 'from', '2026-01-02', 'a time before to=2026-01-01, which is excluded'],
    ['/v1/symbols/IBM/bars?from=2026-01-02&to=2026-01-02', 'from', '2026-01-02', 'a time before to=2026-01-02, which is excluded'],
    ['/v1/symbols/IBM/daily?from=2026-01-02&to=2026-01-02', 'from', '2026-01-02', 'a day before to=2026-01-02, which is excluded'],
    ['/v1/symbols/IBM/bars?from=2025-01-01&to=2026-01-03', 'from', '2025-01-01', 'a range of at most 366 days'],
    ['/v1/symbols/IBM/daily?from=2025-01-01&to=2026-01-03', 'from', '2025-01-01', 'a range of at most 366 days'],
    ['/v1/symbols/IBM/daily?from=2020-01-01', 'from', '2020-01-01', 'a range of at most 366 days: name from and to'],
    ['/v1/alerts?from=2025-01-01&to=2026-01-03', 'from', '2025-01-01', 'a range of at most 366 days'],
    ['/v1/symbols/IBM/daily?from=2026-06-02', 'from', '2026-06-02', 'a day up to today, 2026-06-01'],
    ['/v1/symbols/IBM/daily?from=2026-06-02&to=2036-06-02', 'from', '2026-06-02', 'a day up to today, 2026-06-01'],
    ['/v1/symbols/IBM/bars?from=2026-06-02', 'from', '2026-06-02', 'a time up to now, 2026-06-01T12:05:00.000Z'],
    ['/v1/alerts?from=2026-06-02', 'from', '2026-06-02', 'a time up to now, 2026-06-01T12:05:00.000Z'],
    ['/v1/symbols/IBM/history?from=2026-06-02', 'from', '2026-06-02', 'a time up to now, 2026-06-01T12:05:00.000Z'],
    ['/v1/symbols/IBM/history?from=2026-04-01&to=2026-05-03', 'from', '2026-04-01', 'a range of at most 31 days'],
    ['/v1/symbols/IBM/history?from=2016-01-01', 'from', '2016-01-01', 'a range of at most 31 days: name from and to'],
    ['/v1/symbols/IBM/history?from=2026-05-02&to=2026-05-01', 'from', '2026-05-02', 'a time before to=2026-05-01, which is excluded'],
    ['/v1/symbols/IBM/history?limit=10001', 'limit', '10001', 'a whole number from 1 to 10000'],
    ['/v1/batch/runs?limit=101', 'limit', '101', 'a whole number from 1 to 100'],
    ['/v1/alerts?kind=loud', 'kind', 'loud', 'one of instant, avg_temp'],
  ])('that are not allowed are answered with name, value and what is: %s', async (path, parameter, value, allowed) => {
    const { status, headers, body } = await askerOf(speedOf('IBM').serving)(path);
    expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(body).toMatchObject({ type: 'urn:problem-type:tidemark:bad-parameter', status: 400, parameter, value, allowed });
    expect(body['detail']).toBe(`parameter ${parameter} is "${value}"; allowed: ${allowed}`);
  });

  it.each([
    '/v1/symbols/IBM/bars?from=2025-01-01&to=2026-01-02',
    '/v1/symbols/IBM/daily?from=2025-01-01&to=2026-01-02',
    '/v1/alerts?from=2025-01-01&to=2026-01-02',
    // Today may still be going on.
    '/v1/symbols/IBM/daily?from=2026-06-01&to=2027-06-02',
  ])('may name exactly 366 days: %s', async (path) => {
    expect((await askerOf(speedOf('IBM').serving)(path)).status).toBe(200);
  });

  it('may name 366 days with an hour more, where clocks are set back in between', async () => {
    // In New York: from summer time 2023 to winter time 2024, 366 days and one hour apart.
    expect((await askerOf(speedOf('IBM').serving)('/v1/symbols/IBM/bars?from=2023-11-05&to=2024-11-05')).status).toBe(200);
  });

  it.each(['/v1/symbols?form=1', '/v1/pipeline?x=', '/v1/symbols/IBM/latest?limit=1', '/v1/symbols?__proto__=1', '/v1/symbols?toString=1'])(
    'that are unknown are refused: %s',
    async (path) => {
      const { status, body } = await askerOf(speedOf('IBM').serving)(path);
      expect([status, body['type']]).toEqual([400, 'urn:problem-type:tidemark:unknown-parameter']);
    },
  );

  it.each([
    'x',
    '%00',
    Buffer.from('["symbols"]').toString('base64url'),
    Buffer.from('["sensors","IBM"]').toString('base64url'),
    Buffer.from('["symbols","<script>"]').toString('base64url'),
    Buffer.from('["symbols",{"name":"IBM"}]').toString('base64url'),
    Buffer.from(`["symbols","${'A'.repeat(2000)}"]`).toString('base64url'),
  ])('named cursor are refused when they are none of this listing: %s', async (cursor) => {
    const { status, body } = await askerOf(speedOf('IBM').serving)(`/v1/symbols?cursor=${cursor}`);
    expect([status, body['parameter']]).toEqual([400, 'cursor']);
  });

  it.each([
    ['/v1/symbols/IBM/daily', '["daily IBM",{"from":"2026-02-30","to":"2026-03-01"}]'],
    ['/v1/symbols/IBM/daily', '["daily AIG",{"from":"2026-02-28","to":"2026-03-01"}]'],
    ['/v1/symbols/IBM/history', '["history IBM",{"toMs":1,"afterMs":0,"afterId":"\' or 1=1"}]'],
    ['/v1/symbols/IBM/history', '["history IBM",{"toMs":1,"afterMs":"0","afterId":""}]'],
    ['/v1/batch/runs', '["batch runs","20131008T041000Z"]'],
  ])('named cursor are refused by %s when their place is none: %s', async (path, content) => {
    const { status, body } = await askerOf(speedOf('IBM').serving)(`${path}?cursor=${Buffer.from(content).toString('base64url')}`);
    expect([status, body['parameter']]).toEqual([400, 'cursor']);
  });

  it('show a long value shortened', async () => {
    const { body } = await askerOf(speedOf('IBM').serving)(`/v1/symbols?limit=${'9'.repeat(5000)}`);
    expect(body['value']).toBe(`${'9'.repeat(200)}…`);
  });
});

describe('entity tags', () => {
  it('stay when only the time of the answer changes, and spare the body to who has it', async () => {
    const speed = speedOf('IBM');
    const ask = askerOf(speed.serving);
    const first = await ask('/v1/symbols');
    expect(first.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache' });
    expect(first.body.as_of).toEqual({ boundary: null, boundary_time: null, generated_at: '2026-06-01T12:00:00.000Z' });
    speed.nowMs += 5000;
    const second = await ask('/v1/symbols');
    expect(second.body.as_of).toEqual({ boundary: null, boundary_time: null, generated_at: '2026-06-01T12:00:05.000Z' });
    expect(second.headers['etag']).toBe(first.headers['etag']);
    const etag = String(first.headers['etag']);
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    for (const value of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, text, headers } = await ask('/v1/symbols', { headers: { 'if-none-match': value } });
      expect([status, text, headers['etag'], headers['cache-control']]).toEqual([304, '', etag, 'no-cache']);
    }
    expect((await ask('/v1/symbols', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('change with the data, and with there being a next page', async () => {
    const speed = speedOf('A');
    const ask = askerOf(speed.serving);
    const etagOf = async (path: string) => (await ask(path)).headers['etag'];
    const alone = await etagOf('/v1/symbols?limit=1');
    speed.deliver('trades', 'B', [trade('B', 0, NOW, 11, 1)], { arrivalMs: NOW });
    const first = await etagOf('/v1/symbols?limit=1');
    speed.deliver('trades', 'C', [trade('C', 0, NOW, 11, 1)], { arrivalMs: NOW });
    expect(await etagOf('/v1/symbols?limit=1')).toBe(first);
    speed.deliver('trades', 'A', [trade('A', 1, NOW, 11, 1)], { arrivalMs: NOW });
    expect(new Set([alone, first, await etagOf('/v1/symbols?limit=1'), await etagOf('/v1/symbols')]).size).toBe(4);
  });

  it('belong to the document that describes the routes as well', async () => {
    const ask = askerOf(speedOf().serving);
    const { headers } = await ask('/v1/openapi.json');
    expect((await ask('/v1/openapi.json', { headers: { 'if-none-match': String(headers['etag']) } })).status).toBe(304);
  });
});

describe('failures of ours', () => {
  const named = (name: string) => Object.assign(new Error('table tidemark-state in account 123456789012'), { name });

  it.each([
    ['ResourceNotFoundException', 500, undefined],
    ['TypeError', 500, undefined],
    ['ThrottlingException', 503, '1'],
    ['ProvisionedThroughputExceededException', 503, '1'],
    ['UnprocessedKeysError', 503, '1'],
    ['InternalServerError', 503, '1'],
  ])('by %s are answered with %i, without internals, and logged once', async (name, status, retryAfter) => {
    const { serving } = speedOf('IBM');
    const lines: string[] = [];
    const states = { ...serving.states, get: async () => Promise.reject(named(name)) };
    const answer = await askerOf({ ...serving, states }, (line) => lines.push(line))('/v1/symbols/IBM/bars?limit=7');
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    expect(answer.text).not.toMatch(/tidemark-state|123456789012|Exception|stack/);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'error',
      status,
      path: '/v1/symbols/IBM/bars',
      query: 'limit=7',
      error: { name },
    });
    expect(lines[0]).not.toContain('\n');
  });

  it('are not logged when the request was wrong', async () => {
    const lines: string[] = [];
    await askerOf(speedOf('IBM').serving, (line) => lines.push(line))('/v1/symbols?limit=0');
    expect(lines).toEqual([]);
  });
});

describe('a sensor list', () => {
  it('does not show the name that stands for what has none', async () => {
    const speed = speedOf();
    const refusals = [{ name: '(unattributed)', reason: 'BAD_JSON', detail: '' }] as const;
    speed.deliver('readings', '(unattributed)', [], { arrivalMs: NOW, refusals });
    for (const name of ['A', 'b', 'c']) speed.deliver('readings', name, [reading(name, 0, NOW, 20)], { arrivalMs: NOW });
    const ask = askerOf(speed.serving);
    const seen: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await ask(`/v1/sensors?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push((body.data as { sensor_id: string }[]).map(({ sensor_id }) => sensor_id));
      cursor = body.next_cursor;
    }
    expect(seen).toEqual([['A'], ['b'], ['c']]);
  });
});
