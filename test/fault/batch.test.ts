/** Whatever fails in a run of the batch, and wherever: one visible generation a day, the same rows, and orphans that go later. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PUBLISHED_KEY } from '#adapters/published-store.ts';
import { LockLostError } from '#adapters/run-lock.ts';
import { publishedDays } from '#domain/publication.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { cleanUp } from '../../functions/batch/clean-up.ts';
import { publish } from '../../functions/batch/publish.ts';
import type { BuiltState, PublishedState } from '../../functions/batch/state.ts';
import { type BatchRig, type RunOutcome, type Started, startBatchRig } from '../support/batch-rig.ts';
import { type RecountedDay, recount, type TestTrade, tradeRecords, tradesOf } from '../support/batch-trades.ts';

const HOUR_MS = 3_600_000;
const STEPS = ['take-lock', 'plan', 'prepare', 'validate', 'register', 'publish', 'reconcile', 'clean-up', 'finish'];
const QUERIES = ['deduplicate', 'aggregate', 'check'];
const DAYS = ['2013-10-07', '2013-10-08'];
/** Both days are settled, the second one for two hours. */
const NOW = Date.parse('2013-10-09T06:10:00Z');
const TRADES = DAYS.flatMap((day, index) => ['IBM', 'AIG'].flatMap((symbol) => tradesOf(symbol, day, 40, index * 100)));

let rig: BatchRig;
beforeEach(async () => {
  rig = await startBatchRig(NOW);
});
afterEach(() => rig.close());

async function arrive(trades: readonly TestTrade[], copies = 1): Promise<void> {
  await rig.put('trades', tradeRecords(trades));
  await rig.archive('trades', copies);
  await rig.speed('trades');
}

async function published(): Promise<Record<string, string>> {
  const { published: now } = await rig.ports.published.read();
  return Object.fromEntries([...publishedDays(now, 'trades').values()].map(({ day, gen, revision }) => [day, `${gen} ${revision}`]));
}

/** What readers see of a day: the API's rows of the published generation, and the view's. */
async function visible(day: string): Promise<{ readonly api: RecountedDay[]; readonly view: RecountedDay[] }> {
  const gen = publishedDays((await rig.ports.published.read()).published, 'trades').get(day)?.gen;
  const api: RecountedDay[] = [];
  for (const symbol of ['AIG', 'IBM']) {
    const rows = (await rig.dayRows('trades', symbol)).filter((row) => row.day === day && row.gen === gen);
    api.push(...rows.map(({ row }) => figuresOf(row)));
  }
  const view = await rig.query(`select * from daily_trade_stats where day = '${day}' order by symbol`);
  return { api, view: view.map(figuresOf) };
}

function figuresOf(row: Readonly<Record<string, unknown>>): RecountedDay {
  const number = (name: string) => Number(row[name]);
  return {
    symbol: String(row['symbol']),
    trade_count: number('trade_count'),
    volume: number('volume'),
    min_price: number('min_price'),
    max_price: number('max_price'),
    open_price: number('open_price'),
    close_price: number('close_price'),
    price_update_count: number('price_update_count'),
  };
}

async function expectSettled(trades: readonly TestTrade[] = TRADES): Promise<void> {
  for (const day of DAYS) {
    const expected = recount(trades, day);
    expect(await visible(day)).toEqual({ api: expected, view: expected });
  }
}

/** Folders of generations in the bucket, `<day>/<gen>`. */
async function generationsInBucket(): Promise<string[]> {
  const keys = await rig.keys('curated/trades/');
  return [...new Set(keys.map((key) => /day=([^/]+)\/gen=([^/]+)/.exec(key)!.slice(1).join('/')))].sort();
}

/** After the grace only the generations that are named are left, anywhere. */
async function expectCleanedUp(): Promise<void> {
  await rig.run();
  await rig.clock.runUntil(rig.clock.now() + 6 * HOUR_MS);
  await rig.run();
  const named = Object.entries(await published()).map(([day, gen]) => `${day}/${gen.split(' ')[0]}`);
  expect(await generationsInBucket()).toEqual(named.sort());
  expect((await rig.ports.generations.list('trades')).map(({ day, gen }) => `${day}/${gen}`).sort()).toEqual(named.sort());
  const rows = [...(await rig.dayRows('trades', 'IBM'))].map(({ day, gen }) => `${day}/${gen}`);
  expect(rows.sort()).toEqual(named.sort());
  for (const table of ['curated_trades', 'curated_daily_trade_stats']) {
    const partitions = await rig.query(`select distinct day || '/' || gen as place from ${table}`);
    expect(partitions.map(({ place }) => place).sort()).toEqual(named.sort());
  }
}

describe('a run of the batch', () => {
  it('publishes every settled day whole, and a second one with nothing new does nothing', async () => {
    await arrive(TRADES);
    const first = await rig.run();
    expect(first).toMatchObject({ status: 'SUCCEEDED', run: { status: 'succeeded', trigger: 'schedule', remaining: 0 } });
    expect(first.run!.days.map(({ day, status, revision, rows }) => [day, status, revision, rows])).toEqual(
      DAYS.map((day) => [day, 'published', 1, 80]),
    );
    expect(first.run!.days[0]!.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(
      ['prepare', 'deduplicate', 'aggregate', 'check', 'validate', 'register'].map((step) => `${step} succeeded`),
    );
    await expectSettled();
    const before = [await published(), await rig.keys('')];
    const second = await rig.run();
    expect(second).toMatchObject({ status: 'SUCCEEDED', run: { status: 'succeeded', days: [] } });
    expect([await published(), await rig.keys('')]).toEqual(before);
  });

  it('creates what readers read when there is nothing to publish yet', async () => {
    expect(await rig.run()).toMatchObject({ status: 'SUCCEEDED' });
    const { published: now, etag } = await rig.ports.published.read();
    expect(etag).not.toBeNull();
    expect(now).toEqual({ days: [], since: { trades: '2013-10-09', readings: '2013-10-09' } });
  });

  it('counts each trade once, whatever was written twice: by the archive, and by the feed', async () => {
    await arrive(TRADES, 3);
    await arrive(TRADES.slice(0, 30));
    await rig.run();
    const { published: now } = await rig.ports.published.read();
    expect(now.days.map(({ rows }) => rows).reduce((sum, rows) => sum + rows)).toBeGreaterThan(3 * TRADES.length);
    await expectSettled();
  });

  it('postpones a day whose end the archive has not passed, and names it', async () => {
    await rig.close();
    rig = await startBatchRig(Date.parse('2013-10-09T04:05:00Z'));
    await arrive(TRADES.slice(0, -20));
    await rig.put('trades', tradeRecords(TRADES.slice(-20)));
    // Five minutes later the second day is settled, but the records that came at 04:05 are not archived.
    await rig.clock.runUntil(Date.parse('2013-10-09T04:10:00Z'));
    const postponed = await rig.run({ trigger: 'command', source: 'trades', from: DAYS[0], to: DAYS[1] });
    expect(postponed.run!.days.map(({ day, status, cause }) => [day, status, cause])).toEqual([
      [DAYS[0], 'published', null],
      [DAYS[1], 'refused', 'the archive has come to 2013-10-09T04:05:00.000Z, the day needs 2013-10-09T04:10:00.000Z'],
    ]);
    await rig.archive('trades');
    await rig.run();
    await expectSettled();
  });

  it('says of a day that was asked for by name why it is not built', async () => {
    await arrive(TRADES.slice(0, 80));
    const asked = (day: string, more: object = {}) => rig.run({ trigger: 'command', from: day, to: day, ...more });
    const statuses = async (day: string, more?: object) => (await asked(day, more)).run!.days.map(({ status, cause }) => [status, cause]);
    expect(await statuses(DAYS[0]!)).toEqual([['published', null]]);
    expect(await statuses(DAYS[0]!)).toEqual([['unchanged', null]]);
    expect(await statuses('2013-10-06', { source: 'trades' })).toEqual([['refused', 'no rows of the day are archived']]);
    expect(await statuses('2013-10-09', { source: 'trades' })).toEqual([['refused', 'the day is settled at 2013-10-10T04:10:00.000Z']]);
    expect(await statuses(DAYS[0]!, { force: true })).toEqual([['published', null]]);
    expect(await published()).toMatchObject({ [DAYS[0]!]: expect.stringMatching(/ 2$/) });
    expect(await rig.run({ trigger: 5 })).toMatchObject({ status: 'FAILED', run: { status: 'failed', trigger: 'unknown' } });
    expect(await rig.run({ trigger: 'command', source: 'alerts' })).toMatchObject({
      status: 'FAILED',
      run: { status: 'failed', cause: expect.stringContaining('source must be trades or readings') },
    });
  });
});

describe('days of sensors', () => {
  const START_MS = Date.parse('2013-10-06T15:00:00Z');
  const INTERVAL_MS = 30 * 60_000;
  /** Two days of Tokyo and a part of the third, every tenth reading without values. */
  const READINGS = Array.from({ length: 2 * 48 + 24 }, (_, seq) => ({
    seq,
    timestamp: START_MS + seq * INTERVAL_MS,
    temperature: seq % 10 === 9 ? null : 20 + (seq % 5),
    humidity: seq % 10 === 9 ? null : 50,
  }));

  it('are settled in the zones of the sensors, with what is expected of them, and agree with the speed layer', async () => {
    await rig.close();
    const sensors = [{ match: 'tokyo-*', profile: 'dht22', zone: 'Asia/Tokyo' }];
    rig = await startBatchRig(NOW, { ...DEFAULT_SETTINGS, sensors });
    const records = ['tokyo-1', 'dev-1'].flatMap((device) =>
      READINGS.map((payload) => ({
        key: device,
        value: {
          payload: Buffer.from(JSON.stringify({ ...payload, boot: 'b1' })).toString('base64'),
          v: 1,
          type: 'readings',
          device_id: device,
          client_id: device,
          ingest_ms: NOW,
          trace_id: 't',
        },
      })),
    );
    await rig.put('readings', records);
    await rig.archive('readings', 2);
    await rig.speed('readings');
    const run = await rig.run();
    // In UTC the readings begin on the 6th; nowhere is the 9th over.
    expect(run.run!.days.map(({ source, day, status }) => [source, day, status])).toEqual(
      ['2013-10-06', '2013-10-07', '2013-10-08'].map((day) => ['readings', day, 'published']),
    );
    const tokyo = await rig.dayRows('readings', 'tokyo-1');
    expect(tokyo.map(({ day, row }) => [day, row['reading_count'], row['nan_count'], row['interval_count'], row['completeness']])).toEqual([
      ['2013-10-07', 44, 4, 44, 44 / 1440],
      ['2013-10-08', 43, 5, 43, 43 / 1440],
    ]);
    const utc = await rig.dayRows('readings', 'dev-1');
    expect(utc.map(({ day, row }) => [day, Number(row['ok_count']) + Number(row['nan_count'])])).toEqual([
      ['2013-10-06', 18],
      ['2013-10-07', 48],
      ['2013-10-08', 48],
    ]);
    for (const day of ['2013-10-06', '2013-10-07', '2013-10-08']) {
      expect((await rig.ports.drift.checked('readings')).get(day)).toMatchObject({ unexplainedKeys: 0 });
    }
  });
});

describe('a run of which every call fails', () => {
  it.each(['before', 'after'] as const)('%s it took effect, one after the other, publishes the same', async (when) => {
    await arrive(TRADES.slice(0, 80));
    await rig.run();
    await arrive(TRADES.slice(80));
    await arrive(tradesOf('IBM', DAYS[0]!, 4, 90));
    // Each step fails at its first call, then at its second …: until it comes through.
    const failed = new Map<string, number>();
    let calls = 0;
    let step = '';
    rig.setBeforeStep(({ step: name, state }) => {
      step = `${name} ${(state as { day?: string }).day ?? ''}`;
      calls = 0;
    });
    rig.setFault(() => {
      calls++;
      const before = failed.get(step) ?? 0;
      if (calls !== before + 1) return null;
      failed.set(step, calls);
      return when;
    });
    expect(await rig.run({ trigger: 'command', source: 'trades' })).toMatchObject({ status: 'SUCCEEDED' });
    rig.setFault(null);
    rig.setBeforeStep(null);
    expect([...failed.keys()].map((each) => each.split(' ')[0])).toEqual(expect.arrayContaining(STEPS));
    expect([...failed.values()].reduce((sum, each) => sum + each, 0)).toBeGreaterThan(60);
    await expectSettled([...TRADES, ...tradesOf('IBM', DAYS[0]!, 4, 90)]);
    await expectCleanedUp();
  });
});

describe('a run that is killed', () => {
  it('at any of its steps is taken over by the next one, and leaves nothing that readers see', async () => {
    const trades = [...TRADES];
    await arrive(trades);
    let number = 90;
    for (const where of [...STEPS, ...QUERIES]) {
      // Something to build for every run.
      const late = tradesOf('IBM', DAYS[0]!, 1, number++);
      await arrive(late);
      const before = await published();
      const killed = rig.start();
      killAt(where, killed);
      const { status, run } = await killed.ended();
      expect(status, where).toBe('ABORTED');
      rig.setBeforeStep(null);
      rig.setAthena(null);
      const isPublished = ['reconcile', 'clean-up', 'finish'].includes(where);
      if (!isPublished) expect(await published(), where).toEqual(before);
      // All of the generation is written, and nobody sees it.
      if (where === 'publish') await expectSettled(trades);
      trades.push(...late);
      if (where === 'reconcile') await expectSettled(trades);
      const next = await rig.run();
      expect(next, where).toMatchObject({ status: 'SUCCEEDED', run: { status: 'succeeded' } });
      await expectSettled(trades);
      // Before it took the lock there was no run.
      if (where === 'take-lock') expect(run).toBeNull();
      const dead = (await rig.runs()).find(({ runId }) => runId === run?.runId);
      if (where !== 'take-lock') expect(dead, where).toMatchObject({ status: 'failed', cause: expect.stringContaining(next.run!.runId) });
    }
    await expectCleanedUp();
  });

  function killAt(where: string, killed: Started): void {
    const die = (): never => {
      void killed.stop();
      throw new Error('the function died');
    };
    if (QUERIES.includes(where)) {
      let queries = 0;
      rig.setAthena((athena) => ({
        ...athena,
        // It goes on without anybody who waits for it.
        ended: (id) => (queries++ === QUERIES.indexOf(where) ? Promise.resolve(die()) : athena.ended(id)),
      }));
    } else rig.setBeforeStep(({ step }) => step === where && die());
  }
});

describe('two runs', () => {
  it('at once are one: the other is skipped, and says whose turn it is', async () => {
    await arrive(TRADES);
    let other: RunOutcome | null = null;
    rig.setBeforeStep(async ({ step }) => {
      if (step !== 'publish') return;
      rig.setBeforeStep(null);
      other = await rig.run();
    });
    const first = await rig.run();
    expect(first).toMatchObject({ status: 'SUCCEEDED', run: { status: 'succeeded' } });
    expect(other).toMatchObject({
      status: 'SUCCEEDED',
      run: { status: 'skipped', cause: `RunLocked: run ${first.run!.runId} has the lock` },
    });
    expect(await generationsInBucket()).toHaveLength(DAYS.length);
    await expectSettled();
  });

  it('one of which wakes when another one had its turn: it can neither publish nor remove anything', async () => {
    await arrive(TRADES);
    let asleep: unknown;
    const zombie = rig.start();
    rig.setBeforeStep(({ step, state }) => {
      if (step !== 'publish') return;
      asleep = state;
      void zombie.stop();
      throw new Error('it sleeps');
    });
    await zombie.ended();
    await arrive(tradesOf('IBM', DAYS[0]!, 4, 90));
    const everything = async () => [await published(), await rig.keys('curated/'), await rig.ports.generations.list('trades')];
    let awakenings = 0;
    const awaken = async () => {
      awakenings++;
      const before = await everything();
      await expect(publish(rig.ports, asleep as BuiltState)).rejects.toThrow(LockLostError);
      await expect(cleanUp(rig.ports, asleep as PublishedState)).rejects.toThrow(LockLostError);
      expect(await everything()).toEqual(before);
    };
    // While the other one is at work, and when it is done.
    rig.setBeforeStep(({ step }) => (step === 'reconcile' ? awaken() : undefined));
    expect(await rig.run()).toMatchObject({ status: 'SUCCEEDED' });
    await rig.clock.runUntil(NOW + 7 * HOUR_MS);
    await awaken();
    expect(awakenings).toBe(2);
    await expectSettled([...TRADES, ...tradesOf('IBM', DAYS[0]!, 4, 90)]);
  });

  it('one of which wakes after its lease does nothing, although nobody else had a turn', async () => {
    await arrive(TRADES);
    let asleep: unknown;
    const zombie = rig.start();
    rig.setBeforeStep(({ step, state }) => {
      if (step !== 'publish') return;
      asleep = state;
      void zombie.stop();
      throw new Error('it sleeps');
    });
    await zombie.ended();
    await rig.clock.runUntil(NOW + 3 * HOUR_MS);
    await expect(publish(rig.ports, asleep as BuiltState)).rejects.toThrow(LockLostError);
    expect(await published()).toEqual({});
  });

  const OTHERS = { days: [], since: { trades: '2013-10-01', readings: '2013-10-01' } };

  it('of which one swaps between the other one’s look and its swap: that one fails, and nothing of it is seen', async () => {
    await arrive(TRADES);
    let isSwapped = false;
    rig.setFault(({ command, input }) => {
      if (isSwapped || command !== 'PutObjectCommand' || (input as { Key: string }).Key !== PUBLISHED_KEY) return null;
      isSwapped = true;
      return rig.ports.published.swap(OTHERS, null);
    });
    const run = await rig.run();
    expect(run).toMatchObject({ status: 'FAILED', run: { status: 'failed', cause: expect.stringContaining('PublishedConflictError') } });
    rig.setFault(null);
    expect((await rig.ports.published.read()).published).toEqual(OTHERS);
    await rig.run();
    await expectSettled();
    await expectCleanedUp();
  });

  it('of which one published since the other was planned: that one fails', async () => {
    await arrive(TRADES);
    rig.setBeforeStep(async ({ step }) => {
      if (step !== 'publish') return;
      rig.setBeforeStep(null);
      await rig.ports.published.swap(OTHERS, null);
    });
    expect(await rig.run()).toMatchObject({
      status: 'FAILED',
      run: { cause: expect.stringContaining('replaced since this run was planned') },
    });
  });
});

describe('a swap', () => {
  it('that took effect and answered an error is done', async () => {
    await arrive(TRADES);
    rig.setFault(({ command, input }) => {
      if (command !== 'PutObjectCommand' || (input as { Key: string }).Key !== PUBLISHED_KEY) return null;
      rig.setFault(null);
      return 'after';
    });
    let publications = 0;
    rig.setBeforeStep(({ step }) => {
      if (step === 'publish') publications++;
    });
    expect(await rig.run()).toMatchObject({ status: 'SUCCEEDED', run: { status: 'succeeded' } });
    expect(publications).toBe(1);
    await expectSettled();
  });

  it('never names a generation that is about to go', async () => {
    await arrive(TRADES);
    rig.setBeforeStep(async ({ step }) => {
      if (step !== 'publish') return;
      for (const generation of await rig.ports.generations.list('trades')) await rig.ports.generations.retire(generation, rig.clock.now());
    });
    expect(await rig.run()).toMatchObject({ status: 'FAILED', run: { cause: expect.stringContaining('GenerationGoneError') } });
    expect(await published()).toEqual({});
  });
});

describe('Athena', () => {
  it('that fails after it wrote leaves orphans: each attempt writes elsewhere', async () => {
    await arrive(TRADES);
    const broken = new Set<string>();
    rig.setAthena((athena) => ({
      ...athena,
      async ended(id) {
        const execution = await athena.ended(id);
        const table = /s3:\/\/data\/curated\/(\w+)\//.exec(String(execution['Query']))?.[1];
        if (table === undefined || broken.has(table)) return execution;
        broken.add(table);
        return { ...execution, Status: { ...(execution['Status'] as object), State: 'FAILED', StateChangeReason: 'it wrote, and failed' } };
      },
    }));
    const run = await rig.run();
    expect(broken).toEqual(new Set(['trades', 'daily_trade_stats']));
    expect(run).toMatchObject({ status: 'SUCCEEDED' });
    expect(run.run!.days[0]).toMatchObject({ status: 'published', attempts: 3, cause: null, gen: `${run.run!.runId}-3` });
    expect(run.run!.days[0]!.steps.filter(({ outcome }) => outcome === 'failed').map(({ step }) => step)).toEqual([
      'deduplicate',
      'aggregate',
    ]);
    const gens = (await generationsInBucket()).filter((place) => place.startsWith(DAYS[0]!));
    expect(gens).toHaveLength(3);
    await expectSettled();
    await expectCleanedUp();
  });
});

describe('one day of several', () => {
  it('that cannot be built leaves the others published and itself in the speed layer, and is named', async () => {
    await arrive(TRADES);
    const missing = 'raw/trades/dt=2013-10-09/hr=06/missing.parquet';
    await rig.claim(missing, DAYS[1]!, 5);
    const failing = await rig.run();
    const cause = `ValidationError: trades of ${DAYS[1]}: ${missing} holds 0 rows of the day, its index says 5`;
    expect(failing).toMatchObject({ status: 'FAILED', run: { status: 'failed', cause: `1 day failed: trades of ${DAYS[1]}` } });
    expect(failing.run!.days.map((day) => [day.day, day.status, day.cause])).toEqual([
      [DAYS[0], 'published', null],
      [DAYS[1], 'failed', cause],
    ]);
    expect(Object.keys(await published())).toEqual([DAYS[0]]);
    const view = await rig.query(`select * from daily_trade_stats where day = '${DAYS[1]}' order by symbol`);
    expect(view.map(({ layer }) => layer)).toEqual(['speed', 'speed']);
    expect(view.map((row) => ({ ...figuresOf(row), price_update_count: 0 }))).toEqual(
      recount(TRADES, DAYS[1]!).map((row) => ({ ...row, price_update_count: 0 })),
    );
    await rig.disclaim(missing, DAYS[1]!);
    expect(await rig.run()).toMatchObject({ status: 'SUCCEEDED' });
    await expectSettled();
    await expectCleanedUp();
  });
});

describe('what comes after publication', () => {
  it('rebuilds just its day; readers with an old plan find their generation until the grace is over', async () => {
    await arrive(TRADES);
    await rig.run();
    const before = await published();
    const oldFiles = await rig.keys(`curated/trades/day=${DAYS[0]}/`);
    const late = tradesOf('IBM', DAYS[0]!, 8, 90);
    await arrive(late);
    const run = await rig.run();
    expect(run.run!.days.map(({ day, revision }) => [day, revision])).toEqual([[DAYS[0], 2]]);
    await expectSettled([...TRADES, ...late]);
    const after = await published();
    expect(after[DAYS[1]!]).toBe(before[DAYS[1]!]);
    expect(after[DAYS[0]!]).toMatch(/ 2$/);
    const [old] = (await rig.ports.generations.list('trades')).filter(({ retiredMs }) => retiredMs !== null);
    await rig.clock.runUntil(old!.retiredMs! + 6 * HOUR_MS - 1);
    await rig.run();
    expect(await rig.keys(`curated/trades/day=${DAYS[0]}/`)).toEqual(expect.arrayContaining(oldFiles));
    await rig.clock.runUntil(old!.retiredMs! + 6 * HOUR_MS);
    await rig.run();
    for (const key of oldFiles) expect(await rig.keys('curated/trades/')).not.toContain(key);
    expect(await published()).toEqual(after);
    await expectSettled([...TRADES, ...late]);
  });
});

describe('reconciliation', () => {
  const drift = async (day: string) => (await rig.ports.drift.checked('trades')).get(day);
  const lines = async (day: string) => {
    const gen = publishedDays((await rig.ports.published.read()).published, 'trades').get(day)!.gen;
    return rig.ports.files.readLines<Record<string, unknown>>(`reconciliation/source=trades/day=${day}/${gen}.json`);
  };

  it('finds no drift where nothing came late', async () => {
    await arrive(TRADES);
    await rig.run();
    for (const day of DAYS) {
      expect(await drift(day)).toMatchObject({ unexplainedKeys: 0 });
      expect(await lines(day)).toEqual([]);
    }
  });

  it('names what came too late for the speed layer, and the reasons add up', async () => {
    await arrive(TRADES);
    const late = tradesOf('IBM', DAYS[0]!, 5, 90);
    await arrive(late);
    await rig.run();
    const [line, ...others] = await lines(DAYS[0]!);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ source: 'trades', day: DAYS[0], name: 'IBM', difference: 5, explained: 5, reasons: '{"LATENESS":5}' });
    expect(JSON.parse(String(line!['fields'])).map(({ field }: { field: string }) => field)).toContain('volume');
    expect(await drift(DAYS[0]!)).toMatchObject({ unexplainedKeys: 0 });
    expect(await lines(DAYS[1]!)).toEqual([]);
    expect(await rig.query('select name, difference, explained from reconciliation')).toEqual([
      { name: 'IBM', difference: '5', explained: '5' },
    ]);
  });

  it('tells late by time from late by a gap that was given up', async () => {
    // Every other number leaves more gaps than a key remembers; then some of them are filled after all, and the last ones too late.
    const all = tradesOf('IBM', DAYS[0]!, 90, 0).map((trade) => ({ ...trade, size: trade.size + 1 }));
    const [even, odd] = [all.filter(({ number }) => number % 2 === 0), all.filter(({ number }) => number % 2 === 1)];
    const each = (trades: readonly TestTrade[]) => trades.flatMap((trade) => tradeRecords([trade]));
    await rig.put('trades', [
      ...each(even),
      ...each(odd.slice(0, 4)),
      ...tradeRecords(tradesOf('IBM', DAYS[1]!, 40, 100)),
      ...each(odd.slice(-3)),
    ]);
    await rig.archive('trades');
    await rig.speed('trades');
    await rig.run();
    const [line] = await lines(DAYS[0]!);
    expect(line).toMatchObject({ name: 'IBM', batch_count: 52, speed_count: 45, difference: 7, explained: 7 });
    expect(JSON.parse(String(line!['reasons']))).toEqual({ GAP_GIVEN_UP: 4, LATENESS: 3 });
    expect(await drift(DAYS[0]!)).toMatchObject({ unexplainedKeys: 0 });
  });

  it('says what has no reason, and looks again when the speed layer has caught up', async () => {
    await rig.put('trades', tradeRecords(TRADES));
    await rig.archive('trades');
    await rig.run();
    expect(await drift(DAYS[0]!)).toMatchObject({ unexplainedKeys: 2 });
    expect((await lines(DAYS[0]!)).map(({ reasons }) => reasons)).toEqual(['{"UNEXPLAINED":35}', '{"UNEXPLAINED":35}']);
    await rig.speed('trades');
    await rig.run();
    expect(await drift(DAYS[0]!)).toMatchObject({ unexplainedKeys: 0 });
    expect(await lines(DAYS[0]!)).toEqual([]);
  });

  it('does not forget what has no reason when the speed layer keeps its side no longer', async () => {
    await rig.put('trades', tradeRecords(TRADES));
    await rig.archive('trades');
    await rig.run();
    await rig.clock.runUntil(NOW + 14 * 24 * HOUR_MS);
    await rig.run();
    expect(await drift(DAYS[0]!)).toMatchObject({ unexplainedKeys: 2 });
  });

  it('does not take for drift what the speed layer keeps no longer', async () => {
    await arrive(TRADES);
    await rig.clock.runUntil(NOW + 14 * 24 * HOUR_MS);
    await rig.run();
    expect(await drift(DAYS[0]!)).toMatchObject({ unexplainedKeys: 0 });
    expect(await lines(DAYS[0]!)).toEqual([]);
  });
});
