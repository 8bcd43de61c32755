/** One simulation: start the fleet, let it run, stop it, hold its ledgers against the pipeline's counters. */
import type { Clock } from '#adapters/clock.ts';
import { forEachLimited } from '#adapters/concurrency.ts';
import type { Counters } from '#domain/key-state.ts';
import { faultyDeviceName, startFaultyFleet } from '../../device-sim/faulty-fleet.ts';
import type { DeviceLedger } from '../../device-sim/ledger.ts';
import { awaitPassed } from '../shared/await-passed.ts';
import { getCounters, getProgress } from '../shared/local-api.ts';
import { INTERRUPTED, UserError } from '../shared/user-error.ts';
import { type Account, accountOf, type Difference, differencesOf } from './account.ts';
import type { SimulateOptions } from './options.ts';
import type { Target } from './target.ts';

export interface Surroundings {
  readonly clock: Clock;
  /** Aborted: the fleet is stopped, and the account is given of what it did until then. */
  readonly signal: AbortSignal;
  /** Aborted: the account is not waited for either. */
  readonly giveUp: AbortSignal;
  readonly log: (line: string) => void;
  /** Takes a line of --events. */
  readonly writeEvent: (line: string) => void;
}

const PROGRESS_EVERY_MS = 5000;
const REQUESTS_AT_ONCE = 16;

/** Runs to the count or the signal. Throws UserError when the instance goes away, or the account was given up. */
export async function simulate(options: SimulateOptions, target: Target, surroundings: Surroundings): Promise<Account> {
  const { clock, signal, log } = surroundings;
  const names = Array.from({ length: options.deviceCount }, (_, index) => faultyDeviceName(options.prefix, index));
  const before = target.api === null ? null : await countersOf(target.api, names);
  let taken = 0;
  const fleet = startFaultyFleet({
    ...options,
    ...target,
    clock,
    log,
    onTaken: () => taken++,
    onEvent: options.events
      ? (device, sample, expected) => surroundings.writeEvent(JSON.stringify({ device, ...sample, expected }))
      : undefined,
  });
  const stopTelling = repeatedly(clock, () => log(`simulate: ${taken} readings taken by ${options.deviceCount} devices`));
  let unacknowledged: number;
  try {
    await Promise.race([fleet.finished, aborted(signal)]);
  } finally {
    stopTelling();
    unacknowledged = await fleet.stop();
  }
  const differences = target.api === null || before === null ? null : await compare(target.api, fleet.ledgers, before, surroundings);
  return accountOf(fleet.ledgers, unacknowledged, differences);
}

async function compare(
  api: string,
  ledgers: readonly DeviceLedger[],
  before: readonly (Counters | undefined)[],
  { clock, giveUp, log }: Surroundings,
): Promise<Difference[]> {
  log('simulate: waiting for the pipeline');
  await awaitPassed({ getProgress: () => getProgress(api), stream: 'readings', functions: /speed/i, clock, signal: giveUp });
  if (giveUp.aborted) throw new UserError('interrupted before the pipeline had taken everything', { exitCode: INTERRUPTED });
  const after = await countersOf(
    api,
    ledgers.map(({ device }) => device),
  );
  return differencesOf(
    ledgers,
    after.map((counters, index) => ({ before: before[index], after: counters })),
  );
}

async function countersOf(api: string, names: readonly string[]): Promise<(Counters | undefined)[]> {
  const counters: (Counters | undefined)[] = [];
  await forEachLimited([...names.entries()], REQUESTS_AT_ONCE, async ([index, name]) => {
    counters[index] = await getCounters(api, 'readings', name);
  });
  return counters;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Calls `task` every 5 s; the answer ends it. */
function repeatedly(clock: Clock, task: () => void): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(PROGRESS_EVERY_MS, () => {
      task();
      next();
    });
  };
  next();
  return () => cancel();
}
