/** The running figures of a day: kept between calls, and never behind what still changes. */
import { describe, expect, it } from 'vitest';
import { NewestDays } from '#adapters/newest-days.ts';
import { MemorySpeed, reading } from '../../support/memory-speed.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const MINUTE = 60_000;

/** A sensor that reads once a minute up to noon and then as told; `days` counts how often the table is asked. */
function sensor() {
  const speed = new MemorySpeed(NOON);
  let asked = 0;
  let seq = 0;
  const table = {
    pages: (...query: Parameters<MemorySpeed['pages']>) => {
      asked++;
      return speed.pages(...query);
    },
  };
  const days = new NewestDays(table as never, 'readings', speed.settings);
  const say = (eventMs: number, temperatureC: number) =>
    speed.deliver('readings', 'attic', [reading('attic', seq++, eventMs, temperatureC)], { arrivalMs: Math.max(NOON, eventMs) });
  for (let ms = NOON - 180 * MINUTE; ms < NOON; ms += MINUTE) say(ms, 20);
  return { say, figures: async () => (await days.of(speed.item('readings', 'attic')!))!.temperatureC, asked: () => asked };
}

describe('the newest day of a key', () => {
  it('knows of an event that is as late as can be, although the day was asked for before', async () => {
    const { say, figures } = sensor();
    expect(await figures()).toMatchObject({ count: 180, max: 20 });
    const newestMs = NOON - MINUTE;
    say(newestMs - 60 * MINUTE, 29);
    expect(await figures()).toMatchObject({ count: 181, max: 29 });
  });

  it('asks the table once at first and then once a window, however often it is asked itself', async () => {
    const { say, figures, asked } = sensor();
    await figures();
    const atFirst = asked();
    for (let second = 0; second < 600; second += 10) {
      say(NOON + second * 1_000, 21);
      await figures();
    }
    expect([atFirst, asked()]).toEqual([1, 3]);
    expect(await figures()).toMatchObject({ count: 240 });
  });
});
