/** Whoever has work in hand holds the clock: on event time nothing becomes due meanwhile. */
import { describe, expect, it } from 'vitest';
import { memoryCheckpoints } from '../../../local/engines/checkpoints.ts';
import { EventClock } from '../../../local/engines/event-clock.ts';
import { EventSourceMapping, type MappingSettings } from '../../../local/engines/event-source-mapping.ts';
import { KinesisEngine } from '../../../local/engines/kinesis/engine.ts';
import type { KinesisStream } from '../../../local/engines/kinesis/stream.ts';
import type { InvokeResult } from '../../../local/engines/lambda-function.ts';
import { startSchedule } from '../../../local/engines/schedule.ts';
import type { SourceStream } from '../../../local/engines/shard-consumer.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { DEFAULTS, ERROR, Rig, SUCCESS } from './mapping-rig.ts';

const START_MS = Date.UTC(2013, 9, 7);

/** A function that takes a while of real time: many turns of the event loop. */
async function slowly<Result>(result: Result): Promise<Result> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  return result;
}

/** A mapping on event time; `seen` has what was delivered, and when. */
async function onEventTime(
  settings: Partial<MappingSettings>,
  invoke: (texts: string[]) => Promise<InvokeResult>,
  streamOf: (stream: KinesisStream) => SourceStream = (stream) => stream,
) {
  const clock = new EventClock(START_MS);
  const stream = await new KinesisEngine({ clock, folder: null }).createStream({ name: 'trades', shardCount: 1, retentionHours: 24 });
  const seen: string[] = [];
  const say = (text: string) => void seen.push(`${text} at ${clock.now() - START_MS}`);
  const mapping = new EventSourceMapping({
    ...{ id: 'mapping-1', functionName: 'speed', clock, settings: { ...DEFAULTS, ...settings }, checkpoints: memoryCheckpoints() },
    stream: streamOf(stream),
    invoke: async (payload) => {
      const texts = JSON.parse(payload).Records.map(({ kinesis }: { kinesis: { data: string } }) =>
        Buffer.from(kinesis.data, 'base64').toString(),
      );
      say(`begin ${texts}`);
      const result = await invoke(texts);
      say(`end ${texts}`);
      return result;
    },
    onFailure: async () => undefined,
  });
  mapping.start();
  const put = async (text: string): Promise<void> => {
    const letGo = clock.hold();
    await stream.append([{ partitionKey: 'IBM', data: Buffer.from(text) }]);
    letGo();
  };
  return { clock, mapping, seen, say, put };
}

describe('an event-source mapping on event time', () => {
  it('lets nothing become due while a batch is delivered and remembered', async () => {
    const { clock, seen, say, put } = await onEventTime({}, () => slowly(SUCCESS));
    clock.after(10, () => void put('a'));
    clock.after(11, () => say('tick'));
    await clock.runUntil(START_MS + 20);
    expect(seen).toEqual(['begin a at 10', 'end a at 10', 'tick at 11']);
  });

  it('lets its batching window pass, and not a moment more', async () => {
    const { clock, seen, say, put } = await onEventTime({ maximumBatchingWindowMs: 10_000 }, () => slowly(SUCCESS));
    clock.after(1_000, () => void put('a'));
    clock.after(5_000, () => void put('b'));
    for (const ms of [10_999, 11_001]) clock.after(ms, () => say('tick'));
    await clock.runUntil(START_MS + 60_000);
    expect(seen).toEqual(['tick at 10999', 'begin a,b at 11000', 'end a,b at 11000', 'tick at 11001']);
  });

  it('waits out its back-off in event time, holding nothing', async () => {
    let failures = 3;
    const { clock, seen, put } = await onEventTime({}, () => slowly(failures-- > 0 ? ERROR : SUCCESS));
    await put('a');
    await clock.runUntil(START_MS + 60_000);
    expect(seen.filter((line) => line.startsWith('begin'))).toEqual(['begin a at 0', 'begin a at 100', 'begin a at 300', 'begin a at 700']);
    expect(clock.nextDueMs).toBeNull();
  });

  it('reads on while it delivers; when that fails, the delivery keeps its hold', async () => {
    let reads = 0;
    const failing = (stream: KinesisStream): SourceStream => ({
      arn: stream.arn,
      shardIds: () => stream.shardIds(),
      head: () => stream.head(),
      onAppend: (listener) => stream.onAppend(listener),
      read: async (...where) => {
        if (++reads === 3) throw new Error('the disk');
        return stream.read(...where);
      },
    });
    const { clock, seen, put } = await onEventTime({ batchSize: 1 }, () => slowly(SUCCESS), failing);
    await Promise.all([put('a'), put('b')]);
    await clock.runUntil(START_MS + 60_000);
    expect(seen).toEqual(['begin a at 0', 'end a at 0', 'begin b at 100', 'end b at 100']);
    expect(clock.nextDueMs).toBeNull();
  });

  it('is held by nobody once it has stopped', async () => {
    const { clock, mapping, say, seen } = await onEventTime({}, () => slowly(SUCCESS));
    await mapping.stop();
    clock.after(10, () => say('tick'));
    await clock.runUntil(START_MS + 10);
    expect(seen).toEqual(['tick at 10']);
  });
});

it('a mapping that is woken holds the clock before whoever woke it goes on', async () => {
  const rig = await new Rig().open();
  rig.mapping.start();
  await rig.settle();
  expect(rig.clock.holders).toBe(0);
  let heldWhenTold = -1;
  rig.stream.onAppend(() => {
    heldWhenTold = rig.clock.holders;
  });
  await rig.put('a');
  expect(heldWhenTold).toBe(1);
  await rig.settle();
  expect(rig.clock.holders).toBe(0);
});

describe('a schedule', () => {
  it('holds the clock until what it called has ended', async () => {
    const clock = new ManualClock(START_MS);
    const calls: PromiseWithResolvers<void>[] = [];
    const schedule = startSchedule({
      expression: 'rate(1 minute)',
      clock,
      run: () => {
        calls.push(Promise.withResolvers<void>());
        return calls.at(-1)!.promise;
      },
    });
    clock.advance(60_000);
    const before = clock.holders;
    calls[0]?.resolve();
    await new Promise(setImmediate);
    const between = clock.holders;
    calls[1]?.reject(new Error('no'));
    await schedule.stop();
    expect([before, between, clock.holders]).toEqual([2, 1, 0]);
  });

  it('fires at its instants on event time, however long a call takes', async () => {
    const clock = new EventClock(START_MS);
    const seen: number[] = [];
    startSchedule({ expression: 'rate(1 minute)', clock, run: () => slowly(undefined).then(() => seen.push(clock.now() - START_MS)) });
    await clock.runUntil(START_MS + 200_000);
    expect(seen).toEqual([0, 60_000, 120_000, 180_000]);
  });
});
