/** Days of both layers as one list, whatever is settled, missing or asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askerOf, MemorySpeed, reading } from '../support/memory-speed.ts';

const DAYS = 14;
const NOW = Date.parse('2026-06-14T18:00:00Z');
const DAY_MS = 86_400_000;
const dayOf = (index: number) => new Date(NOW - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);

/** What there is of one day: heard by the speed layer, published, and with a row of the sensor. */
const DAY = fc.record({ heard: fc.boolean(), published: fc.boolean(), withRow: fc.boolean() });

describe('the days of a sensor', () => {
  it('are those of the published generations and the others as the speed layer has them, in any range and page', async () => {
    const days = fc.array(DAY, { minLength: DAYS, maxLength: DAYS });
    const index = fc.nat(DAYS - 1);
    await fc.assert(
      fc.asyncProperty(days, fc.option(index), index, fc.integer({ min: 1, max: DAYS }), async (facts, from, to, limit) => {
        const speed = new MemorySpeed(NOW);
        // The newest day is always heard of: what is asked for without an end goes up to it.
        const known = facts.map((day, at) => (at === DAYS - 1 ? { ...day, heard: true } : day));
        for (const [at, { heard, published, withRow }] of known.entries()) {
          const events = [6, 12, 18].map((hour) =>
            reading('attic', at * 10 + hour, Date.parse(`${dayOf(at)}T${String(hour).padStart(2, '0')}:00:00Z`), at),
          );
          if (heard) speed.deliver('readings', 'attic', events, { arrivalMs: NOW, emit: at % 3 !== 0 });
          if (withRow) speed.batch.write('readings', 'attic', dayOf(at), 'g1', { reading_count: 100 });
          // What nobody has published yet, and what was published before.
          speed.batch.write('readings', 'attic', dayOf(at), 'g2', { reading_count: 200 });
          if (published) speed.batch.publish('readings', dayOf(at), 'g1');
        }
        const expected = known.flatMap(({ heard, published, withRow }, at) => {
          if (at >= to && to > (from ?? 0)) return [];
          if (published) return withRow ? [[dayOf(at), 'batch', 100]] : [];
          return heard ? [[dayOf(at), 'speed', 3]] : [];
        });
        const until = to > (from ?? 0) ? `&to=${dayOf(to)}` : '';
        const ask = askerOf(speed.serving);
        const seen: unknown[] = [];
        const path = `/v1/sensors/attic/daily?limit=${limit}${from === null ? '' : `&from=${dayOf(from)}`}${until}`;
        for (let cursor: string | null = ''; cursor !== null && seen.length <= DAYS; ) {
          const { body } = await ask(`${path}${cursor && `&cursor=${cursor}`}`);
          seen.push(...(body.data as Record<string, unknown>[]).map(({ day, layer, reading_count: count }) => [day, layer, count]));
          cursor = body.next_cursor;
        }
        expect(seen).toEqual(from === null ? expected.slice(-limit) : expected.filter(([day]) => String(day) >= dayOf(from)));
      }),
      { numRuns: 150 },
    );
  });
});
