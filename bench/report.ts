/** The report: what was measured where, as data and as Markdown. */
import type { Machine } from './machine.ts';
import type { Ratio } from './peers.ts';
import type { Sum } from './scenario.ts';
import type { Statistics } from './statistics.ts';

export interface MeasuredFigure extends Statistics {
  readonly name: string;
  readonly unit: string;
}

export interface ScenarioReport {
  readonly id: string;
  readonly part: string;
  readonly title: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly warmUp: string;
  readonly figures: readonly MeasuredFigure[];
  readonly cpuSeconds: number;
  readonly peakMemoryMiB: number;
  /** Load average of one minute. */
  readonly load: { readonly before: number; readonly after: number };
  /** Share of the time in which some task waited for a CPU, 0 to 1, our own included; null where the system does not tell. */
  readonly cpuPressure: number | null;
  readonly wallSeconds: number;
  readonly sums: readonly Sum[];
}

export interface Report {
  readonly tidemarkBench: 1;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly scale: number;
  readonly runs: number;
  readonly seed: number;
  readonly scenarios: readonly ScenarioReport[];
  /** The same work done by others, on another run of another machine. */
  readonly peers: { readonly source: readonly string[]; readonly ratios: readonly Ratio[] };
}

/** Every sum of a scenario has the same value on both sides. */
export function sumsClose({ sums }: ScenarioReport): boolean {
  return sums.every(({ expected, found }) => expected === found);
}

/** Four significant digits at most, thousands apart. */
function shown(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(3, digits) });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function headerOf({ machine, scale, runs, seed, startedAt }: Report): string {
  const { cpu, cores, memoryGiB, os, node, packages, commit } = machine;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `- Machine: ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${os}`,
    `- Node ${node}; ${versions.join(', ')}`,
    `- Commit ${commit}; seed ${seed}; scale ${scale}; ${runs} measured runs where a run is short; started ${startedAt}`,
    '- n = samples; percentiles are nearest rank (of 3 samples, p95 and p99 are the largest). CPU seconds and memory are those of the process tree that was measured.',
    '- Pressure: share of the time in which some task waited for a CPU, our own tasks included.',
  ].join('\n');
}

function scenarioOf(report: ScenarioReport): string {
  const { id, part, title, settings, warmUp, figures, sums, cpuSeconds, peakMemoryMiB, load, cpuPressure, wallSeconds } = report;
  const rows = figures.map((figure) => [
    figure.name,
    figure.unit,
    String(figure.n),
    ...[figure.median, figure.p95, figure.p99, figure.min, figure.max].map(shown),
  ]);
  const given = Object.entries(settings).map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`);
  const pressure = cpuPressure === null ? 'not told by the system' : shown(cpuPressure);
  const open = sums.filter(({ expected, found }) => expected !== found);
  return [
    `## ${id} (${part})`,
    `${title}.`,
    table(['figure', 'unit', 'n', 'median', 'p95', 'p99', 'min', 'max'], rows),
    `- ${given.join('; ')}. Warm-up: ${warmUp}.`,
    `- CPU ${shown(cpuSeconds)} s, peak memory ${shown(peakMemoryMiB)} MiB, ${shown(wallSeconds)} s in all; load average ${shown(load.before)} before, ${shown(load.after)} after; pressure ${pressure}.`,
    open.length === 0
      ? `- Sums: all ${sums.length} close.`
      : `- **Sums that do not close**: ${open.map(({ name, expected, found }) => `${name}: ${found}, not ${expected}`).join('; ')}.`,
  ].join('\n\n');
}

function peersOf({ peers, scale }: Report): string[] {
  if (peers.ratios.length === 0) return [];
  const span = (from: number, to: number) => (shown(from) === shown(to) ? shown(from) : `${shown(from)} to ${shown(to)}`);
  const rows = peers.ratios.map(({ scenario, figure, statistic, unit, ours, peer, range: [low, high], times: [worst, best] }) => [
    `${scenario}: ${figure}, ${statistic}`,
    unit,
    shown(ours),
    peer,
    span(low, high),
    span(Math.max(worst, best), Math.min(worst, best)),
  ]);
  return [
    '## Beside other stacks (h)',
    `**The peers' figures come from another run, not from this machine today.** A ratio within a factor of two says little; one that counts is measured side by side.`,
    peers.source.map((line) => `- ${line}.`).join('\n'),
    `Above 1 means better for Tidemark (more a second, or less time or memory), against the worst and the best run of the peer. A peer's alert is a reading above a threshold, ours a transition with a durable history: the uniform input has about 1.6 of ours for one of theirs.${scale < 1 ? ' At a scale below 1 starting weighs more: the drains are understated.' : ''}`,
    table(['figure of this report', 'unit', 'Tidemark', 'peer', 'its figure', 'ratio'], rows),
  ];
}

export function markdownOf(report: Report): string {
  return `${['# Tidemark bench', headerOf(report), ...report.scenarios.map(scenarioOf), ...peersOf(report)].join('\n\n')}\n`;
}
