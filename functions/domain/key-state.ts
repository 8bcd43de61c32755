/** Everything the speed layer knows of one key (a symbol or a sensor): one item of the state table. */
import type { SourceName } from './settings.ts';

/** Numbers seen of one session or boot. */
export interface SeenNumbers {
  readonly session: string;
  /** Sorted, disjoint, both ends included, at most 32. The first one is the low-water mark when it starts at 0. */
  ranges: [from: number, to: number][];
  /** Gaps that were given up to keep `ranges` bounded: what later falls into one is late, never guessed to be new or known. */
  givenUp: [from: number, to: number][];
}

/** A compensated (Neumaier) sum: value = sum + compensation. */
export interface Sum {
  sum: number;
  compensation: number;
}

/** Which event is oldest or newest: by (event time, event id). */
export interface EventMark {
  eventMs: number;
  eventId: string;
  price: number;
}

/** One-minute bar of a symbol. */
export interface BarWindow {
  readonly startMs: number;
  /** 0 while open; 1 at the first close; one more for each later event that revises it. */
  revision: number;
  closed: boolean;
  tradeCount: number;
  volume: Sum;
  /** Sum of price × size. */
  notional: Sum;
  high: number;
  low: number;
  open: EventMark;
  close: EventMark;
}

export interface Statistic {
  count: number;
  sum: Sum;
  min: number;
  max: number;
}

/** Five-minute window of a sensor: only trusted (OK) readings feed the statistics. */
export interface ReadingWindow {
  readonly startMs: number;
  revision: number;
  closed: boolean;
  untrustedCount: number;
  /** `count` is the window's reading_count. */
  temperatureC: Statistic;
  humidityPct: Statistic;
}

export type WindowOf<S extends SourceName> = S extends 'trades' ? BarWindow : ReadingWindow;

export type Severity = 'NORMAL' | 'HIGH' | 'CRITICAL';

export interface AlarmState {
  state: 'NORMAL' | 'ACTIVE';
  severity: Severity;
  /** Transitions so far; the number of the newest one. */
  revision: number;
  /** Event time of the transition into `state`, ms. */
  sinceMs: number;
  /** Event time, value and crossed threshold of the newest transition. */
  changedMs: number;
  value: number;
  threshold: number;
}

/** One event, one bucket: received = applied + duplicate + the lates + the quarantined. */
export interface Counters {
  received: number;
  applied: number;
  duplicate: number;
  /** By reason: LATENESS, GAP_GIVEN_UP, SESSION_RETIRED. */
  late: Record<string, number>;
  /** By RefusalReason. */
  quarantined: Record<string, number>;
  /** Applied readings by verdict; for trades OK and PRICE_UPDATE. */
  quality: Record<string, number>;
  /** Applied readings whose payload named a device id of its own. */
  claimedDeviceId: number;
}

export interface RecentTrade {
  eventMs: number;
  eventId: string;
  arrivalMs: number;
  price: number;
  size: number;
}

export interface RecentReading {
  eventMs: number;
  eventId: string;
  arrivalMs: number;
  temperatureC: number | null;
  humidityPct: number | null;
  quality: string;
}

interface KeyStateOf<S extends SourceName, Recent> {
  readonly source: S;
  /** Symbol or sensor id. */
  readonly name: string;
  /** Newest position handled in each lane: what is re-delivered is at or below it. */
  positions: Record<string, string>;
  /** A delivery of which only the events before number `next` are in this state, since one commit could not hold its outputs. */
  partial: { lane: string; position: string; next: number } | null;
  /** The last 4 sessions or boots, oldest first. */
  sessions: SeenNumbers[];
  /** Sessions that were pushed out, newest last, bounded. */
  retiredSessions: string[];
  /** Newest event time of a trusted clock, ms: the key's watermark is derived from it. null before the first event. */
  maxEventMs: number | null;
  /** Arrival of the newest data record (timers do not count), ms. */
  lastArrivalMs: number;
  /** All windows that are not final, ascending by start. */
  windows: WindowOf<S>[];
  counters: Counters;
  /** Late events by event day and reason, newest 32 days: day → reason → count. */
  lateByDay: Record<string, Record<string, number>>;
  /** Newest by (event time, event id), a price update included. */
  latest: Recent | null;
  /** The newest by (event time, event id), ascending, bounded. Price updates are no trades and not in it. */
  recent: Recent[];
}

export type SymbolState = KeyStateOf<'trades', RecentTrade>;

export interface SensorState extends KeyStateOf<'readings', RecentReading> {
  /** Hashes of the newest readings that carry no numbers, newest last, bounded. */
  recentHashes: string[];
  /** By rule id. */
  alarms: Record<string, AlarmState>;
  /** Start of the newest window that moved the alarm on averages, ms. */
  newestEvaluatedWindowMs: number | null;
}

export type KeyState = SymbolState | SensorState;

/** The state of a key that nothing was heard of yet. */
export function newKeyState(source: SourceName, name: string): KeyState {
  const common = {
    name,
    positions: {},
    partial: null,
    sessions: [],
    retiredSessions: [],
    maxEventMs: null,
    lastArrivalMs: 0,
    windows: [],
    counters: { received: 0, applied: 0, duplicate: 0, late: {}, quarantined: {}, quality: {}, claimedDeviceId: 0 },
    lateByDay: {},
    latest: null,
    recent: [],
  };
  return source === 'trades' ? { source, ...common } : { source, ...common, recentHashes: [], alarms: {}, newestEvaluatedWindowMs: null };
}
