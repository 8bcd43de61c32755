/**
 * The fold: (state of a key, what arrived for it) → outputs. It owns the state it is given and changes it in place; it
 * knows no clock, no random and no store, so the same deliveries give the same state however they were cut into batches.
 */
import { type AlarmTransition, AVERAGE_RULE, INSTANT_RULE, moveAlarm } from './alarms.ts';
import { eventDay } from './calendar.ts';
import { comparePositions, type DecodedEvent, type Reading, type Refusal, type Trade } from './events.ts';
import { observeNumber, observeUnnumbered, type Sighting } from './identity.ts';
import type { KeyState, ReadingWindow, RecentReading, RecentTrade, SensorState, SymbolState } from './key-state.ts';
import type { Output } from './outputs.ts';
import { qualityOf } from './quality.ts';
import { profileOf, type Settings, zoneOf } from './settings.ts';
import { totalOf } from './sums.ts';
import {
  addMeasurement,
  addTrade,
  advance,
  close,
  compareEvents,
  isLate,
  newBarWindow,
  newReadingWindow,
  revise,
  type Window,
  windowAt,
} from './windows.ts';

/** What one stream record carried for one key. */
export interface Delivery {
  readonly lane: string;
  readonly position: string;
  readonly arrivalMs: number;
  readonly events: readonly DecodedEvent[];
  readonly refusals: readonly Refusal[];
}

/** How many of the newest trades or readings a key keeps: those shown and, for the first delta, one before. */
export const MAX_RECENT = 33;
const MAX_LATE_DAYS = 32;

/** Outputs of a commit: alarm transitions each, of a window only its newest revision. */
export class Outputs {
  readonly #windows = new Map<number, Output>();
  readonly #alarms: Output[] = [];

  get size(): number {
    return this.#windows.size + this.#alarms.length;
  }

  addWindow(window: Window): void {
    this.#windows.set(window.startMs, { type: 'window', window: window as ReadingWindow });
  }

  addAlarm(transition: AlarmTransition | null): void {
    if (transition) this.#alarms.push({ type: 'alarm', ...transition });
  }

  /** Windows are those of the state: as they stand until something more is folded into it. */
  list(): Output[] {
    return [...this.#windows.values(), ...this.#alarms];
  }
}

/**
 * Folds a delivery until it is done (true) or `outputs` holds `maxOutputs` (false): then the state remembers how far it
 * came, and the same delivery folded again, perhaps after a crash, goes on from there. A delivery at or below the
 * position reached is a re-delivery: it was counted when it came first, and changes nothing.
 */
export function foldDelivery(state: KeyState, delivery: Delivery, settings: Settings, outputs: Outputs, maxOutputs: number): boolean {
  if (isRedelivery(state, delivery)) return true;
  const { lane, position, arrivalMs, events, refusals } = delivery;
  const { partial } = state;
  const from = partial?.lane === lane && partial.position === position ? partial.next : 0;
  for (let index = from; index < events.length; index++) {
    if (outputs.size >= maxOutputs) {
      state.partial = { lane, position, next: index };
      return false;
    }
    foldEvent(state, events[index]!, arrivalMs, settings, outputs);
  }
  for (const refusal of refusals) {
    state.counters.received++;
    increment(state.counters.quarantined, refusal.reason);
  }
  if (refusals.length > 0) state.lastArrivalMs = arrivalMs;
  state.positions[lane] = position;
  state.partial = null;
  return true;
}

/** True when the key has handled this position of the lane, or a later one. */
export function isRedelivery(state: KeyState, delivery: Delivery): boolean {
  const reached = state.positions[delivery.lane];
  return reached !== undefined && comparePositions(delivery.position, reached) <= 0;
}

/** When the key wants to be told the time (arrival time of its lane, ms): its open windows close by idleness then. */
export function dueMs(state: KeyState, settings: Settings): number | null {
  return state.windows.some((window) => !window.closed) ? state.lastArrivalMs + settings[state.source].idleMs : null;
}

function foldEvent(state: KeyState, event: DecodedEvent, arrivalMs: number, settings: Settings, outputs: Outputs): void {
  if (event.type === 'timer') {
    if (arrivalMs - state.lastArrivalMs >= settings[state.source].idleMs) {
      for (const window of close<Window>(state.windows, () => true)) issue(state, window, settings, outputs);
    }
    return;
  }
  state.lastArrivalMs = arrivalMs;
  state.counters.received++;
  const sighting = sightingOf(state, event);
  if (sighting === 'duplicate') {
    state.counters.duplicate++;
    return;
  }
  if (sighting !== 'new') {
    recordLate(state, event, sighting === 'gap' ? 'GAP_GIVEN_UP' : 'SESSION_RETIRED', settings);
    return;
  }
  if (event.type === 'trade') foldTrade(state as SymbolState, event, arrivalMs, settings, outputs);
  else foldReading(state as SensorState, event, arrivalMs, settings, outputs);
}

function sightingOf(state: KeyState, event: Trade | Reading): Sighting {
  if (event.type === 'trade') return observeNumber(state, event.session, event.number);
  if (event.numbered) return observeNumber(state, event.numbered.boot, event.numbered.seq);
  return observeUnnumbered((state as SensorState).recentHashes, event.eventId.slice(event.sensorId.length + 1));
}

function recordLate(state: KeyState, event: Trade | Reading, reason: string, settings: Settings): void {
  increment(state.counters.late, reason);
  const day = eventDay(zoneOf(state.source, state.name, settings), event.eventMs);
  let reasons = state.lateByDay[day];
  if (!reasons) {
    reasons = state.lateByDay[day] = {};
    const days = Object.keys(state.lateByDay).sort();
    if (days.length > MAX_LATE_DAYS) delete state.lateByDay[days[0]!];
  }
  increment(reasons, reason);
}

function foldTrade(state: SymbolState, trade: Trade, arrivalMs: number, settings: Settings, outputs: Outputs): void {
  const isTrade = trade.size > 0;
  if (isTrade && isLate(state, trade.eventMs, settings.trades)) {
    recordLate(state, trade, 'LATENESS', settings);
    return;
  }
  state.counters.applied++;
  increment(state.counters.quality, isTrade ? 'OK' : 'PRICE_UPDATE');
  const { eventMs, eventId, price, size } = trade;
  const recent: RecentTrade = { eventMs, eventId, arrivalMs, price, size };
  if (state.latest === null || compareEvents(trade, state.latest) > 0) state.latest = recent;
  if (!isTrade) return;
  remember(state.recent, recent);
  const bar = windowAt(state, eventMs, settings.trades, newBarWindow);
  addTrade(bar, trade);
  if (revise(bar)) outputs.addWindow(bar);
  for (const closing of advance(state, eventMs, settings.trades)) outputs.addWindow(closing);
}

function foldReading(state: SensorState, reading: Reading, arrivalMs: number, settings: Settings, outputs: Outputs): void {
  if (isLate(state, reading.eventMs, settings.readings)) {
    recordLate(state, reading, 'LATENESS', settings);
    return;
  }
  const profile = profileOf(state.name, settings);
  const quality = qualityOf(reading, profile);
  state.counters.applied++;
  increment(state.counters.quality, quality);
  if (reading.claimsDeviceId) state.counters.claimedDeviceId++;
  const { eventMs, eventId, temperatureC, humidityPct } = reading;
  const recent: RecentReading = { eventMs, eventId, arrivalMs, temperatureC, humidityPct: humidityPct ?? null, quality };
  if (state.latest === null || compareEvents(reading, state.latest) > 0) state.latest = recent;
  remember(state.recent, recent);

  const isNewest = state.maxEventMs === null || eventMs >= state.maxEventMs;
  const window = windowAt(state, eventMs, settings.readings, newReadingWindow);
  if (quality !== 'OK') window.untrustedCount++;
  else {
    addMeasurement(window.temperatureC, temperatureC!);
    if (typeof humidityPct === 'number') addMeasurement(window.humidityPct, humidityPct);
    if (isNewest) outputs.addAlarm(moveAlarm(state.alarms, INSTANT_RULE, temperatureC!, eventMs, profile));
  }
  if (revise(window)) issue(state, window, settings, outputs);
  for (const closing of advance(state, eventMs, settings.readings)) issue(state, closing, settings, outputs);
}

/** Gives out a closed window; of a sensor it also moves the alarm on averages, unless a newer window did already. */
function issue(state: KeyState, window: Window, settings: Settings, outputs: Outputs): void {
  outputs.addWindow(window);
  if (state.source !== 'readings') return;
  const { temperatureC } = window as ReadingWindow;
  if (temperatureC.count === 0 || window.startMs < (state.newestEvaluatedWindowMs ?? -Infinity)) return;
  state.newestEvaluatedWindowMs = window.startMs;
  const meanC = totalOf(temperatureC.sum) / temperatureC.count;
  const endMs = window.startMs + settings.readings.windowMs;
  outputs.addAlarm(moveAlarm(state.alarms, AVERAGE_RULE, meanC, endMs, profileOf(state.name, settings)));
}

function remember<R extends RecentTrade | RecentReading>(recent: R[], entry: R): void {
  let index = recent.length;
  while (index > 0 && compareEvents(recent[index - 1]!, entry) > 0) index--;
  if (index === recent.length) recent.push(entry);
  else recent.splice(index, 0, entry);
  if (recent.length > MAX_RECENT) recent.shift();
}

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
