/** Recorded data through a Tidemark of its own, on event time: days pass in seconds, with their timers, schedules and batches. */
import { EventClock } from '../../../local/engines/event-clock.ts';
import { startTidemark, type Tidemark } from '../../../local/runtime/start.ts';
import { assignSensor, getCounters } from '../../shared/local-api.ts';
import { type Summary, summarize } from '../../shared/summary.ts';
import { INTERRUPTED, messageOf, UserError } from '../../shared/user-error.ts';
import type { ProgressDisplay } from '../progress-display.ts';
import { assignmentsOf, type Recording } from '../run.ts';
import { type Arrival, type ArrivalSettings, arrivalsOf } from './arrivals.ts';
import { type EventDay, eventDaysOf, publishedRevisions } from './event-days.ts';
import { type Source, sourceOf } from './source.ts';
import type { DayOutcome, EventSummary } from './summary.ts';

export interface EventReplayOptions extends ArrivalSettings {
  /** Replayed together: of one source, or of both. */
  readonly recordings: readonly Recording[];
  /** Where the data stays; null: it goes when the replay is closed. */
  readonly dataFolder: string | null;
  readonly signal: AbortSignal;
  readonly display: ProgressDisplay;
  readonly log: (line: string) => void;
  /** Real time, ms. */
  readonly now: () => number;
  /** Fields of the configuration that differ. */
  readonly config?: object;
}

export interface EventReplay {
  readonly tidemark: Tidemark;
  readonly clock: EventClock;
  /** Resolves when all has arrived and every day of it is published, or was waited for long enough. Throws UserError when interrupted. */
  run(): Promise<EventSummary>;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The archive collects as long as it may: fewer and larger objects, fewer calls. */
const CONFIG = { archive: { batchingWindowSeconds: 300 } };
/** How often is asked whether the days are published. */
const LOOK_EVERY_MS = 10 * MINUTE_MS;
/** How long a day is waited for after it could have been published. */
const PATIENCE_MS = 72 * HOUR_MS;
/** The same where nothing publishes. */
const PATIENCE_WITHOUT_BATCH_MS = 2 * HOUR_MS;
/** A gap between arrivals that is longer than this is slept through, once its days are done with. */
const LONGEST_WAIT_MS = PATIENCE_MS + 48 * HOUR_MS;

/** A whole minute, at least one before the instant. */
function minuteBefore(instantMs: number): number {
  return Math.floor(instantMs / MINUTE_MS - 1) * MINUTE_MS;
}

/** Starts the runtime, its clock standing shortly before the first arrival. Throws UserError when that fails. */
export async function openEventReplay(options: EventReplayOptions): Promise<EventReplay> {
  const { recordings, dataFolder, signal, log } = options;
  const trades = recordings.flatMap((recording) => recording.trades);
  const readings = recordings.flatMap((recording) => recording.readings);
  const arrivals = arrivalsOf(trades, readings, options);
  const clock = new EventClock(minuteBefore(arrivals[0]!.atMs));
  let tidemark: Tidemark;
  try {
    const given = { port: 0, dataFolder, simulate: false, seed: options.seed, sensorCount: 0, config: { ...CONFIG, ...options.config } };
    tidemark = await startTidemark({ ...given, clock, log, signal });
  } catch (error) {
    if (signal.aborted) throw new UserError('interrupted before anything was sent', { cause: error, exitCode: INTERRUPTED });
    throw new UserError(`Tidemark did not start: ${messageOf(error)}`, { cause: error });
  }
  try {
    for (const assignment of recordings.flatMap(assignmentsOf)) await assignSensor(tidemark.url, assignment);
  } catch (error) {
    await tidemark.stop();
    throw error;
  }
  const course = new Course(clock, tidemark, arrivals, eventDaysOf(trades, readings), options);
  return {
    tidemark,
    clock,
    run: () => course.run(),
    async close() {
      clock.stop();
      await tidemark.stop();
    },
  };
}

class Course {
  readonly #clock: EventClock;
  readonly #tidemark: Tidemark;
  readonly #arrivals: readonly Arrival[];
  readonly #days: readonly EventDay[];
  readonly #options: EventReplayOptions;
  readonly #send: Source;
  #sentRows = 0;
  /** Why a service of the runtime ended by itself. */
  #failure: Error | null = null;

  constructor(clock: EventClock, tidemark: Tidemark, arrivals: readonly Arrival[], days: readonly EventDay[], options: EventReplayOptions) {
    this.#clock = clock;
    this.#tidemark = tidemark;
    this.#arrivals = arrivals;
    this.#days = days;
    this.#options = options;
    this.#send = sourceOf(tidemark.context, options.log);
  }

  async run(): Promise<EventSummary> {
    const { signal, now } = this.#options;
    const stop = (): void => this.#clock.stop();
    void this.#tidemark.failed.then((error) => {
      this.#failure = error;
      stop();
    });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const began_at = this.#time();
    const startMs = now();
    try {
      await this.#pass();
      const elapsedMs = now() - startMs;
      return { ...(await this.#counted(elapsedMs)), began_at, ended_at: this.#time(), days: await this.#outcomes() };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  /** Throws UserError when the clock was stopped: by a service that failed, or because the replay was interrupted. */
  #checkGoing(): void {
    if (!this.#clock.isStopped) return;
    const where = `at ${this.#time()} of event time, after ${this.#sentRows} rows`;
    if (this.#failure) throw new UserError(`Tidemark stopped ${where}: ${this.#failure.message}`, { cause: this.#failure });
    throw new UserError(`interrupted ${where}`, { exitCode: INTERRUPTED });
  }

  async #pass(): Promise<void> {
    for (let next = 0; next < this.#arrivals.length; ) {
      const first = this.#arrivals[next]!;
      if (first.atMs - this.#clock.now() > LONGEST_WAIT_MS) await this.#sleepUntil(minuteBefore(first.atMs));
      await this.#runUntil(first.atMs);
      next += await this.#handOver(next);
    }
    await this.#settle();
  }

  /** Hands over what arrives before anything else is due, each record as of its own instant: as if its readers looked in a moment later. */
  async #handOver(from: number): Promise<number> {
    const beforeMs = this.#clock.nextDueMs ?? Number.POSITIVE_INFINITY;
    let to = from + 1;
    while (to < this.#arrivals.length && this.#arrivals[to]!.atMs < beforeMs) to++;
    const arrivals = this.#arrivals.slice(from, to);
    await this.#runUntil(arrivals.at(-1)!.atMs);
    const letClockGo = this.#clock.hold();
    await this.#send(arrivals);
    letClockGo();
    const rows = arrivals.reduce((sum, arrival) => sum + arrival.rows, 0);
    this.#sentRows += rows;
    this.#options.display.sent(rows);
    return arrivals.length;
  }

  async #runUntil(instantMs: number): Promise<void> {
    await this.#clock.runUntil(instantMs);
    this.#checkGoing();
    this.#options.display.reached(this.#clock.now());
  }

  async #sleepUntil(instantMs: number): Promise<void> {
    await this.#settle();
    // A query of somebody who looks on may hold the clock just now.
    await this.#runUntil(this.#clock.now());
    this.#clock.leapTo(instantMs);
  }

  /** Waits until every day that has arrived so far is published, or has been waited for long enough. */
  async #settle(): Promise<void> {
    const nowMs = this.#clock.now();
    const settledMs = Math.max(...this.#days.map((day) => day.settledMs).filter((ms) => ms <= nowMs + LONGEST_WAIT_MS));
    await this.#runUntil(settledMs);
    for (;;) {
      const revisions = await publishedRevisions(this.#tidemark.context.s3);
      const waitedMs = this.#clock.now() - settledMs;
      if (waitedMs >= (revisions ? PATIENCE_MS : PATIENCE_WITHOUT_BATCH_MS)) return;
      const due = this.#days.filter((day) => day.settledMs <= settledMs);
      if (revisions && due.every(({ source, day }) => revisions.has(`${source} ${day}`))) return;
      await this.#runUntil(this.#clock.now() + LOOK_EVERY_MS);
    }
  }

  async #outcomes(): Promise<DayOutcome[]> {
    const revisions = await publishedRevisions(this.#tidemark.context.s3);
    return this.#days.map(({ source, day }) => ({ source, day, revision: revisions?.get(`${source} ${day}`) ?? null }));
  }

  async #counted(elapsedMs: number): Promise<Summary> {
    const counters = await Promise.all(
      this.#options.recordings.flatMap(({ source, keys }) => keys.map((key) => getCounters(this.#tidemark.url, source, key))),
    );
    return summarize(
      counters.map((after) => ({ before: undefined, after })),
      elapsedMs,
    );
  }
}
