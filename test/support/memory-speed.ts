/** A speed layer in memory, as serving sees it: the real fold over tables that are maps. */
import type { AlarmPlace, PlacedAlarm, Transition } from '#adapters/alarm-reader.ts';
import type { KeyItem } from '#adapters/state-reader.ts';
import type { ReadingOrder, StartRange } from '#adapters/window-reader.ts';
import type { AlarmRow } from '#domain/alerts.ts';
import { type Reading, type Refusal, stateKey, type Trade } from '#domain/events.ts';
import { foldDelivery, Outputs } from '#domain/fold.ts';
import { type BarWindow, type KeyState, newKeyState, type ReadingWindow, type Severity, type WindowOf } from '#domain/key-state.ts';
import { DEFAULT_SETTINGS, type Settings, type SourceName } from '#domain/settings.ts';
import type { Serving } from '../../functions/serve/ports.ts';
import { routesOf } from '../../functions/serve/routes.ts';
import { type HttpEvent, serverOf } from '../../functions/serve/serve.ts';
import { MemoryBatch } from './memory-batch.ts';
import { positionOf } from './records.ts';

type AnyWindow = BarWindow | ReadingWindow;

interface StoredItem {
  state: KeyState;
  pending: AnyWindow[];
}

export interface DeliveryOptions {
  readonly arrivalMs: number;
  readonly lane?: string;
  /** False leaves what was decided in the outbox, as a crash after the commit does. */
  readonly emit?: boolean;
  readonly refusals?: readonly Refusal[];
}

export const trade = (symbol: string, number: number, eventMs: number, price: number, size: number): Trade => ({
  type: 'trade',
  symbol,
  eventId: `s.${symbol}.${String(number).padStart(12, '0')}`,
  session: 's',
  number,
  eventMs,
  price,
  size,
  conditions: null,
});

export const reading = (sensorId: string, seq: number, eventMs: number, temperatureC: number | null, humidityPct = 50): Reading => ({
  type: 'reading',
  sensorId,
  eventId: `${sensorId}.b.${String(seq).padStart(12, '0')}`,
  numbered: { boot: 'b', seq },
  eventMs,
  temperatureC,
  humidityPct,
  claimsDeviceId: false,
});

export class MemorySpeed {
  readonly settings: Settings;
  /** What the batch has made of the same. */
  readonly batch = new MemoryBatch();
  nowMs: number;
  /** Rows of the alarm table by state, worst first; and of its history, newest first. */
  readonly alarms: PlacedAlarm[] = [];
  readonly history: AlarmRow[] = [];
  /** Newest arrival that archive is done with, ms, by `<source>#<lane>`. */
  readonly archivedMs = new Map<string, number>();
  /** How often each kind of table access happened. */
  readonly accesses = { states: 0, windowRows: 0 };
  readonly #items = new Map<string, StoredItem>();
  readonly #windows = new Map<string, Map<number, AnyWindow>>();
  #position = 0;

  constructor(nowMs: number, settings: Settings = DEFAULT_SETTINGS) {
    this.nowMs = nowMs;
    this.settings = settings;
  }

  deliver(source: SourceName, name: string, events: readonly (Trade | Reading)[], options: DeliveryOptions): void {
    const key = stateKey(source, name);
    const item = this.#items.get(key) ?? { state: newKeyState(source, name), pending: [] };
    this.#emit(key, item);
    const outputs = new Outputs();
    const { lane = 'shard-0', arrivalMs, refusals = [] } = options;
    foldDelivery(
      item.state,
      { lane, position: positionOf(++this.#position), arrivalMs, events, refusals },
      this.settings,
      outputs,
      1_000_000,
    );
    item.pending = structuredClone(outputs.list()).flatMap((output) => (output.type === 'window' ? [output.window] : []));
    if (options.emit ?? true) this.#emit(key, item);
    this.#items.set(key, item);
  }

  #emit(key: string, item: StoredItem): void {
    const windows = this.#windows.get(key) ?? new Map<number, AnyWindow>();
    for (const window of item.pending) windows.set(window.startMs, window);
    this.#windows.set(key, windows);
    item.pending = [];
  }

  /** As the tables give them: copies, made of JSON. */
  item<S extends SourceName>(source: S, name: string): KeyItem<S> | null {
    this.batch.seen('state');
    this.accesses.states++;
    const item = this.#items.get(stateKey(source, name));
    return item ? JSON.parse(JSON.stringify({ state: item.state, pendingWindows: item.pending })) : null;
  }

  async *pages<S extends SourceName>(source: S, name: string, range: StartRange, order: ReadingOrder = {}): AsyncGenerator<WindowOf<S>[]> {
    this.batch.seen('windows');
    const sign = order.newestFirst ? -1 : 1;
    const rows = [...(this.#windows.get(stateKey(source, name))?.values() ?? [])]
      .filter(({ startMs }) => startMs >= range.fromMs && startMs < range.toMs)
      .sort((a, b) => sign * (a.startMs - b.startMs));
    // Small pages, so that whoever reads too few or too many of them is found out.
    const pageSize = Math.min(order.pageSize ?? 7, 7);
    for (let start = 0; start < rows.length; start += pageSize) {
      const page = rows.slice(start, start + pageSize);
      this.accesses.windowRows += page.length;
      yield JSON.parse(JSON.stringify(page));
    }
  }

  get serving(): Serving {
    const after = (place: AlarmPlace | null) => {
      const index = this.alarms.findIndex(({ rank, alarmId }) => rank === place?.rank && alarmId === place.alarmId);
      return this.alarms.slice(index + 1);
    };
    return {
      ...this.batch.ports,
      settings: this.settings,
      nowMs: () => this.nowMs,
      windows: this,
      states: {
        get: async (source, name) => this.item(source, name),
        getAll: async (source, names) => names.flatMap((name) => this.item(source, name) ?? []),
        names: async (source, from, limit) => {
          const states = [...this.#items.values()].map(({ state }) => state).filter((state) => state.source === source);
          const names = states.map(({ name }) => name).sort();
          return names.filter((name) => name > from).slice(0, limit);
        },
      },
      alarms: {
        current: async (alarmId) => this.alarms.find((alarm) => alarm.alarmId === alarmId)?.row ?? null,
        byState: async (state: string, severity: Severity | null, place, limit) =>
          after(place)
            .filter(({ row }) => row.state === state && (severity === null || row.severity === severity))
            .slice(0, limit),
        history: async (alarmId, below, limit) =>
          this.history.filter((row) => row.alarm_id === alarmId && row.revision < below).slice(0, limit),
        transitions: async (day, from, to, limit) =>
          this.history
            .map((row): Transition => ({ at: `${row.event_time}#${row.alarm_id}#${row.revision}`, row }))
            .filter(({ at }) => at.startsWith(day) && at >= from && at <= to)
            .sort((a, b) => (a.at > b.at ? -1 : 1))
            .slice(0, limit),
      },
      live: { issue: async () => ({ url: 'ws://127.0.0.1:1/mqtt?x', clientId: 'live-1', expiresMs: this.nowMs + 900_000 }) },
      archive: {
        reached: async (source) =>
          new Map(
            [...this.archivedMs].flatMap(([lane, arrivalMs]) =>
              lane.startsWith(`${source}#`) ? [[lane.slice(source.length + 1), { arrivalMs }] as const] : [],
            ),
          ),
      },
    };
  }
}

export function alarmRow(sensorId: string, severity: Severity, eventTime: string, revision = 1): AlarmRow {
  return {
    alarm_id: `${sensorId}:temperature-instant`,
    sensor_id: sensorId,
    rule: 'temperature-instant',
    rule_version: 1,
    state: severity === 'NORMAL' ? 'NORMAL' : 'ACTIVE',
    severity,
    since: eventTime,
    event_time: eventTime,
    value: 36,
    threshold: 35,
    revision,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The parsed body, if there is one. */
  readonly body: {
    readonly data: never;
    readonly as_of: unknown;
    readonly next_cursor: string | null;
    readonly [member: string]: unknown;
  };
}

export type Ask = (pathAndQuery: string, options?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>;

/** Asks the server made of the parts as an HTTP API would. The routes, and what they remember, are those of one warm function. */
export function askerOf(serving: Serving, log: (line: string) => void = () => {}): Ask {
  const server = serverOf(routesOf(serving), serving.nowMs, log);
  return async (pathAndQuery, { method = 'GET', headers = {} } = {}) => {
    const [rawPath, rawQueryString = ''] = pathAndQuery.split('?') as [string, string?];
    const event: HttpEvent = { rawPath, rawQueryString, headers, requestContext: { requestId: 'r1', http: { method } } };
    const { statusCode, headers: answered, body } = await server(event);
    return { status: statusCode!, headers: answered ?? {}, text: body ?? '', body: body ? JSON.parse(body) : null };
  };
}
