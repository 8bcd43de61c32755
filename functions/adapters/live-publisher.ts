/** Pushes what changed to pages, by the message broker: best effort. What is lost or left out, the next message or the API tells. */
import { type IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import type { AlarmRow } from '#domain/alerts.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import type { KeyState } from '#domain/key-state.ts';
import { latestRow } from '#domain/latest-row.ts';
import { LiveThrottle } from '#domain/live-throttle.ts';
import { liveTopic } from '#domain/live-topics.ts';
import type { Settings, SourceName } from '#domain/settings.ts';
import type { Clock } from './clock.ts';
import { forEachLimited } from './concurrency.ts';
import type { LiveListeners } from './live-listeners.ts';
import { type DayOf, NewestDays, type WindowPages } from './newest-days.ts';
import type { StateOf } from './state-reader.ts';

/** How long publishing may hold up an invocation. */
export const LIVE_BUDGET_MS = 250;
/** Messages an invocation; what is left waits for the next one. */
export const LIVE_MESSAGES_AT_MOST = 100;
const IN_FLIGHT = 16;
/** How often it is asked whether somebody listens, while nobody does. */
export const LIVE_ASK_MS = 1_000;

/** What makes the payload; null when it is no longer what it was. */
type Payload = () => Promise<object | null>;

/** What became of one call. */
interface Tally {
  open: number;
  failed: number;
  /** Of the failures. */
  first: string;
}

export interface LivePublisherOptions {
  readonly settings: Settings;
  readonly listeners: Pick<LiveListeners, 'expectedUntilMs'>;
  readonly clock: Clock;
  /** Takes one JSON line for an invocation in which messages failed. */
  readonly log: (line: string) => void;
}

/** Of one warm function: it remembers what it sent when. */
export class LivePublisher {
  readonly #client: Pick<IoTDataPlaneClient, 'send'>;
  readonly #options: LivePublisherOptions;
  readonly #days: { readonly [S in SourceName]: NewestDays<S> };
  readonly #alarms = new LiveThrottle<Payload>();
  readonly #keys = new LiveThrottle<Payload>();
  #heardUntilMs = 0;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(client: Pick<IoTDataPlaneClient, 'send'>, windows: WindowPages, options: LivePublisherOptions) {
    this.#client = client;
    this.#options = options;
    const { settings } = options;
    this.#days = { trades: new NewestDays(windows, 'trades', settings), readings: new NewestDays(windows, 'readings', settings) };
  }

  /**
   * Publishes the `latest` rows of the keys and the alarms' own rows: alarms first, at most one message a key in LIVE_INTERVAL_MS
   * (the newest; it goes out with a later call), nothing that arrived more than LIVE_FRESH_MS before `nowMs`. The states are those
   * of this batch as committed, their windows in the table; an alarm counts as old as its sensor's state, so that comes along.
   * Without listeners nothing is published; one who comes is noticed within LIVE_ASK_MS. Resolves within LIVE_BUDGET_MS and never rejects.
   */
  async publish(states: Iterable<KeyState>, alarms: readonly AlarmRow[], nowMs: number): Promise<void> {
    const budget = new AbortController();
    const { promise: spent, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(LIVE_BUDGET_MS, resolve);
    const tally: Tally = { open: 0, failed: 0, first: '' };
    const publishing = this.#publishHeard(states, alarms, nowMs, tally, budget.signal);
    await Promise.race([publishing, spent]);
    cancel();
    budget.abort();
    const { open, failed, first } = tally;
    if (open + failed === 0) return;
    const line = { level: 'warn', message: 'live messages were not published', late: open, failed, first };
    this.#options.log(JSON.stringify(line));
  }

  async #publishHeard(states: Iterable<KeyState>, alarms: readonly AlarmRow[], nowMs: number, tally: Tally, signal: AbortSignal) {
    await attempt(tally, signal, async () => {
      if (!(await this.#isHeard(nowMs)) || signal.aborted) return;
      this.#offer(states, alarms);
      const due = this.#alarms.take(nowMs, LIVE_MESSAGES_AT_MOST);
      due.push(...this.#keys.take(nowMs, LIVE_MESSAGES_AT_MOST - due.length));
      await forEachLimited(due, IN_FLIGHT, ([topic, payload]) => attempt(tally, signal, () => this.#send(topic, payload, signal)));
    });
  }

  async #isHeard(nowMs: number): Promise<boolean> {
    if (nowMs >= this.#heardUntilMs && Math.abs(nowMs - this.#askedMs) >= LIVE_ASK_MS) {
      this.#askedMs = nowMs;
      this.#heardUntilMs = await this.#options.listeners.expectedUntilMs();
    }
    return nowMs < this.#heardUntilMs;
  }

  async #send(topic: string, payload: Payload, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const row = await payload();
    if (row === null || signal.aborted) return;
    const message = new PublishCommand({ topic, qos: 0, payload: Buffer.from(JSON.stringify(row)) });
    await this.#client.send(message, { abortSignal: signal });
  }

  #offer(states: Iterable<KeyState>, alarms: readonly AlarmRow[]): void {
    const arrivals = new Map<string, number>();
    for (const state of states) {
      if (state.name === UNATTRIBUTED) continue;
      const isSymbol = state.source === 'trades';
      if (!isSymbol) arrivals.set(state.name, state.lastArrivalMs);
      this.#keys.offer(liveTopic(isSymbol ? 'symbols' : 'sensors', state.name), this.#rowOf(state), state.lastArrivalMs);
    }
    for (const alarm of alarms) {
      const arrivalMs = arrivals.get(alarm.sensor_id);
      if (arrivalMs !== undefined) this.#alarms.offer(liveTopic('alarms', alarm.alarm_id), async () => alarm, arrivalMs);
    }
  }

  /** The row as of now, made when it is sent; null when a later batch has changed the state, perhaps without being committed. */
  #rowOf(state: KeyState): Payload {
    const { received } = state.counters;
    return async () => {
      if (state.counters.received !== received) return null;
      return latestRow(state, await this.#dayOf(state), this.#options.settings);
    };
  }

  #dayOf(state: KeyState): Promise<DayOf<SourceName> | null> {
    return state.source === 'trades'
      ? this.#days.trades.of({ state: state as StateOf<'trades'>, pendingWindows: [] })
      : this.#days.readings.of({ state: state as StateOf<'readings'>, pendingWindows: [] });
  }
}

/** Counts what does not succeed while there is time; what is not done when the time is over stays open. */
async function attempt(tally: Tally, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  tally.open++;
  try {
    await work();
    if (!signal.aborted) tally.open--;
  } catch (error) {
    if (signal.aborted) return;
    tally.open--;
    if (tally.failed++ === 0) tally.first = String(error);
  }
}
