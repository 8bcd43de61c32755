/** Runs scenarios one after the other and gathers what they measured. */
import { cpuPressureSeconds, describeMachine, loadAverage, preciseNowMs } from './machine.ts';
import { PEERS_SOURCE, ratiosOf } from './peers.ts';
import type { Report, ScenarioReport } from './report.ts';
import type { Conditions, Scenario } from './scenario.ts';
import { statisticsOf } from './statistics.ts';

async function runScenario(scenario: Scenario, conditions: Conditions): Promise<ScenarioReport> {
  const { id, part, title } = scenario;
  const before = { load: loadAverage(), pressure: cpuPressureSeconds(), atMs: preciseNowMs() };
  conditions.log(`${id} (load average ${before.load.toFixed(1)})`);
  const { settings, warmUp, measured, cpuSeconds, peakMemoryMiB, sums } = await scenario.run(conditions);
  const wallSeconds = (preciseNowMs() - before.atMs) / 1000;
  const pressure = cpuPressureSeconds();
  return {
    id,
    part,
    title,
    settings,
    warmUp,
    figures: measured.map(({ name, unit, samples }) => ({ name, unit, ...statisticsOf(samples) })),
    cpuSeconds,
    peakMemoryMiB,
    load: { before: before.load, after: loadAverage() },
    cpuPressure: pressure === null || before.pressure === null ? null : (pressure - before.pressure) / wallSeconds,
    wallSeconds,
    sums,
  };
}

/** Throws what a scenario throws: a report without it would say less than it seems to. */
export async function runScenarios(scenarios: readonly Scenario[], conditions: Conditions): Promise<Report> {
  const { scale, runs, seed } = conditions;
  const startedAt = new Date().toISOString();
  // Now: by the end somebody may have committed.
  const machine = describeMachine();
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) reports.push(await runScenario(scenario, conditions));
  const peers = { source: PEERS_SOURCE, ratios: ratiosOf(reports) };
  return { tidemarkBench: 1, startedAt, machine, scale, runs, seed, scenarios: reports, peers };
}
