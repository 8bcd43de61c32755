/** One simulation: start the fleet, let it run, stop it, hold its ledgers against the pipeline's counters. */
import type { Clock } from '#adapters/clock.ts';
import type { Counters } from '#domain/key-state.ts';
import { faultyDeviceName, startFaultyFleet } from '../../device-sim/faulty-fleet.ts';
import type { DeviceLedger } from '../../device-sim/ledger.ts';
import { awaitPassed } from '../shared/await-passed.ts';
import { getJson, getProgress } from '../shared/local-api.ts';
import { patiently } from '../shared/patiently.ts';
import { INTERRUPTED, UserError } from '../shared/user-error.ts';
import { type Account, accountOf, type Comparison, differencesOf } from './account.ts';
import { alarmAccountOf } from './alarm-account.ts';
import type { SimulateOptions } from './options.ts';
import { readCounters, readTransitions, smallerPage, type ViewOptions } from './pipeline-view.ts';
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
/** A transition has the time of a reading, or the end of its window. */
const ALARMS_AROUND_MS = 3_600_000;

/** Runs to the count or the signal. Throws UserError when the instance goes away, or the account was given up. */
export async function simulate(options: SimulateOptions, target: Target, surroundings: Surroundings): Promise<Account> {
  const { clock, signal, log } = surroundings;
  const view = target.api === null ? null : viewOf(target.api, options, surroundings);
  const before = view && (await readCounters(view));
  const startMs = clock.now();
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
  const comparison = view && before && (await compare(view, fleet.ledgers, before, startMs, surroundings));
  return accountOf(fleet.ledgers, unacknowledged, comparison);
}

function viewOf(api: string, { prefix, deviceCount }: SimulateOptions, { clock, giveUp, log }: Surroundings): ViewOptions {
  const names = new Set(Array.from({ length: deviceCount }, (_, index) => faultyDeviceName(prefix, index)));
  const tell = sparingly(clock, log);
  let slowPages = 0;
  return {
    api,
    isOfFleet: (sensor) => names.has(sensor),
    ask: (url) =>
      patiently(
        (attempt) => {
          // Pages stay small: what was too slow once is so again.
          if (attempt > 0) slowPages++;
          return getJson(smallerPage(url, slowPages));
        },
        clock,
        giveUp,
      ),
    onRead: tell,
  };
}

async function compare(
  view: ViewOptions,
  ledgers: readonly DeviceLedger[],
  before: ReadonlyMap<string, Counters>,
  startMs: number,
  { clock, giveUp, log }: Surroundings,
): Promise<Comparison> {
  const tell = sparingly(clock, log);
  const getBusyProgress = () => patiently(() => getProgress(view.api), clock, giveUp);
  const onBehind = (_functions: readonly string[], lagMs: number) => tell(`waiting for the pipeline, ${Math.ceil(lagMs / 1000)} s behind`);
  log('simulate: waiting for the pipeline');
  await awaitPassed({ getProgress: getBusyProgress, stream: 'readings', functions: /speed/i, clock, signal: giveUp, onBehind });
  if (giveUp.aborted) throw new UserError('interrupted before the pipeline had taken everything', { exitCode: INTERRUPTED });
  const after = await readCounters(view);
  const transitions = await readTransitions(view, startMs - ALARMS_AROUND_MS, clock.now() + ALARMS_AROUND_MS);
  const counters = ledgers.map(({ device }) => ({ before: before.get(device), after: after.get(device) }));
  const isKnownBefore = (device: string) => before.has(device);
  return {
    differences: differencesOf(ledgers, counters),
    alarms: alarmAccountOf({ ledgers, transitions, isKnownBefore, readMs: clock.now() }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Tells a line at most every 5 s. */
function sparingly(clock: Clock, log: (line: string) => void): (what: string) => void {
  let lastMs = clock.now();
  return (what) => {
    if (clock.now() - lastMs < PROGRESS_EVERY_MS) return;
    lastMs = clock.now();
    log(`simulate: ${what}`);
  };
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
