/** History from the lake: what is asked for, how it is paged, and what is told when the lake does not answer. */
import { describe, expect, it } from 'vitest';
import { QueryRefusedError, QueryTimeoutError, QueryTooLargeError } from '#adapters/athena-statements.ts';
import { type Answer, askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const HISTORY = '/v1/symbols/IBM/history';

function speedOf(): MemorySpeed {
  const speed = new MemorySpeed(NOW);
  speed.deliver('trades', 'IBM', [trade('IBM', 0, NOW - 1000, 10, 1)], { arrivalMs: NOW });
  speed.deliver('readings', 'attic', [reading('attic', 0, NOW - 1000, 20)], { arrivalMs: NOW });
  return speed;
}

const event = (number: number) => ({
  event_id: `s.IBM.${number}`,
  event_ms: String(NOW - 9_000 + number),
  ingest_ms: String(NOW - 8_000),
  event_day: '2026-06-01',
  symbol: 'IBM',
  price: '10.25',
  size: '3.0',
  layer: 'batch',
  revision: '2',
});
const ids = ({ body }: Answer) => (body.data as { event_id: string }[]).map(({ event_id }) => event_id);

describe('the history of a symbol', () => {
  it('is asked for by a prepared statement with literals: days of its zone, times in ms', async () => {
    const speed = speedOf();
    // Midnight in New York is 04:00 UTC.
    await askerOf(speed.serving)(`${HISTORY}?from=2026-05-31T03:59:59.999Z&to=2026-06-01T04:00:00.001Z&limit=10`);
    const [fromMs, toMs] = ['2026-05-31T03:59:59.999Z', '2026-06-01T04:00:00.001Z'].map((time) => String(Date.parse(time)));
    expect(speed.batch.statements).toEqual([
      {
        statement: 'trade_history',
        parameters: ["'IBM'", "'2026-05-30'", "'2026-06-01'", fromMs, fromMs, "''", toMs],
        limit: 11,
      },
    ]);
  });

  it('is the newest event day when no range is named', async () => {
    const speed = speedOf();
    await askerOf(speed.serving)(HISTORY);
    expect(speed.batch.statements[0]!.parameters.slice(1, 3)).toEqual(["'2026-06-01'", "'2026-06-01'"]);
  });

  it('is told in the units of the API', async () => {
    const speed = speedOf();
    speed.batch.lake = [event(1)];
    expect((await askerOf(speed.serving)(HISTORY)).body.data).toEqual([
      {
        event_id: 's.IBM.1',
        event_time: '2026-06-01T11:59:51.001Z',
        ingest_time: '2026-06-01T11:59:52.000Z',
        event_day: '2026-06-01',
        symbol: 'IBM',
        price: 10.25,
        size: 3,
        layer: 'batch',
        revision: 2,
      },
    ]);
  });

  it('goes on behind the last event of a page', async () => {
    const speed = speedOf();
    speed.batch.lake = [event(1), event(2), event(3)];
    const ask = askerOf(speed.serving);
    const first = await ask(`${HISTORY}?limit=2`);
    expect(ids(first)).toEqual(['s.IBM.1', 's.IBM.2']);
    speed.batch.lake = [event(3)];
    const second = await ask(`${HISTORY}?limit=2&cursor=${first.body.next_cursor}`);
    const afterMs = String(NOW - 9_000 + 2);
    expect(speed.batch.statements[1]!.parameters.slice(3, 6)).toEqual([afterMs, afterMs, "'s.IBM.2'"]);
    expect([ids(second), second.body.next_cursor]).toEqual([['s.IBM.3'], null]);
  });

  it('reads no days before the event that a page goes on behind', async () => {
    const speed = speedOf();
    speed.batch.lake = Array.from({ length: 1001 }, (_, number) => event(number));
    const ask = askerOf(speed.serving);
    const first = await ask(`${HISTORY}?from=2026-05-20&to=2026-06-02`);
    expect([ids(first).length, speed.batch.statements[0]!.parameters.slice(1, 3)]).toEqual([1000, ["'2026-05-20'", "'2026-06-01'"]]);
    speed.batch.lake = [];
    const second = await ask(`${HISTORY}?from=2026-05-20&to=2026-06-02&cursor=${first.body.next_cursor}`);
    expect(second.body.next_cursor).toBeNull();
    expect(speed.batch.statements[1]!.parameters.slice(1, 3)).toEqual(["'2026-06-01'", "'2026-06-01'"]);
  });

  it('asks the lake nothing when the request is wrong', async () => {
    const speed = speedOf();
    const ask = askerOf(speed.serving);
    for (const query of ['from=2026-06-02', 'from=2026-01-01&to=2026-03-01', 'from=x', 'cursor=x', 'limit=0']) {
      expect((await ask(`${HISTORY}?${query}`)).status).toBe(400);
    }
    expect((await ask("/v1/symbols/IBM' or 1=1/history")).status).toBe(404);
    expect(speed.batch.statements).toEqual([]);
  });

  it.each([
    [new QueryTimeoutError('query 1 took more than 20000 ms'), 504, 'timeout', '5'],
    [new QueryTooLargeError('Bytes scanned limit was exceeded', 123), 422, 'too-large', undefined],
    [new QueryRefusedError('WorkGroup tidemark-x is disabled'), 503, 'refused', '5'],
  ])('that the lake does not give is a problem that says so: %s', async (error, status, kind, retryAfter) => {
    const speed = speedOf();
    speed.batch.lake = error;
    const lines: string[] = [];
    const { body, headers, ...answer } = await askerOf(speed.serving, (line) => lines.push(line))(HISTORY);
    expect([answer.status, body['type'], headers['retry-after']]).toEqual([status, `urn:problem-type:tidemark:${kind}`, retryAfter]);
    expect(answer.text).not.toMatch(/WorkGroup|query 1/);
    // What is not the fault of who asked stands in the log, with its cause.
    expect(lines.map((line) => JSON.parse(line).error.message)).toEqual(status >= 500 ? [error.message] : []);
    if (kind === 'too-large') expect(body).toMatchObject({ scanned_bytes: 123 });
  });
});

describe('the history of a sensor', () => {
  it('has every reading, untrusted ones included', async () => {
    const speed = speedOf();
    const { symbol: _symbol, price: _price, size: _size, ...common } = event(1);
    speed.batch.lake = [{ ...common, sensor_id: 'attic', temperature_c: null, humidity_pct: '40.5', quality: 'NAN' }];
    const { body } = await askerOf(speed.serving)('/v1/sensors/attic/history');
    expect(body.data).toMatchObject([{ sensor_id: 'attic', temperature_c: null, humidity_pct: 40.5, quality: 'NAN' }]);
    expect(speed.batch.statements[0]!.statement).toBe('reading_history');
  });
});
