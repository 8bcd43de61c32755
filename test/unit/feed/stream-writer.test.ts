import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../feed/random.ts';
import { PutRefusedError } from '../../../feed/records-port.ts';
import { StreamWriter } from '../../../feed/stream-writer.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RecordingPort, record } from './recording-port.ts';

let port: RecordingPort;
let clock: ManualClock;
let lines: string[];
let writer: StreamWriter;

beforeEach(() => {
  port = new RecordingPort();
  clock = new ManualClock(1000);
  lines = [];
  writer = new StreamWriter({ port, clock, random: () => 1, log: (line) => lines.push(line), maxQueuedBytes: 100 });
});

/** Everything that can happen without the clock has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('The stream writer', () => {
  it('puts at most one record of a key into a request, and what came in meanwhile into the next one', async () => {
    await writer.write([record('a', 1), record('a', 2), record('b', 1)]);
    await writer.write([record('c', 1)]);
    await writer.flush();
    expect(port.requests.map((request) => request.map(({ partitionKey }) => partitionKey))).toEqual([
      ['a', 'b'],
      ['c', 'a'],
    ]);
    expect(writer.counters).toEqual({ written: 4, retried: 0, requests: 2 });
  });

  it('keeps the order of a refused key, and lets the others go on while it rests', async () => {
    port.answers.push(['a'], [], [], ['a']);
    await writer.write([record('a', 1), record('a', 2), record('b', 1), record('b', 2), record('b', 3)]);
    await settled();
    expect(port.taken.map(({ partitionKey }) => partitionKey)).toEqual(['b', 'b', 'b']);
    clock.advance(99);
    await settled();
    expect(port.requests).toHaveLength(3);
    // Refused once more, it rests twice as long.
    clock.advance(1);
    await settled();
    expect(port.requests).toHaveLength(4);
    clock.advance(199);
    await settled();
    expect(port.textsOf('a')).toEqual([]);
    clock.advance(1);
    await writer.flush();
    expect(port.textsOf('a')).toEqual(['1', '2']);
    expect(port.textsOf('b')).toEqual(['1', '2', '3']);
    expect(writer.counters).toMatchObject({ written: 5, retried: 2 });
    expect(lines[0]).toBe('stream: 1 of 2 records refused, trying again (ProvisionedThroughputExceededException: slow down)');
  });

  it('lets a key that comes in while all others rest go out at once', async () => {
    port.answers.push(['a']);
    await writer.write([record('a', 1)]);
    await settled();
    await writer.write([record('b', 1)]);
    await settled();
    expect(port.taken.map(({ partitionKey }) => partitionKey)).toEqual(['b']);
    clock.advance(100);
    await writer.flush();
    expect(port.textsOf('a')).toEqual(['1']);
    expect(clock.nextDueMs).toBeNull();
  });

  it('puts a failed request again, before anything else of its keys', async () => {
    port.answers.push(new Error('socket hang up'), new Error('socket hang up'));
    await writer.write([record('a', 1), record('a', 2)]);
    await settled();
    clock.advance(100);
    await settled();
    clock.advance(199);
    await settled();
    expect(port.taken).toEqual([]);
    clock.advance(1);
    await writer.flush();
    expect(port.textsOf('a')).toEqual(['1', '2']);
    expect(writer.counters).toEqual({ written: 2, retried: 2, requests: 4 });
    expect(lines).toEqual([
      'stream: a request failed (Error: socket hang up); trying again in 100 ms',
      'stream: a request failed (Error: socket hang up); trying again in 200 ms',
    ]);
  });

  it('tries again after the first delay once anything was taken', async () => {
    for (const answer of [new Error('down'), ['a']]) {
      port.answers.push(answer, [], answer);
      await writer.write([record('a', 1), record('a', 2)]);
      await settled();
      clock.advance(100);
      await settled();
      clock.advance(99);
      await settled();
      const before = port.requests.length;
      clock.advance(1);
      await writer.flush();
      expect(port.requests.length).toBe(before + 1);
    }
    expect(port.textsOf('a')).toEqual(['1', '2', '1', '2']);
  });

  it('keeps every key in order and loses nothing under any failures', async () => {
    const random = seededRandom(7);
    const keys = ['a', 'b', 'c', 'd'];
    for (let request = 0; request < 300; request++) {
      port.answers.push(random() < 0.2 ? new Error('lost') : keys.filter(() => random() < 0.4));
    }
    const expected = new Map<string, string[]>(keys.map((key) => [key, []]));
    for (let number = 0; number < 400; number++) {
      const key = keys[Math.floor(random() * keys.length)]!;
      expected.get(key)!.push(String(number));
      void writer.write([record(key, number)]);
      if (number % 7 === 0) await settled();
    }
    let flushed = false;
    const flushing = writer.flush().then(() => {
      flushed = true;
    });
    while (!flushed) {
      await settled();
      if (clock.nextDueMs !== null) clock.advance(clock.nextDueMs - clock.now());
    }
    await flushing;
    for (const key of keys) expect(port.textsOf(key)).toEqual(expected.get(key));
    expect(writer.counters.written).toBe(400);
  });

  it('asks its caller to wait while the queue is full, and not any longer', async () => {
    const gate = Promise.withResolvers<void>();
    port.gate = gate.promise;
    await writer.write([record('a', 'x'.repeat(99))]);
    expect(writer.full).toBe(false);
    let hasRoom = false;
    const room = writer.write([record('b', 'x')]).then(() => {
      hasRoom = true;
    });
    await settled();
    expect([writer.full, hasRoom]).toEqual([true, false]);
    gate.resolve();
    await room;
    expect(writer.full).toBe(false);
    await writer.flush();
    expect(port.taken).toHaveLength(2);
  });

  it('stays within 500 records and 5 MiB a request, and gives every key its turn', async () => {
    await Promise.all(Array.from({ length: 600 }, (_, key) => writer.write([record(`k${key}`, 1), record(`k${key}`, 2)])));
    await writer.flush();
    expect(port.requests.map((request) => request.length)).toEqual([500, 500, 200]);
    expect(port.requests[1]!.slice(0, 100).map(({ partitionKey }) => partitionKey)).toEqual(
      Array.from({ length: 100 }, (_, index) => `k${500 + index}`),
    );
    port.requests.length = 0;
    const megabyte = 'x'.repeat(1024 * 1024);
    await Promise.all(Array.from({ length: 6 }, (_, key) => writer.write([record(`k${key}`, megabyte)])));
    await writer.flush();
    expect(port.requests.map((request) => request.length)).toEqual([4, 2]);
  });

  it('keeps the order of a queue far longer than what it keeps of the past', async () => {
    const numbers = Array.from({ length: 3000 }, (_, number) => number);
    void writer.write(numbers.map((number) => record('a', number)));
    await writer.flush();
    expect(port.textsOf('a')).toEqual(numbers.map(String));
  });

  it('tells how much is not written when the time for it is over, and tries no more', async () => {
    port.answers.push(new Error('down'));
    await writer.write([record('a', 1), record('b', 1)]);
    const flushed = writer.flush(50);
    await settled();
    clock.advance(50);
    await expect(flushed).rejects.toThrow('2 records are not written after 50 ms');
    clock.advance(60_000);
    await expect(writer.flush()).rejects.toThrow('2 records are not written after 50 ms');
    expect(port.taken).toHaveLength(0);
  });

  it('gives up when the stream refuses for good, and says so to everyone', async () => {
    port.answers.push(new PutRefusedError('no such stream'));
    const waiting = writer.write([record('a', 'x'.repeat(200))]);
    await expect(waiting).rejects.toThrow('no such stream');
    await expect(writer.flush()).rejects.toThrow('no such stream');
    await expect(writer.write([record('a', 1)])).rejects.toThrow('no such stream');
    await expect(writer.failed).rejects.toThrow('no such stream');
    expect(port.requests).toHaveLength(1);
  });

  it('leaves no timer behind when it gives up while a key rests', async () => {
    port.answers.push(['a'], new PutRefusedError('no such stream'));
    await writer.write([record('a', 1)]);
    await settled();
    await writer.write([record('b', 1)]);
    await expect(writer.flush()).rejects.toThrow('no such stream');
    expect(clock.nextDueMs).toBeNull();
  });
});
