import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../bench/catalog.ts';
import { ReadingsUnderway } from '../../bench/live-messages.ts';
import { PEER_FIGURES } from '../../bench/peers.ts';
import type { Report } from '../../bench/report.ts';
import { percentile, slope, statisticsOf } from '../../bench/statistics.ts';
import { iteratorAgesMs } from '../../bench/watch.ts';
import { sequenceNumber } from '../../local/engines/kinesis/sequence-number.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** The code of others with another input; each costs a start or two. */
const VARIANTS = ['drain-single-trades', 'drain-readings', 'drain-episodes', 'mqtt'];
const TRIED = SCENARIOS.filter(({ id }) => !VARIANTS.includes(id));

function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', 'bench/run.ts', ...args], { cwd: ROOT, maxBuffer: 1 << 24 });
}

describe('npm run bench', () => {
  let folder: string;
  let report: Report;
  let markdown: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tidemark-bench-test-'));
    const { stdout } = await bench(...TRIED.map(({ id }) => id), '--scale', '0.0001', '--runs', '1', '--seed', '7', '--out', folder);
    markdown = stdout;
    report = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says on which machine, at which commit and with which input it measured', () => {
    const { machine } = report;
    expect(machine).toMatchObject({ node: process.version, cores: expect.any(Number), memoryGiB: expect.any(Number) });
    expect(machine.commit).toMatch(/^([0-9a-f]{12}\+?|unknown)$/);
    expect(machine.packages).toHaveProperty('hyparquet-writer');
    expect(report).toMatchObject({ scale: 0.0001, runs: 1, seed: 7 });
    for (const said of [machine.cpu, machine.node, machine.commit, 'seed 7']) expect(markdown).toContain(said);
  });

  it('measures every scenario it is asked for, with figures that are positive and percentiles in order', () => {
    expect(report.scenarios.map(({ id }) => id)).toEqual(TRIED.map(({ id }) => id));
    for (const { id, figures, cpuSeconds, peakMemoryMiB } of report.scenarios) {
      expect(figures.length, id).toBeGreaterThan(0);
      for (const { name, unit, n, min, median, p95, p99, max } of figures) {
        expect(n, id).toBeGreaterThan(0);
        if (!unit.startsWith('MiB/')) expect(min, `${id}: ${name}`).toBeGreaterThanOrEqual(0);
        if (unit.endsWith('/s')) expect(min, `${id}: ${name}`).toBeGreaterThan(0);
        expect([median, p95, p99, max], id).toEqual([median, p95, p99, max].sort((a, b) => a - b));
      }
      expect(cpuSeconds, id).toBeGreaterThan(0);
      expect(peakMemoryMiB, id).toBeGreaterThan(0);
    }
  });

  it('closes every sum: what was sent is what tables, streams and files hold', () => {
    for (const { id, sums } of report.scenarios) {
      expect(sums.length, id).toBeGreaterThan(0);
      for (const { name, expected, found } of sums) expect(found, `${id}: ${name}`).toBe(expected);
    }
    const counted = report.scenarios.flatMap(({ sums }) => sums.filter(({ expected }) => expected > 0));
    expect(counted.map(({ name }) => name)).toContain('transitions of at-1000 readable in alerts');
    expect(counted.map(({ name }) => name)).toContain('trades archived as rows');
  });

  it('puts every figure of the peers beside its own, with a plain warning', () => {
    const { ratios } = report.peers;
    const tried = PEER_FIGURES.filter(({ scenario }) => TRIED.some(({ id }) => id === scenario));
    expect(ratios.map(({ scenario, peer }) => `${scenario} ${peer}`)).toEqual(tried.map(({ scenario, peer }) => `${scenario} ${peer}`));
    for (const { ours, range, times, isLessBetter } of ratios) {
      expect(times[0]).toBeCloseTo(isLessBetter ? range[1] / ours : ours / range[0], 12);
      expect(times[1]).toBeCloseTo(isLessBetter ? range[0] / ours : ours / range[1], 12);
    }
    expect(markdown).toContain('come from another run, not from this machine today');
  });

  it('says of the long run how its memory grew and how far each function was behind', () => {
    const names = report.scenarios.find(({ id }) => id === 'long')!.figures.map(({ name }) => name);
    expect(names).toContain('growth of memory, second half (least squares)');
    expect(names.filter((name) => name.startsWith('iterator age of '))).not.toEqual([]);
  });

  it('writes as Markdown what it prints', async () => {
    expect(await readFile(path.join(folder, 'report.md'), 'utf8')).toBe(markdown);
    for (const { id } of report.scenarios) expect(markdown).toContain(`## ${id} (`);
  });

  it('explains itself, and refuses in one line what it does not know', async () => {
    const { stdout } = await bench('--help');
    for (const { id } of SCENARIOS) expect(stdout).toContain(id);
    await expect(bench('nothing')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^bench: there is no scenario "nothing"; .*\n$/),
    });
    const wrong = 'bench: --scale must be a number above 0, at most 1, not "2" (--help shows how)\n';
    await expect(bench('--scale', '2')).rejects.toMatchObject({ code: 2, stderr: wrong });
  });
});

describe('percentiles', () => {
  it('are samples: the smallest that so many do not exceed', () => {
    const samples = [5, 1, 4, 2, 3];
    expect([0, 20, 21, 50, 95, 100].map((percent) => percentile(samples, percent))).toEqual([1, 1, 2, 3, 5, 5]);
    expect(statisticsOf([7])).toEqual({ n: 1, median: 7, p95: 7, p99: 7, min: 7, max: 7 });
    expect(() => percentile([], 50)).toThrow(RangeError);
  });
});

describe('growth', () => {
  it('is the slope of the line closest to the samples', () => {
    expect(
      slope([
        [0, 5],
        [1, 7],
        [2, 9],
      ]),
    ).toBeCloseTo(2, 12);
    expect(
      slope([
        [0, 1],
        [1, 0],
        [2, 1],
        [3, 0],
      ]),
    ).toBeCloseTo(-0.2, 12);
    expect(slope([[3, 8]])).toBe(0);
  });
});

describe('iterator age', () => {
  const at = (ms: number) => sequenceNumber(ms, 0, 0);

  it('is how far a function is behind the newest record, at its slowest shard', () => {
    const progress = {
      streams: { readings: { a: at(9_000), b: at(5_000), c: null }, trades: { a: at(1) } },
      mappings: [
        { function: 'speed', stream: 'readings', shards: { a: at(8_500), b: at(3_000), c: null } },
        { function: 'archive', stream: 'readings', shards: { a: at(9_000), b: null } },
        { function: 'idle', stream: 'readings', shards: { a: null } },
        { function: 'other', stream: 'trades', shards: { a: null } },
      ],
    };
    expect(iteratorAgesMs(progress, 'readings')).toEqual(
      new Map([
        ['speed', 2_000],
        ['archive', 0],
      ]),
    );
  });
});

describe('live messages', () => {
  it('name one reading and stand for the ones before it of their sensor', () => {
    const underway = new ReadingsUnderway();
    for (const ms of [10, 20, 30]) underway.published('a', ms, ms);
    underway.published('b', 15, 15);
    underway.heard('a', 20, 25);
    underway.heard('a', 20, 26);
    underway.heard('c', 20, 26);
    expect(underway.named).toEqual([{ sentMs: 20, atMs: 25 }]);
    expect(underway.settled).toEqual([
      { sentMs: 10, atMs: 25 },
      { sentMs: 20, atMs: 25 },
    ]);
    underway.heard('b', 16, 40);
    expect(underway.named).toHaveLength(1);
    expect(underway.settled.at(-1)).toEqual({ sentMs: 15, atMs: 40 });
  });
});
