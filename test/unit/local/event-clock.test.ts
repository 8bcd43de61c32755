import { describe, expect, it } from 'vitest';
import { delay } from '#adapters/clock.ts';
import { EventClock } from '../../../local/engines/event-clock.ts';
import { dateOf, nowOf } from '../../../local/engines/instant.ts';
import { REAL_LOCAL_CLOCK } from '../../../local/engines/local-clock.ts';
import { seededRandom } from '../../support/random.ts';

const START_MS = Date.UTC(2013, 9, 7);

/** Several turns of the event loop: more than the clock takes to go on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function recording() {
  const clock = new EventClock(START_MS);
  const seen: string[] = [];
  const at = (delayMs: number, name: string) => clock.after(delayMs, () => void seen.push(`${name} at ${clock.now() - START_MS}`));
  return { clock, seen, at };
}

describe('the event clock', () => {
  it('stands at its first instant until somebody lets it go on', async () => {
    const { clock, seen, at } = recording();
    at(1, 'later');
    at(0, 'now');
    await turns();
    expect(seen).toEqual(['now at 0']);
    expect(clock.now()).toBe(START_MS);
  });

  it('lets happen what is due in the order of the instants, and at one instant in the order in which it was asked for', async () => {
    const { clock, seen, at } = recording();
    for (const [delayMs, name] of [
      [30, 'c'],
      [10, 'a'],
      [20, 'b1'],
      [20, 'b2'],
      [-5, 'past'],
      [20, 'b3'],
    ] as const)
      at(delayMs, name);
    await clock.runUntil(START_MS + 30);
    expect(seen).toEqual(['past at 0', 'a at 10', 'b1 at 20', 'b2 at 20', 'b3 at 20', 'c at 30']);
  });

  it('keeps the order of any number of instants', async () => {
    const { clock } = recording();
    const random = seededRandom(7);
    const seen: number[] = [];
    const wanted: number[] = [];
    for (let index = 0; index < 2_000; index++) {
      const delayMs = Math.floor(random() * 500);
      const cancel = clock.after(delayMs, () => void seen.push(delayMs * 10_000 + index));
      if (random() < 0.3) cancel();
      else wanted.push(delayMs * 10_000 + index);
    }
    await clock.runUntil(START_MS + 500);
    expect(seen).toEqual(wanted.sort((a, b) => a - b));
  });

  it('goes to the instant that is waited for and no further', async () => {
    const { clock, seen, at } = recording();
    at(99, 'before');
    at(101, 'behind');
    await clock.runUntil(START_MS + 100);
    await turns();
    expect(seen).toEqual(['before at 99']);
    expect(clock.now()).toBe(START_MS + 100);
    expect(clock.nextDueMs).toBe(START_MS + 101);
    await clock.runUntil(START_MS);
    expect(clock.now()).toBe(START_MS + 100);
  });

  it('stops at each instant that somebody waits for, the nearest first', async () => {
    const { clock } = recording();
    const seen: number[] = [];
    const wait = (ms: number) => clock.runUntil(START_MS + ms).then(() => void seen.push(clock.now() - START_MS));
    await Promise.all([wait(20), wait(10), wait(30)]);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('does not move while somebody holds it, and does when the last one lets go', async () => {
    const { clock, seen, at } = recording();
    at(0, 'now');
    at(10, 'later');
    const [first, second] = [clock.hold(), clock.hold()];
    const arrived = clock.runUntil(START_MS + 10);
    await turns();
    first();
    first();
    await turns();
    expect(seen).toEqual([]);
    second();
    await arrived;
    expect(seen).toEqual(['now at 0', 'later at 10']);
  });

  it('waits for who takes a hold because something happened, before anything else happens', async () => {
    const { clock, seen, at } = recording();
    let release = (): void => undefined;
    clock.after(10, () => {
      release = clock.hold();
    });
    at(10, 'same instant');
    at(20, 'later');
    const arrived = clock.runUntil(START_MS + 20);
    await turns();
    expect([seen, clock.now()]).toEqual([[], START_MS + 10]);
    release();
    await arrived;
    expect(seen).toEqual(['same instant at 10', 'later at 20']);
  });

  it('leaves a turn between two holds, so that work can be handed on', async () => {
    const { clock, seen, at } = recording();
    at(10, 'later');
    const release = clock.hold();
    const arrived = clock.runUntil(START_MS + 10);
    release();
    await Promise.resolve();
    const next = clock.hold();
    await turns();
    expect(seen).toEqual([]);
    next();
    await arrived;
  });

  it('takes in what a task asks for, at its own instant too', async () => {
    const { clock, seen, at } = recording();
    clock.after(10, () => {
      at(0, 'at once');
      at(5, 'soon');
    });
    at(12, 'between');
    await clock.runUntil(START_MS + 60_000);
    expect(seen).toEqual(['at once at 10', 'between at 12', 'soon at 15']);
  });

  it('does nothing that was cancelled, by the task before it as well', async () => {
    const { clock, seen, at } = recording();
    clock.after(10, () => cancel());
    const cancel = at(10, 'cancelled');
    await clock.runUntil(START_MS + 10);
    expect(seen).toEqual([]);
    expect(clock.nextDueMs).toBeNull();
  });

  it('goes on when a promise waits for time', async () => {
    const { clock } = recording();
    const arrived = clock.runUntil(START_MS + 100);
    await delay(clock, 40);
    expect(clock.now()).toBe(START_MS + 40);
    await arrived;
  });

  it('shows each new instant to other threads before anything happens at it', async () => {
    const clock = new EventClock(START_MS);
    const now = nowOf(clock.instant);
    const seen = [now()];
    for (const delayMs of [10, 10, 15]) clock.after(delayMs, () => seen.push(now()));
    await clock.runUntil(START_MS + 20);
    expect([...seen, now()].map((ms) => ms - START_MS)).toEqual([0, 10, 10, 15, 20]);
  });

  it('leaps over a gap: what was due meanwhile happens late, once, and at the instant it woke up', async () => {
    const { clock, seen, at } = recording();
    at(10, 'a');
    at(20, 'b');
    at(2_000, 'later');
    clock.leapTo(START_MS + 1_000);
    await clock.runUntil(START_MS + 1_000);
    expect(seen).toEqual(['a at 1000', 'b at 1000']);
    await clock.runUntil(START_MS + 2_000);
    expect(seen.at(-1)).toBe('later at 2000');
  });

  it('leaps neither back nor while somebody holds it', () => {
    const { clock } = recording();
    clock.leapTo(START_MS + 10);
    clock.leapTo(START_MS);
    expect(clock.now()).toBe(START_MS + 10);
    clock.hold();
    expect(() => clock.leapTo(START_MS + 20)).toThrow('the clock cannot leap while somebody holds it');
  });

  it('lets nothing happen any more once it is stopped, and keeps nobody waiting', async () => {
    const { clock, seen, at } = recording();
    at(10, 'never');
    const release = clock.hold();
    const waiting = clock.runUntil(START_MS + 10);
    clock.stop();
    release();
    await Promise.all([waiting, clock.runUntil(START_MS + 20)]);
    await turns();
    expect([seen, clock.now()]).toEqual([[], START_MS]);
  });
});

it("the machine's clock is held by nobody", () => {
  const release = REAL_LOCAL_CLOCK.hold();
  release();
  release();
  expect(Math.abs(REAL_LOCAL_CLOCK.now() - Date.now())).toBeLessThan(1_000);
});

describe('a Date of event time', () => {
  const EventDate = dateOf(() => START_MS);

  it('takes its present from event time, however it is asked', () => {
    expect(EventDate.now()).toBe(START_MS);
    expect(new EventDate().getTime()).toBe(START_MS);
    expect(EventDate()).toBe(new Date(START_MS).toString());
  });

  it('is the real Date otherwise', () => {
    expect(new EventDate(5).getTime()).toBe(5);
    expect(new EventDate(2013, 9, 7, 12).getTime()).toBe(new Date(2013, 9, 7, 12).getTime());
    expect(EventDate.UTC(2013, 9, 7)).toBe(START_MS);
    expect(EventDate.parse('2013-10-07T00:00:00Z')).toBe(START_MS);
    expect(new EventDate()).toBeInstanceOf(Date);
    expect(new Date()).toBeInstanceOf(EventDate);
    class Later extends EventDate {}
    expect(new Later().getTime()).toBe(START_MS);
  });

  it("is the machine's where there is no event time", () => {
    expect(Math.abs(nowOf(undefined)() - Date.now())).toBeLessThan(1_000);
  });
});
