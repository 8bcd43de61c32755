import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { parseOptions, type ReplayOptions } from '../../../cli/replay/options.ts';
import type { ProgressDisplay } from '../../../cli/replay/progress-display.ts';
import { readRecording, replay } from '../../../cli/replay/run.ts';
import { openInstance } from '../../../cli/shared/instance.ts';
import { type FakeInstance, fakeInstance } from './fake-instance.ts';

let folder: string;
let file: string;
let instance: FakeInstance;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-replay-'));
  file = join(folder, 'd-1.csv');
  await writeFile(file, `timestamp,value\n${Array.from({ length: 600 }, (_, second) => `${1_600_000_000 + second},20.5\n`).join('')}`);
});
afterEach(async () => {
  await instance.close();
  await rm(folder, { recursive: true });
});

async function replayed(args: string[], signal = new AbortController().signal) {
  const options = parseOptions(['readings', file, '--url', instance.url, ...args]) as ReplayOptions;
  const { endpoints } = await openInstance(options.target, () => {}, signal);
  const seen = { sent: 0, waitedFor: [] as string[] };
  const display: ProgressDisplay = {
    sent: (rows) => {
      seen.sent += rows;
    },
    reached: () => {},
    waitingFor: (functions) => seen.waitedFor.push(...functions),
    stop: () => {},
  };
  const recording = await readRecording(options);
  const surroundings = { endpoints, clock: REAL_CLOCK, random: () => 0.5, signal, display, log: () => {} };
  return { summary: await replay(recording, options, surroundings), seen };
}

describe('a replay of readings', () => {
  it('sends every row, waits for speed and archive, and sums up what this replay changed', async () => {
    instance = await fakeInstance(40);
    const { summary, seen } = await replayed([]);
    expect(summary).toMatchObject({ received: 600, applied: 600, duplicate: 0, late: 0, quarantined: {}, quality: { OK: 600 } });
    expect(seen).toEqual({ sent: 600, waitedFor: ['archive'] });
    expect(instance.assignments).toEqual([]);
  });

  it('assigns profile and zone first when they are given', async () => {
    instance = await fakeInstance(0);
    await replayed(['--profile', 'industrial', '--zone', 'Asia/Tokyo']);
    expect(instance.assignments).toEqual([{ match: 'd-1', profile: 'industrial', zone: 'Asia/Tokyo' }]);
  });

  it('fails with the instance’s own words when it refuses the profile, before anything is sent', async () => {
    instance = await fakeInstance(0);
    await expect(replayed(['--profile', 'oven'])).rejects.toThrow('answered 400: profile must be one of dht22');
    expect(instance.published).toBe(0);
  });

  it('says how far it came when it is interrupted', async () => {
    instance = await fakeInstance(0);
    const interruption = new AbortController();
    instance.onPublish = () => {
      if (instance.published === 100) interruption.abort();
    };
    const interrupted = replayed([], interruption.signal);
    await expect(interrupted).rejects.toThrow(/^interrupted after \d+ of 600 rows; replay again to go on/);
    await expect(interrupted).rejects.toMatchObject({ exitCode: 130 });
    expect(instance.published).toBeLessThan(600);
  });
});

describe('the instance of a replay', () => {
  it('fails in one line when it is something else', async () => {
    instance = await fakeInstance(0);
    instance.runtime = { api: instance.url };
    await expect(openInstance({ kind: 'url', url: instance.url }, () => {}, new AbortController().signal)).rejects.toThrow('tells no mqtt');
  });

  it('fails in one line when nothing is there', async () => {
    instance = await fakeInstance(0);
    await instance.close();
    const opening = openInstance({ kind: 'url', url: instance.url }, () => {}, new AbortController().signal);
    await expect(opening).rejects.toThrow(
      /no running Tidemark at .*ECONNREFUSED.*: start one with npm start, name one with --url, or use --standalone/,
    );
    instance = await fakeInstance(0);
  });
});
