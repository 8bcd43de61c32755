/**
 * How the transitions of an alarm lie in its table: those that one commit decided within the same UTC hour share an item. A sensor that
 * flaps then costs one write a commit and not one a transition, and since no item reaches over an hour, who asks for the transitions up to
 * an instant finds them in the items that end within that hour.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AlarmRow } from '#domain/alerts.ts';
import type { Attributes } from './statements.ts';

const RECORD_PREFIX = 't#';
const REVISION_DIGITS = 12;
const HOUR_LENGTH = 'YYYY-MM-DDTHH'.length;
const DAY_LENGTH = 'YYYY-MM-DD'.length;
/** Above every revision there can be. */
export const ANY_REVISION = 10 ** REVISION_DIGITS;

export interface HistoryItem {
  readonly keys: Attributes;
  readonly attributes: Attributes;
}

/** Sort key of the item whose first transition has this revision. */
export function historyRecord(revision: number): string {
  return `${RECORD_PREFIX}${String(revision).padStart(REVISION_DIGITS, '0')}`;
}

/** Place of a transition among all: by event time, then by alarm and revision. */
export function placeOf({ event_time, alarm_id, revision }: AlarmRow): string {
  return `${event_time}#${alarm_id}#${revision}`;
}

/** Above the place of every transition within the UTC hour of a place or time. */
export function endOfHour(place: string): string {
  return `${place.slice(0, HOUR_LENGTH)}~`;
}

/** The items for what one commit decided of one sensor, in the order of the transitions. */
export function historyItems(rows: readonly AlarmRow[]): HistoryItem[] {
  const byHour = Map.groupBy(rows, ({ alarm_id, event_time }) => `${alarm_id} ${event_time.slice(0, HOUR_LENGTH)}`);
  return [...byHour.values()].map((ofHour) => {
    const first = ofHour[0]!;
    const newest = ofHour.map(placeOf).reduce((a, b) => (a > b ? a : b));
    return {
      keys: { alarmId: { S: first.alarm_id }, record: { S: historyRecord(first.revision) } },
      attributes: {
        revision: { N: String(first.revision) },
        rows: { S: JSON.stringify(ofHour) },
        day: { S: newest.slice(0, DAY_LENGTH) },
        at: { S: newest },
      },
    };
  });
}

/** The transitions of an item, in their order. */
export function historyRows(item: Record<string, AttributeValue>): AlarmRow[] {
  return JSON.parse(item['rows']!.S!);
}
