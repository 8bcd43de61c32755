/** Reading the alarm table: alarms as they stand, and their transitions. */
import { type AttributeValue, type DynamoDBClient, GetItemCommand, paginateQuery, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { AlarmRow } from '#domain/alerts.ts';
import type { Severity } from '#domain/key-state.ts';
import { endOfHour, historyRecord, historyRows, placeOf } from './alarm-history.ts';
import { queryItems } from './query-items.ts';

/** Place of an alarm in the order "worst first, then newest". */
export interface AlarmPlace {
  /** `<severity rank>#<time of its newest transition, ISO>`. */
  readonly rank: string;
  readonly alarmId: string;
}

export interface PlacedAlarm extends AlarmPlace {
  readonly row: AlarmRow;
}

export interface Transition {
  /** `<event time, ISO>#<alert id>`: unique, and in order of event time within a UTC day. */
  readonly at: string;
  readonly row: AlarmRow;
}

const CURRENT = 'current';

/** What the rank of an alarm of this severity begins with. */
export function rankPrefixOf(severity: Severity): string {
  return `${{ CRITICAL: 2, HIGH: 1, NORMAL: 0 }[severity]}#`;
}

function rowOf(item: Record<string, AttributeValue>): AlarmRow {
  return JSON.parse(item['row']!.S!);
}

export class AlarmReader {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** An alarm as it stands; null when it never changed. */
  async current(alarmId: string): Promise<AlarmRow | null> {
    const key = { alarmId: { S: alarmId }, record: { S: CURRENT } };
    const answer = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key: key, ConsistentRead: true }));
    return answer.Item ? rowOf(answer.Item) : null;
  }

  /** Alarms in a state, worst first, then newest, after a place; of one severity only, if said. At most `limit`. */
  async byState(state: AlarmRow['state'], severity: Severity | null, after: AlarmPlace | null, limit: number): Promise<PlacedAlarm[]> {
    const items = await queryItems(
      this.#client,
      {
        TableName: this.#table,
        IndexName: 'by-state',
        KeyConditionExpression: severity === null ? '#state = :state' : '#state = :state AND begins_with(#rank, :rank)',
        ExpressionAttributeNames: { '#state': 'state', ...(severity === null ? {} : { '#rank': 'rank' }) },
        ExpressionAttributeValues: { ':state': { S: state }, ...(severity === null ? {} : { ':rank': { S: rankPrefixOf(severity) } }) },
        ScanIndexForward: false,
      },
      limit,
      after === null ? undefined : { state: { S: state }, rank: { S: after.rank }, alarmId: { S: after.alarmId }, record: { S: CURRENT } },
    );
    return items.map((item) => ({ rank: item['rank']!.S!, alarmId: item['alarmId']!.S!, row: rowOf(item) }));
  }

  /** Transitions of an alarm with a revision below `belowRevision`, newest first. At most `limit`. */
  async history(alarmId: string, belowRevision: number, limit: number): Promise<AlarmRow[]> {
    const found: AlarmRow[] = [];
    const items = this.#items(limit, {
      KeyConditionExpression: 'alarmId = :alarm AND #record BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#record': 'record' },
      ExpressionAttributeValues: {
        ':alarm': { S: alarmId },
        ':first': { S: historyRecord(0) },
        ':last': { S: historyRecord(belowRevision - 1) },
      },
      ConsistentRead: true,
    });
    for await (const item of items) {
      found.push(
        ...historyRows(item)
          .filter(({ revision }) => revision < belowRevision)
          .reverse(),
      );
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  /** Transitions of a UTC day with `from` ≤ at ≤ `to`, newest first. At most `limit`. */
  async transitions(day: string, from: string, to: string, limit: number): Promise<Transition[]> {
    if (from > to) return [];
    let found: Transition[] = [];
    const items = this.#items(limit, {
      IndexName: 'by-day',
      KeyConditionExpression: '#day = :day AND #at BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#day': 'day', '#at': 'at' },
      ExpressionAttributeValues: { ':day': { S: day }, ':from': { S: from }, ':to': { S: endOfHour(to) } },
    });
    for await (const item of items) {
      // This item and all after it hold nothing newer than its end.
      if ((found[limit - 1]?.at ?? '') > item['at']!.S!) break;
      const inRange = historyRows(item).flatMap((row) => {
        const at = placeOf(row);
        return at >= from && at <= to ? [{ at, row }] : [];
      });
      found = [...found, ...inRange].sort((a, b) => (a.at > b.at ? -1 : 1)).slice(0, limit);
    }
    return found;
  }

  /** Items of a query from the highest sort key down, read in pages of `pageSize`. */
  async *#items(pageSize: number, query: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Record<string, AttributeValue>> {
    const pages = paginateQuery({ client: this.#client, pageSize }, { TableName: this.#table, ScanIndexForward: false, ...query });
    for await (const { Items = [] } of pages) yield* Items;
  }
}
