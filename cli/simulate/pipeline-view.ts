/** What the pipeline says of a fleet: a thousand devices a request, not one. */
import type { Counters } from '#domain/key-state.ts';
import type { ExpectedTransition } from '../../device-sim/expected-alarms.ts';
import { pagesOf } from '../shared/local-api.ts';

export interface ViewOptions {
  /** Address of the API. */
  readonly api: string;
  /** Whether a sensor is one of the fleet's. */
  readonly isOfFleet: (sensor: string) => boolean;
  /** Asks for the JSON at an address. */
  readonly ask: (url: string) => Promise<unknown>;
  /** Hears how much was read, in few words. */
  readonly onRead: (what: string) => void;
}

interface SensorRow {
  readonly sensor_id: string;
  readonly counters: Omit<Counters, 'claimedDeviceId'> & { readonly claimed_device_id: number };
}

interface AlertRow {
  readonly alert_id: string;
  readonly sensor_id: string;
  readonly rule: ExpectedTransition['rule'];
  readonly revision: number;
  readonly event_time: string;
  readonly severity: ExpectedTransition['severity'];
  readonly value: number;
}

const PAGE = '1000';
const SMALLEST_PAGE = 50;

/** The address of a page with half as many rows for each attempt that was too slow. */
export function smallerPage(url: string, attempts: number): string {
  const smaller = new URL(url);
  const limit = Number(smaller.searchParams.get('limit'));
  smaller.searchParams.set('limit', String(Math.max(SMALLEST_PAGE, Math.floor(limit / 2 ** attempts))));
  return smaller.href;
}

/** Counters of the fleet's devices as they stand; one nobody heard of is missing. */
export async function readCounters({ api, isOfFleet, ask, onRead }: ViewOptions): Promise<Map<string, Counters>> {
  const counters = new Map<string, Counters>();
  const url = new URL(`/v1/sensors?limit=${PAGE}`, api);
  let read = 0;
  for await (const rows of pagesOf<SensorRow>(url, ask)) {
    for (const { sensor_id, counters: found } of rows) {
      if (!isOfFleet(sensor_id)) continue;
      const { claimed_device_id: claimedDeviceId, ...rest } = found;
      counters.set(sensor_id, { ...rest, claimedDeviceId });
    }
    read += rows.length;
    onRead(`counters of ${read} sensors read`);
  }
  return counters;
}

/** Alarm transitions of the fleet's devices with event times from `fromMs` up to `toMs`, ms since the epoch. */
export async function readTransitions(
  { api, isOfFleet, ask, onRead }: ViewOptions,
  fromMs: number,
  toMs: number,
): Promise<Map<string, ExpectedTransition[]>> {
  const rows: AlertRow[] = [];
  const url = new URL(`/v1/alerts?limit=${PAGE}`, api);
  url.searchParams.set('from', new Date(fromMs).toISOString());
  url.searchParams.set('to', new Date(toMs).toISOString());
  let read = 0;
  for await (const page of pagesOf<AlertRow>(url, ask)) {
    for (const row of page) if (isOfFleet(row.sensor_id)) rows.push(row);
    read += page.length;
    onRead(`${read} alarm transitions read`);
  }
  const transitions = new Map<string, ExpectedTransition[]>();
  for (const { sensor_id, rule, event_time, severity, value } of rows.sort((a, b) => a.revision - b.revision)) {
    const ofDevice = transitions.get(sensor_id) ?? [];
    ofDevice.push({ rule, atMs: Date.parse(event_time), severity, value });
    transitions.set(sensor_id, ofDevice);
  }
  return transitions;
}
