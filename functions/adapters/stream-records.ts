/** PutRecords with retry of those refused. Order is kept only among records that are accepted at once. */
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';

const MAX_RECORDS_A_PUT = 500;
const ATTEMPTS = 5;

export interface StreamRecord {
  readonly partitionKey: string;
  readonly data: string;
}

/** Resolves when the stream has taken every record; throws when it refused some of them 5 times. */
export async function putAll(client: KinesisClient, stream: string, records: readonly StreamRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += MAX_RECORDS_A_PUT) {
    let entries = records
      .slice(start, start + MAX_RECORDS_A_PUT)
      .map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: Buffer.from(data) }));
    for (let attempt = 1; entries.length > 0; attempt++) {
      const answer = await client.send(new PutRecordsCommand({ StreamName: stream, Records: entries }));
      const refused = answer.Records!.find(({ ErrorCode }) => ErrorCode !== undefined);
      entries = entries.filter((_, index) => answer.Records![index]!.ErrorCode !== undefined);
      if (refused && attempt === ATTEMPTS)
        throw new Error(`${stream} refused ${entries.length} records ${ATTEMPTS} times: ${refused.ErrorCode}`);
    }
  }
}
