/** Records of one batch, decoded and grouped by key, each key's in the order of the lane. */
import { decodeRecord } from '#domain/decode.ts';
import type { Decoded, DecodedEvent, Refusal, SourceRecord } from '#domain/events.ts';
import type { Delivery } from '#domain/fold.ts';
import type { Settings, SourceName } from '#domain/settings.ts';

function nameOf(event: DecodedEvent): string {
  if (event.type === 'trade') return event.symbol;
  return event.type === 'reading' ? event.sensorId : event.name;
}

/** A class for the reason that readings are one. */
class NamedDelivery implements Delivery {
  readonly name: string;
  readonly lane: string;
  readonly position: string;
  readonly arrivalMs: number;
  readonly events: readonly DecodedEvent[];
  readonly refusals: readonly Refusal[];

  constructor(name: string, { lane, position, arrivalMs }: SourceRecord, { events, refusals }: Decoded) {
    this.name = name;
    this.lane = lane;
    this.position = position;
    this.arrivalMs = arrivalMs;
    this.events = events;
    this.refusals = refusals;
  }
}

/** The name of everything in a record, as nearly always; undefined if there are several, or nothing is in it. */
function onlyName({ events, refusals }: Decoded): string | undefined {
  const name = events.length > 0 ? nameOf(events[0]!) : refusals[0]?.name;
  return events.every((event) => nameOf(event) === name) && refusals.every((refusal) => refusal.name === name) ? name : undefined;
}

function partsByName({ events, refusals }: Decoded): [name: string, part: Decoded][] {
  const eventsOf = Map.groupBy(events, nameOf);
  const refusalsOf = Map.groupBy(refusals, ({ name }) => name);
  const names = new Set([...eventsOf.keys(), ...refusalsOf.keys()]);
  return Array.from(names, (name) => [name, { events: eventsOf.get(name) ?? [], refusals: refusalsOf.get(name) ?? [] }]);
}

/** The deliveries of each symbol or sensor a batch names. */
export function deliveriesByName(source: SourceName, records: readonly SourceRecord[], settings: Settings): Map<string, Delivery[]> {
  const deliveries: NamedDelivery[] = [];
  for (const record of records) {
    const decoded = decodeRecord(source, record, settings);
    const only = onlyName(decoded);
    if (only !== undefined) deliveries.push(new NamedDelivery(only, record, decoded));
    else for (const [name, part] of partsByName(decoded)) deliveries.push(new NamedDelivery(name, record, part));
  }
  return Map.groupBy(deliveries, ({ name }) => name);
}
