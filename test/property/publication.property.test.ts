import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settledMs, sinceOf, verdictOn } from '#domain/batch-plan.ts';
import { shiftDay } from '#domain/calendar.ts';
import { boundaryOf, fingerprintOf, formatPublished, type Published, parsePublished, SOURCES } from '#domain/publication.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';

const day = fc.nat(40).map((number) => shiftDay('2013-10-01', number));
const source = fc.constantFrom(...SOURCES);
const published: fc.Arbitrary<Published> = fc.record({
  days: fc.uniqueArray(
    fc.record({
      source,
      day,
      gen: fc.stringMatching(/^[A-Za-z0-9-]{1,80}$/),
      revision: fc.integer({ min: 1, max: 1_000 }),
      input: fc.stringMatching(/^[0-9a-f]{16}$/),
      rows: fc.nat(),
      marker: fc.uuid(),
    }),
    { selector: (each) => `${each.source} ${each.day}` },
  ),
  since: fc.record({ trades: day, readings: day }),
});
const sorted = ({ days, since }: Published): Published => ({
  days: [...days].sort((a, b) => (`${a.source} ${a.day}` < `${b.source} ${b.day}` ? -1 : 1)),
  since,
});

describe('published', () => {
  it('is read back as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(published, (value) => {
        expect(parsePublished(formatPublished(value))).toEqual(sorted(value));
      }),
    );
  });

  it('has a boundary up to which every known day is published, and the next known day is not', () => {
    fc.assert(
      fc.property(published, source, fc.array(day), (value, of, known) => {
        const boundary = boundaryOf(value, of, known);
        const inBatch = new Set(value.days.filter((each) => each.source === of).map((each) => each.day));
        const all = [...new Set([...known, ...inBatch])].sort();
        for (const each of all.filter((other) => boundary !== null && other <= boundary)) expect(inBatch.has(each)).toBe(true);
        const next = all.find((each) => boundary === null || each > boundary);
        if (next !== undefined) expect(inBatch.has(next)).toBe(false);
      }),
    );
  });

  it('needs raw rows since no later than where any day that is not published begins', () => {
    fc.assert(
      fc.property(fc.array(day), day, (arrivals, archived) => {
        const since = sinceOf(
          arrivals.map((each) => `raw/trades/dt=${each}/hr=00/x.parquet`),
          Date.parse(`${archived}T12:00:00Z`),
        );
        for (const each of [...arrivals, archived]) expect(since <= each).toBe(true);
        expect([...arrivals, archived]).toContain(since);
      }),
    );
  });
});

describe('the input of a day', () => {
  const objects = fc.uniqueArray(fc.record({ key: fc.string(), rows: fc.nat() }), { selector: ({ key }) => key });
  const sha256Hex = (text: string) => createHash('sha256').update(text).digest('hex');

  it('has one fingerprint in any order, and another one with any row more', () => {
    fc.assert(
      fc.property(objects, fc.nat(), (list, place) => {
        const print = fingerprintOf(list, sha256Hex);
        expect(fingerprintOf([...list].reverse(), sha256Hex)).toBe(print);
        if (list.length === 0) return;
        const changed = list.map((each, index) => (index === place % list.length ? { ...each, rows: each.rows + 1 } : each));
        expect(fingerprintOf(changed, sha256Hex)).not.toBe(print);
      }),
    );
  });
});

describe('a day', () => {
  it('is built only when clock and archive have passed where it is settled, whatever was asked for', () => {
    fc.assert(
      fc.property(
        source,
        day,
        fc.integer({ min: -2, max: 2 }),
        fc.integer({ min: -2, max: 2 }),
        fc.boolean(),
        (of, each, clock, archive, force) => {
          const settled = settledMs(of, each, DEFAULT_SETTINGS);
          const situation = { source: of, markers: new Map([[each, 'm']]), published: new Map(), archivedThroughMs: settled + archive };
          const { kind } = verdictOn(each, situation, force, settled + clock, DEFAULT_SETTINGS);
          expect(kind).toBe(clock >= 0 && archive >= 0 ? 'build' : 'refused');
        },
      ),
    );
  });
});
