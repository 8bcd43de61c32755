import { describe, expect, it } from 'vitest';
import { LocalApiError } from '../../../cli/shared/local-api.ts';
import { patiently } from '../../../cli/shared/patiently.ts';
import { UserError } from '../../../cli/shared/user-error.ts';
import { readCounters, readTransitions, smallerPage } from '../../../cli/simulate/pipeline-view.ts';
import { jumpingClock } from '../../support/jumping-clock.ts';

/** An API whose lists have these rows, two a page. */
function pagedApi(rows: readonly object[]) {
  const asked: URL[] = [];
  const ask = async (url: string) => {
    const parsed = new URL(url);
    asked.push(parsed);
    const from = Number(parsed.searchParams.get('cursor') ?? '0');
    return { data: rows.slice(from, from + 2), next_cursor: from + 2 < rows.length ? String(from + 2) : null };
  };
  return { asked, ask };
}

describe('What the pipeline says of a fleet', () => {
  it('is read page by page, a thousand rows each, without the sensors of others', async () => {
    const counters = { received: 2, applied: 1, duplicate: 1, late: {}, quarantined: {}, quality: { OK: 1 }, claimed_device_id: 0 };
    const { asked, ask } = pagedApi(['f-1', 'f-2', 'other', 'f-3', 'f-4'].map((sensor_id) => ({ sensor_id, counters })));
    const told: string[] = [];
    const isOfFleet = (sensor: string) => sensor.startsWith('f-');
    const found = await readCounters({ api: 'http://h', isOfFleet, ask, onRead: (what) => told.push(what) });
    expect([...found.keys()]).toEqual(['f-1', 'f-2', 'f-3', 'f-4']);
    expect(found.get('f-4')).toMatchObject({ received: 2, claimedDeviceId: 0 });
    expect(asked.map(({ pathname, search }) => pathname + search)).toEqual([
      '/v1/sensors?limit=1000',
      '/v1/sensors?limit=1000&cursor=2',
      '/v1/sensors?limit=1000&cursor=4',
    ]);
    expect(told.at(-1)).toBe('counters of 5 sensors read');
  });

  it('is asked for in smaller pages where a thousand rows take too long', () => {
    const url = 'http://h/v1/sensors?limit=1000&cursor=abc';
    expect([0, 1, 4, 9].map((attempts) => smallerPage(url, attempts))).toEqual([
      url,
      'http://h/v1/sensors?limit=500&cursor=abc',
      'http://h/v1/sensors?limit=62&cursor=abc',
      'http://h/v1/sensors?limit=50&cursor=abc',
    ]);
  });

  it('has transitions by device in the order of their revisions', async () => {
    const row = (sensor_id: string, revision: number, severity: string) => ({
      sensor_id,
      revision,
      severity,
      rule: 'temperature-instant',
      event_time: '2026-06-01T08:00:00.000Z',
      value: 30,
    });
    const { asked, ask } = pagedApi([row('f-1', 2, 'NORMAL'), row('x', 1, 'HIGH'), row('f-1', 1, 'HIGH')]);
    const view = { api: 'http://h', isOfFleet: (sensor: string) => sensor !== 'x', ask, onRead: () => undefined };
    const found = await readTransitions(view, 0, 1000);
    const at = { rule: 'temperature-instant', atMs: Date.UTC(2026, 5, 1, 8), value: 30 };
    expect([...found]).toEqual([
      [
        'f-1',
        [
          { ...at, severity: 'HIGH' },
          { ...at, severity: 'NORMAL' },
        ],
      ],
    ]);
    expect(asked[0]?.searchParams.get('from')).toBe('1970-01-01T00:00:00.000Z');
    expect(asked[0]?.searchParams.get('to')).toBe('1970-01-01T00:00:01.000Z');
  });
});

describe('Patience with a busy instance', () => {
  const { signal } = new AbortController();
  const slow = new UserError('no answer', { cause: new DOMException('too slow', 'TimeoutError') });

  it('asks again while there is no answer, or the answer is that it cannot now', async () => {
    const failures = [slow, new LocalApiError('busy', 503), new LocalApiError('slow down', 429)];
    const attempts: number[] = [];
    const ask = async (attempt: number) => {
      attempts.push(attempt);
      const failure = failures.shift();
      if (failure) throw failure;
      return 7;
    };
    expect(await patiently(ask, jumpingClock(0), signal)).toBe(7);
    expect(attempts).toEqual([0, 1, 2, 3]);
  });

  it('ends at once for a wrong request and when nobody listens, and after two minutes for an instance that never answers', async () => {
    let asked = 0;
    const ask = (error: Error) => async () => {
      asked++;
      throw error;
    };
    await expect(patiently(ask(new LocalApiError('not found', 404)), jumpingClock(0), signal)).rejects.toThrow('not found');
    await expect(patiently(ask(new UserError('connection refused')), jumpingClock(0), signal)).rejects.toThrow('refused');
    expect(asked).toBe(2);
    const clock = jumpingClock(0);
    await expect(patiently(ask(slow), clock, signal)).rejects.toThrow('no answer');
    expect(clock.now()).toBe(120_000);
  });
});
