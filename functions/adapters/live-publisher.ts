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
import { type DayOf, NewestDays, type WindowPages } from './newest-days.ts';
import type { StateOf } from './state-reader.ts';

/** How long publishing may hold up an invocation. */
export const LIVE_BUDGET_MS = 250;
/** Messages an invocation; what is left waits for the next one. */
export const LIVE_MESSAGES_AT_MOST = 100;
const IN_FLIGHT = 16;

/** What makes the payload; null when it is no longer what it was. */
type Payload = () => Promise<object | null>;

export interface LivePublisherOptions {
  readonly settings: Settings;
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
   * Resolves within LIVE_BUDGET_MS and never rejects.
   */
  async publish(states: Iterable<KeyState>, alarms: readonly AlarmRow[], nowMs: number): Promise<void> {
    const failures = { count: 0, first: '' };
    const failed = (error: unknown): void => {
      if (failures.count++ === 0) failures.first = String(error);
    };
    try {
      this.#offer(states, alarms);
      const due = this.#alarms.take(nowMs, LIVE_MESSAGES_AT_MOST);
      due.push(...this.#keys.take(nowMs, LIVE_MESSAGES_AT_MOST - due.length));
      const late = due.length === 0 ? 0 : await this.#sendAll(due, failed);
      for (let count = 0; count < late; count++) failed(`not sent within ${LIVE_BUDGET_MS} ms`);
    } catch (error) {
      failed(error);
    }
    if (failures.count > 0) {
      const { count, first } = failures;
      this.#options.log(JSON.stringify({ level: 'warn', message: 'live messages were not published', count, first }));
    }
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

  /** The row as of now, made when it is sent; null when a later batch has begun to change the state, perhaps without being committed. */
  #rowOf(state: KeyState): Payload {
    const { received } = state.counters;
    return async () => {
      if (state.counters.received !== received) return null;
      const day = await this.#dayOf(state);
      return state.counters.received === received ? latestRow(state, day, this.#options.settings) : null;
    };
  }

  #dayOf(state: KeyState): Promise<DayOf<SourceName> | null> {
    return state.source === 'trades'
      ? this.#days.trades.of({ state: state as StateOf<'trades'>, pendingWindows: [] })
      : this.#days.readings.of({ state: state as StateOf<'readings'>, pendingWindows: [] });
  }

  /** Resolves with the number of messages that the time did not suffice for. */
  async #sendAll(due: readonly [topic: string, payload: Payload][], failed: (error: unknown) => void): Promise<number> {
    const budget = new AbortController();
    const { signal } = budget;
    const { promise: spent, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(LIVE_BUDGET_MS, resolve);
    let open = due.length;
    const sending = forEachLimited(due, IN_FLIGHT, async ([topic, payload]) => {
      try {
        if (signal.aborted) return;
        const row = await payload();
        if (row === null || signal.aborted) return;
        const message = new PublishCommand({ topic, qos: 0, payload: Buffer.from(JSON.stringify(row)) });
        await this.#client.send(message, { abortSignal: signal });
      } catch (error) {
        if (!signal.aborted) failed(error);
      } finally {
        open--;
      }
    });
    await Promise.race([sending, spent]);
    cancel();
    budget.abort();
    return open;
  }
}
