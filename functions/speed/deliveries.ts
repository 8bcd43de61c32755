/** Records of one batch, decoded and grouped by key, each key's in the order of the lane. */
import { decodeRecord } from '#domain/decode.ts';
import type { DecodedEvent, Refusal, SourceRecord } from '#domain/events.ts';
import type { Delivery } from '#domain/fold.ts';
import type { Settings, SourceName } from '#domain/settings.ts';

interface MutableDelivery extends Delivery {
  readonly events: DecodedEvent[];
  readonly refusals: Refusal[];
}

function nameOf(event: DecodedEvent): string {
  if (event.type === 'trade') return event.symbol;
  return event.type === 'reading' ? event.sensorId : event.name;
}

/** The deliveries of each symbol or sensor a batch names. */
export function deliveriesByName(source: SourceName, records: readonly SourceRecord[], settings: Settings): Map<string, Delivery[]> {
  const byName = new Map<string, MutableDelivery[]>();
  const deliveryOf = (name: string, { lane, position, arrivalMs }: SourceRecord): MutableDelivery => {
    const deliveries = byName.get(name) ?? [];
    if (deliveries.length === 0) byName.set(name, deliveries);
    const last = deliveries.at(-1);
    if (last?.position === position) return last;
    const delivery = { lane, position, arrivalMs, events: [], refusals: [] };
    deliveries.push(delivery);
    return delivery;
  };
  for (const record of records) {
    const { events, refusals } = decodeRecord(source, record, settings);
    for (const event of events) deliveryOf(nameOf(event), record).events.push(event);
    for (const refusal of refusals) deliveryOf(refusal.name, record).refusals.push(refusal);
  }
  return byName;
}
