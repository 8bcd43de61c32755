/** What each archived object holds: how the batch knows which days changed and how far each lane's archive has come. */
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

export interface ArchiveIndexRow {
  /** Stream or source of the lane: `trades`, `readings` or `alerts`. */
  readonly stream: string;
  readonly lane: string;
  /** Object key. */
  readonly key: string;
  /** Rows of data; 0 in a quarantine object. */
  readonly rows: number;
  /** Refusals; 0 in an object of data. */
  readonly quarantined: number;
  /** Event day → rows of data. */
  readonly eventDays: Readonly<Record<string, number>>;
  /** Positions of the first and the last stream record that the object holds something of. */
  readonly firstPosition: string;
  readonly lastPosition: string;
  /** Newest arrival among these records, ms since the epoch. */
  readonly lastArrivalMs: number;
}

export interface ArchiveIndex {
  /** Writes the row of an object that is already durable. The same row again changes nothing. */
  put(row: ArchiveIndexRow): Promise<void>;
}

/** Positions have at most this many digits: padded, they sort as text in the order of the lane. */
const POSITION_DIGITS = 56;

/** The rows of a DynamoDB table, keyed by lane and object (first position, then object key). */
export function dynamoArchiveIndex(client: DynamoDBClient, table: string): ArchiveIndex {
  return {
    async put(row) {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            lane: { S: `${row.stream}#${row.lane}` },
            object: { S: `${row.firstPosition.padStart(POSITION_DIGITS, '0')}-${row.key}` },
            key: { S: row.key },
            rows: { N: String(row.rows) },
            quarantined: { N: String(row.quarantined) },
            eventDays: { S: JSON.stringify(row.eventDays) },
            firstPosition: { S: row.firstPosition },
            lastPosition: { S: row.lastPosition },
            lastArrivalMs: { N: String(row.lastArrivalMs) },
          },
        }),
      );
    },
  };
}
