/** What archive writes into its index is what the batch and serving read there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArchiveDays } from '#adapters/archive-days.ts';
import { type ArchiveIndexRow, dynamoArchiveIndex } from '#adapters/archive-index.ts';
import { ArchiveProgress } from '#adapters/archive-progress.ts';
import { noPause } from '../support/speed.ts';
import { InjectedFault, startTables, type Tables } from '../support/tables.ts';

let tables: Tables;
let markers = 0;
const newMarker = () => `marker-${++markers}`;

beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.close());

function row(key: string, eventDays: Record<string, number>, stream = 'trades'): ArchiveIndexRow {
  const rows = Object.values(eventDays).reduce((sum, count) => sum + count, 0);
  return { stream, key, rows, quarantined: 0, eventDays, firstPosition: '99', lastPosition: '100', lastArrivalMs: 5000 };
}

const key = (day: string, hour: string, name: string) => `raw/trades/dt=${day}/hr=${hour}/${name}.parquet`;
const FIRST = key('2026-03-04', '23', 'shard-1-1-2');
const SECOND = key('2026-03-05', '00', 'shard-0-3-4');

describe('archive index', () => {
  it('says of each event day which objects hold how many of its rows, in the order of their arrival', async () => {
    const index = dynamoArchiveIndex(tables.client, 'archive-index', { newMarker, pause: noPause });
    await index.write('trades', [row(SECOND, { '2026-03-04': 2, '2026-03-05': 3 }), row(FIRST, { '2026-03-04': 7 })], []);
    await index.write('readings', [row('raw/readings/dt=2026-03-04/hr=01/x.parquet', { '2026-03-03': 1 }, 'readings')], []);
    const days = new ArchiveDays(tables.client, 'archive-index');
    expect(await days.objects('trades', '2026-03-04')).toEqual([
      { key: FIRST, rows: 7 },
      { key: SECOND, rows: 2 },
    ]);
    expect(await days.firstObject('trades', '2026-03-04')).toBe(FIRST);
    expect(await days.objects('trades', '2026-03-05')).toEqual([{ key: SECOND, rows: 3 }]);
    expect(await days.objects('trades', '2026-03-03')).toEqual([]);
    expect(await days.firstObject('trades', '2026-03-03')).toBeNull();
    expect([...(await days.markers('trades')).keys()]).toEqual(['2026-03-04', '2026-03-05']);
    expect([...(await days.markers('readings')).keys()]).toEqual(['2026-03-03']);
  });

  it('marks a day anew with every object that holds rows of it, and no other day', async () => {
    const index = dynamoArchiveIndex(tables.client, 'archive-index', { newMarker, pause: noPause });
    const days = new ArchiveDays(tables.client, 'archive-index');
    await index.write('trades', [row(FIRST, { '2026-04-01': 1 }), row(SECOND, { '2026-04-02': 1 })], []);
    const before = await days.markers('trades');
    await index.write('trades', [row(SECOND, { '2026-04-02': 1 })], []);
    const after = await days.markers('trades');
    expect(after.get('2026-04-01')).toBe(before.get('2026-04-01'));
    expect(after.get('2026-04-02')).not.toBe(before.get('2026-04-02'));
    expect(await days.objects('trades', '2026-04-02')).toEqual([{ key: SECOND, rows: 1 }]);
  });

  it('is done with a lane as far as the newest batch says, timers included', async () => {
    const index = dynamoArchiveIndex(tables.client, 'archive-index', { newMarker, pause: noPause });
    const progress = new ArchiveProgress(tables.client, 'archive-index');
    expect(await progress.reached('readings')).toEqual(new Map());
    await index.write('readings', [], [{ lane: 'shard-0', position: '9', arrivalMs: 1000 }]);
    await index.write('readings', [], [{ lane: 'shard-0', position: '10', arrivalMs: 2000 }]);
    await index.write('readings', [], [{ lane: 'shard-1', position: '7', arrivalMs: 1500 }]);
    expect([...(await progress.reached('readings')).values()]).toEqual([
      { lane: 'shard-0', position: '10', arrivalMs: 2000 },
      { lane: 'shard-1', position: '7', arrivalMs: 1500 },
    ]);
    expect(await progress.reached('trades')).toEqual(new Map());
  });

  it.each([
    ['its rows', 1, { rows: 0, marked: false, reached: false }],
    ['its markers', 2, { rows: 1, marked: false, reached: false }],
    ['how far it is', 3, { rows: 1, marked: true, reached: false }],
  ])('speaks of nothing that is not there when a table fails to take %s', async (_what, failing, expected) => {
    let calls = 0;
    const client = tables.faulty(() => (++calls === failing ? 'before' : null));
    const day = `2026-05-0${failing}`;
    const lane = `shard-${failing}`;
    const index = dynamoArchiveIndex(client, 'archive-index', { newMarker, pause: noPause });
    const writing = index.write('trades', [row(FIRST, { [day]: 1 })], [{ lane, position: '1', arrivalMs: 1 }]);
    await expect(writing).rejects.toThrow(InjectedFault);
    const days = new ArchiveDays(tables.client, 'archive-index');
    const found = {
      rows: (await days.objects('trades', day)).length,
      marked: (await days.markers('trades')).has(day),
      reached: (await new ArchiveProgress(tables.client, 'archive-index').reached('trades')).has(lane),
    };
    expect(found).toEqual(expected);
  });

  it('asks once for a batch of timers', async () => {
    let calls = 0;
    const client = tables.faulty(() => {
      calls++;
      return null;
    });
    const index = dynamoArchiveIndex(client, 'archive-index', { newMarker, pause: noPause });
    await index.write('trades', [], [{ lane: 'shard-9', position: '1', arrivalMs: 1 }]);
    expect(calls).toBe(1);
  });
});
