/** Routes about the batch, and what the pipeline says of it. */
import { describe, expect, it } from 'vitest';
import type { Run, RunDay } from '#adapters/run-reader.ts';
import { askerOf, MemorySpeed, reading } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');

const runId = (hour: number) => `20260601T${String(hour).padStart(2, '0')}0000Z-0a1b2c3d`;
const dayOf = (facts: Partial<RunDay>): RunDay => ({
  source: 'readings',
  day: '2026-05-30',
  gen: null,
  status: 'published',
  revision: 1,
  attempts: 1,
  rows: 10,
  cause: null,
  steps: [],
  ...facts,
});
const runOf = (hour: number, facts: Partial<Run> = {}): Run => ({
  runId: runId(hour),
  status: 'succeeded',
  trigger: 'schedule',
  startedMs: NOW - (12 - hour) * 3_600_000,
  endedMs: NOW - (12 - hour) * 3_600_000 + 5_000,
  cause: null,
  remaining: 0,
  days: [],
  ...facts,
});

describe('runs of the batch', () => {
  it('are told newest first, page by page, though a new one began in between', async () => {
    const { batch, serving } = new MemorySpeed(NOW);
    batch.runs.push(...[5, 4, 3, 2, 1].map((hour) => runOf(hour)));
    const ask = askerOf(serving);
    const seen: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await ask(`/v1/batch/runs?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push((body.data as { run_id: string }[]).map(({ run_id }) => run_id));
      cursor = body.next_cursor;
      if (seen.length === 1) batch.runs.unshift(runOf(6));
    }
    expect(seen).toEqual([[runId(5), runId(4)], [runId(3), runId(2)], [runId(1)]]);
  });

  it('say what became of each day, step by step, and why', async () => {
    const { batch, serving } = new MemorySpeed(NOW);
    const steps = [
      { step: 'deduplicate', startedMs: NOW - 4000, endedMs: NOW - 1000, outcome: 'succeeded' },
      { step: 'aggregate', startedMs: NOW - 1000, endedMs: null, outcome: null },
    ];
    batch.runs.push(
      runOf(12, { status: 'running', endedMs: null, trigger: 'command', remaining: 3, days: [dayOf({ steps, attempts: 2 })] }),
    );
    const told = {
      run_id: runId(12),
      status: 'running',
      trigger: 'command',
      started_at: '2026-06-01T12:00:00.000Z',
      ended_at: null,
      cause: null,
      remaining: 3,
      days: [
        {
          source: 'readings',
          day: '2026-05-30',
          status: 'published',
          revision: 1,
          rows: 10,
          attempts: 2,
          cause: null,
          steps: [
            { step: 'deduplicate', started_at: '2026-06-01T11:59:56.000Z', ended_at: '2026-06-01T11:59:59.000Z', outcome: 'succeeded' },
            { step: 'aggregate', started_at: '2026-06-01T11:59:59.000Z', ended_at: null, outcome: null },
          ],
        },
      ],
    };
    const ask = askerOf(serving);
    expect((await ask(`/v1/batch/runs/${runId(12)}`)).body.data).toEqual(told);
    expect((await ask('/v1/batch/runs')).body.data).toEqual([told]);
  });
});

describe('the pipeline', () => {
  const readingsOf = async (speed: MemorySpeed) => {
    const { body } = await askerOf(speed.serving)('/v1/pipeline');
    return (body.data as { sources: { readings: Record<string, unknown> } }).sources.readings;
  };

  it('says how far the batch has come with each source', async () => {
    const speed = new MemorySpeed(NOW);
    for (const day of ['2026-05-28', '2026-05-29', '2026-05-30', '2026-05-31']) speed.batch.archive('readings', day, 5);
    for (const day of ['2026-05-28', '2026-05-29', '2026-05-31']) speed.batch.publish('readings', day, 'g1');
    expect(await readingsOf(speed)).toMatchObject({ boundary: '2026-05-29', published_days: 3, late_pending: 0 });
    expect((await askerOf(speed.serving)('/v1/pipeline')).body.data).toMatchObject({ boundary: { trades: null, readings: '2026-05-29' } });
  });

  it('counts the rows of published days that the archive got since', async () => {
    const speed = new MemorySpeed(NOW);
    for (const day of ['2026-05-28', '2026-05-29']) {
      speed.batch.archive('readings', day, 5);
      speed.batch.publish('readings', day, 'g1');
    }
    speed.batch.archive('readings', '2026-05-28', 3);
    speed.batch.archive('readings', '2026-05-29', 4);
    speed.batch.archive('readings', '2026-05-31', 100);
    // The same object once more: its day says "look", and nothing is new.
    speed.batch.archived.readings.get('2026-05-29')!.marker = 'again';
    expect(await readingsOf(speed)).toMatchObject({ late_pending: 7 });
    speed.batch.publish('readings', '2026-05-28', 'g2');
    expect(await readingsOf(speed)).toMatchObject({ late_pending: 4 });
  });

  it('names the days whose newest try failed, with run and cause', async () => {
    const speed = new MemorySpeed(NOW);
    const failed = (day: string, cause: string) => dayOf({ day, status: 'failed', cause, revision: null });
    speed.batch.runs.push(
      runOf(12, { status: 'running', days: [dayOf({ day: '2026-05-29', status: 'running' })] }),
      runOf(11, { days: [dayOf({ day: '2026-05-28' }), failed('2026-05-29', 'newest'), dayOf({ day: '2026-05-31', status: 'refused' })] }),
      runOf(10, { days: [failed('2026-05-28', 'mended'), failed('2026-05-29', 'older'), failed('2026-05-27', 'first')] }),
      runOf(9, { days: [{ ...failed('2026-05-27', 'of trades'), source: 'trades' }, dayOf({ day: '2026-05-27' })] }),
    );
    expect(await readingsOf(speed)).toMatchObject({
      failed_days: [
        { day: '2026-05-27', run_id: runId(10), cause: 'first' },
        { day: '2026-05-29', run_id: runId(11), cause: 'newest' },
      ],
    });
  });

  it('tells what reconciliation found of the newest day', async () => {
    const speed = new MemorySpeed(NOW);
    const drift = { day: '2026-05-30', keys: 4, differing: 1, difference: -2, explained: -2, reasons: { GAP_GIVEN_UP: -2 } };
    speed.batch.drifts.set('readings', drift);
    expect(await readingsOf(speed)).toMatchObject({ drift });
  });

  it('reads what the batch did once in five seconds at most', async () => {
    const speed = new MemorySpeed(NOW);
    const ask = askerOf(speed.serving);
    speed.batch.archive('readings', '2026-05-28', 5);
    const daysAfter = async (ms: number) => {
      speed.nowMs = NOW + ms;
      const { body } = await ask('/v1/pipeline');
      return (body.data as { sources: { readings: { published_days: number } } }).sources.readings.published_days;
    };
    expect(await daysAfter(0)).toBe(0);
    speed.batch.publish('readings', '2026-05-28', 'g1');
    expect([await daysAfter(4999), await daysAfter(5999)]).toEqual([0, 1]);
  });

  it('reads no days of the archive but those whose marker changed', async () => {
    const speed = new MemorySpeed(NOW);
    speed.deliver('readings', 'attic', [reading('attic', 0, NOW, 20)], { arrivalMs: NOW });
    const looked: string[] = [];
    for (const day of ['2026-05-28', '2026-05-29']) {
      speed.batch.archive('readings', day, 5);
      speed.batch.publish('readings', day, 'g1');
    }
    speed.batch.archive('readings', '2026-05-29', 1);
    const { serving } = speed;
    const objects = async (source: 'trades' | 'readings', day: string) => {
      looked.push(day);
      return serving.archivedDays.objects(source, day);
    };
    await askerOf({ ...serving, archivedDays: { ...serving.archivedDays, objects } })('/v1/pipeline');
    expect(looked).toEqual(['2026-05-29']);
  });
});
