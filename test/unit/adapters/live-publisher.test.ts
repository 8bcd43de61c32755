import type { PublishCommand, PublishCommandInput } from '@aws-sdk/client-iot-data-plane';
import { describe, expect, it } from 'vitest';
import { LIVE_ASK_MS, LIVE_BUDGET_MS, LIVE_MESSAGES_AT_MOST, LivePublisher } from '#adapters/live-publisher.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import type { KeyState } from '#domain/key-state.ts';
import { LIVE_FRESH_MS, LIVE_INTERVAL_MS } from '#domain/live-throttle.ts';
import type { SourceName } from '#domain/settings.ts';
import { eventually } from '../../support/eventually.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { alarmRow, askerOf, MemorySpeed, reading, trade } from '../../support/memory-speed.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const HOUR = 3_600_000;

/** A publisher over a speed layer in memory; `answer` is what the broker does with a message. */
function publisher(answer: (input: PublishCommandInput, signal: AbortSignal) => Promise<unknown> = async () => ({})) {
  const speed = new MemorySpeed(NOW);
  const clock = new ManualClock(NOW);
  const sent: { topic: string; row: unknown }[] = [];
  const log: string[] = [];
  const client = {
    async send({ input }: PublishCommand, { abortSignal }: { abortSignal: AbortSignal }) {
      expect(input.qos).toBe(0);
      sent.push({ topic: input.topic!, row: JSON.parse(Buffer.from(input.payload as Uint8Array).toString()) });
      return answer(input, abortSignal);
    },
  };
  const listeners = { untilMs: Number.POSITIVE_INFINITY, asked: 0 };
  const live = new LivePublisher(client as never, speed, {
    settings: speed.settings,
    listeners: {
      async expectedUntilMs() {
        listeners.asked++;
        return listeners.untilMs;
      },
    },
    clock,
    log: (line) => log.push(line),
  });
  const state = (source: SourceName, name: string): KeyState => speed.item(source, name)!.state;
  return { speed, clock, sent, log, live, listeners, state, topics: () => sent.map(({ topic }) => topic) };
}

describe('publishing live messages', () => {
  it('sends exactly the row that the latest route answers with, day figures included', async () => {
    const { speed, live, sent, state } = publisher();
    for (let number = 0; number < 40; number++) {
      const eventMs = NOW - (40 - number) * 0.25 * HOUR;
      speed.deliver('readings', 'attic', [reading('attic', number, eventMs, 20 + number / 10)], { arrivalMs: NOW });
      speed.deliver('trades', 'FX:EUR/USD', [trade('FX:EUR/USD', number, eventMs, 1 + number, 2)], { arrivalMs: NOW });
    }
    const ask = askerOf(speed.serving);
    await live.publish([state('readings', 'attic'), state('trades', 'FX:EUR/USD')], [], NOW);
    expect(sent).toEqual([
      { topic: 'live/sensors/attic', row: (await ask('/v1/sensors/attic/latest')).body.data },
      { topic: 'live/symbols/FX%3AEUR%2FUSD', row: (await ask('/v1/symbols/FX:EUR%2FUSD/latest')).body.data },
    ]);
    expect(sent[0]!.row).toMatchObject({ day: { day: '2026-06-01', temperature_c_max: 23.9 } });
  });

  it('sends alarms first, as the API shows them, the newest of each', async () => {
    const { speed, live, sent, state } = publisher();
    speed.deliver('readings', 'attic', [reading('attic', 0, NOW, 36)], { arrivalMs: NOW });
    const newest = alarmRow('attic', 'CRITICAL', '2026-06-01T12:00:00.000Z', 2);
    await live.publish([state('readings', 'attic')], [alarmRow('attic', 'HIGH', '2026-06-01T11:59:00.000Z', 1), newest], NOW);
    expect(sent.map(({ topic }) => topic)).toEqual(['live/alarms/attic%3Atemperature-instant', 'live/sensors/attic']);
    expect(sent[0]!.row).toEqual(newest);
  });

  it('pushes nothing of a lane that lags, neither rows nor alarms', async () => {
    const { speed, live, sent, state } = publisher();
    speed.deliver('readings', 'attic', [reading('attic', 0, NOW, 36)], { arrivalMs: NOW });
    await live.publish([state('readings', 'attic')], [alarmRow('attic', 'HIGH', '2026-06-01T12:00:00.000Z')], NOW + LIVE_FRESH_MS + 1);
    expect(sent).toEqual([]);
  });

  it('pushes no alarm of a sensor that is not in the batch: nobody could say how old it is', async () => {
    const { live, sent } = publisher();
    await live.publish([], [alarmRow('attic', 'HIGH', '2026-06-01T12:00:00.000Z')], NOW);
    expect(sent).toEqual([]);
  });

  it('says nothing of what has no valid name: it is no key', async () => {
    const { speed, live, sent, state } = publisher();
    const refusals = [{ name: UNATTRIBUTED, reason: 'BAD_JSON', detail: '' }] as const;
    speed.deliver('readings', UNATTRIBUTED, [], { arrivalMs: NOW, refusals });
    await live.publish([state('readings', UNATTRIBUTED)], [], NOW);
    expect(sent).toEqual([]);
  });

  it('sends one message of a key in 250 ms, and the newest with a later call although its key is not in it', async () => {
    const { speed, live, sent, state, topics } = publisher();
    const deliver = (number: number, value: number) =>
      speed.deliver('readings', 'attic', [reading('attic', number, NOW + number, value)], { arrivalMs: NOW });
    for (const [number, afterMs] of [0, 100, 200].entries()) {
      deliver(number, 20 + number);
      await live.publish([state('readings', 'attic')], [], NOW + afterMs);
    }
    expect(topics()).toHaveLength(1);
    await live.publish([], [], NOW + LIVE_INTERVAL_MS);
    expect(sent.map(({ row }) => (row as { temperature_c: number }).temperature_c)).toEqual([20, 22]);
  });

  it('does not send what a later batch has begun to change: it may never be committed', async () => {
    const { speed, live, topics, state } = publisher();
    speed.deliver('readings', 'attic', [reading('attic', 0, NOW, 20)], { arrivalMs: NOW });
    await live.publish([state('readings', 'attic')], [], NOW);
    const waiting = state('readings', 'attic');
    await live.publish([waiting], [], NOW + 1);
    waiting.counters.received++;
    await live.publish([], [], NOW + LIVE_INTERVAL_MS + 1);
    expect(topics()).toHaveLength(1);
  });

  it('sends a bounded number of messages a call, the rest with the next one', async () => {
    const { speed, live, topics, state } = publisher();
    const names = Array.from({ length: LIVE_MESSAGES_AT_MOST + 1 }, (_, index) => `s${index}`);
    for (const name of names) speed.deliver('readings', name, [reading(name, 0, NOW, 20)], { arrivalMs: NOW });
    await live.publish(
      names.map((name) => state('readings', name)),
      [],
      NOW,
    );
    expect(topics()).toHaveLength(LIVE_MESSAGES_AT_MOST);
    await live.publish([], [], NOW + 1);
    expect(topics().at(-1)).toBe(`live/sensors/s${LIVE_MESSAGES_AT_MOST}`);
  });

  it('gives up when its time is over, ends what is under way, and says so once', async () => {
    const aborted: boolean[] = [];
    const hang = (_: unknown, signal: AbortSignal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          aborted.push(true);
          reject(new Error('aborted'));
        }),
      );
    const { speed, clock, live, log, sent, state } = publisher(hang);
    for (const name of ['attic', 'cellar']) speed.deliver('readings', name, [reading(name, 0, NOW, 20)], { arrivalMs: NOW });
    const done = live.publish([state('readings', 'attic'), state('readings', 'cellar')], [], NOW);
    await eventually(async () => (sent.length === 2 ? true : null));
    expect(clock.nextDueMs).toBe(NOW + LIVE_BUDGET_MS);
    clock.advance(LIVE_BUDGET_MS);
    await done;
    expect(aborted).toEqual([true, true]);
    expect(log.map((line) => JSON.parse(line))).toEqual([
      // The two, and the call itself.
      { level: 'warn', message: 'live messages were not published', late: 3, failed: 0, first: '' },
    ]);
    expect(clock.nextDueMs).toBeNull();
  });

  it('publishes nothing while nobody listens, asks once a second then, and not at all while somebody does', async () => {
    const { speed, live, listeners, topics, state } = publisher();
    listeners.untilMs = 0;
    const publishAt = async (afterMs: number) => {
      speed.deliver('readings', 'attic', [reading('attic', afterMs, NOW + afterMs, 20)], { arrivalMs: NOW + afterMs });
      await live.publish([state('readings', 'attic')], [], NOW + afterMs);
      return [topics().length, listeners.asked];
    };
    expect(await publishAt(0)).toEqual([0, 1]);
    expect(await publishAt(LIVE_ASK_MS - 1)).toEqual([0, 1]);
    listeners.untilMs = NOW + 60_000;
    expect(await publishAt(LIVE_ASK_MS)).toEqual([1, 2]);
    expect(await publishAt(59_999)).toEqual([2, 2]);
    expect(await publishAt(60_000)).toEqual([2, 3]);
  });

  it('never fails: neither for the broker nor for the table nor for what it was given', async () => {
    const refusing = publisher(() => Promise.reject(new Error('ThrottlingException: too many')));
    refusing.speed.deliver('readings', 'attic', [reading('attic', 0, NOW, 20)], { arrivalMs: NOW });
    await refusing.live.publish([refusing.state('readings', 'attic')], [], NOW);
    expect(JSON.parse(refusing.log[0]!)).toMatchObject({ late: 0, failed: 1, first: expect.stringContaining('ThrottlingException') });

    const broken = publisher();
    broken.speed.pages = () => {
      throw new Error('no such table');
    };
    for (const number of [0, 1]) {
      const event = reading('attic', number, NOW - (1 - number) * 3 * HOUR, 20);
      broken.speed.deliver('readings', 'attic', [event], { arrivalMs: NOW });
    }
    await broken.live.publish([broken.state('readings', 'attic')], [], NOW);
    expect([broken.sent, broken.log.length]).toEqual([[], 1]);

    const unsure = publisher();
    const asking = new LivePublisher({} as never, unsure.speed, {
      settings: unsure.speed.settings,
      listeners: { expectedUntilMs: () => Promise.reject(new Error('no such item')) },
      clock: unsure.clock,
      log: (line) => unsure.log.push(line),
    });
    await asking.publish([], [], NOW);
    expect(unsure.log).toHaveLength(1);

    const wrong = publisher();
    await wrong.live.publish([null as never], [], NOW);
    expect(wrong.log).toHaveLength(1);
  });
});
