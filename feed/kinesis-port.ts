import {
  KinesisClient,
  type KinesisClientConfig,
  KinesisServiceException,
  PutRecordsCommand,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { PutRefusedError, type PutResult, type RecordsPort } from './records-port.ts';

const REQUEST_TIMEOUT_MS = 10_000;
/** Refusals that name the client as their cause and yet pass by themselves. */
const PASSING = /throttl|throughput|limitexceeded|timeout|expired|requestintime/i;

/** A Kinesis stream by its name; region, endpoint and credentials come from the environment as usual, unless `config` says them. */
export function kinesisPort(streamName: string, config: KinesisClientConfig = {}): RecordsPort {
  // The writer does the retries: the client's own would be invisible and unbounded in order.
  const client = new KinesisClient({ ...config, maxAttempts: 1, requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS } });
  return {
    async putRecords(records) {
      const entries = records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
      try {
        const answer = await client.send(new PutRecordsCommand({ StreamName: streamName, Records: entries }));
        return resultsOf(answer.Records ?? [], records.length);
      } catch (error) {
        throw isFinal(error)
          ? new PutRefusedError(`stream "${streamName}" refuses: ${error.name}: ${error.message}`, { cause: error })
          : error;
      }
    },
    close: () => client.destroy(),
  };
}

function resultsOf(entries: readonly PutRecordsResultEntry[], expected: number): PutResult[] {
  if (entries.length !== expected) throw new Error(`PutRecords answered ${entries.length} results for ${expected} records`);
  return entries.map(({ ErrorCode: code, ErrorMessage: message }) => (code === undefined ? null : { code, message: message ?? '' }));
}

function isFinal(error: unknown): error is KinesisServiceException {
  return error instanceof KinesisServiceException && error.$fault === 'client' && !PASSING.test(error.name);
}
