/** Reads the stream `alerts` as any consumer would, with the stock AWS client, and notes when each alert could be read. */
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import type { RuntimeDescription } from '../local/runtime/start.ts';
import { preciseNowMs } from './machine.ts';
import { pause } from './passed.ts';

export interface InstantAlert {
  readonly kind: 'instant';
  readonly alert_id: string;
  readonly sensor_id: string;
  readonly event_time: string;
}

const STREAM = 'alerts';
/** Between two requests that brought nothing. */
const IDLE_MS = 2;

export interface AlertReader {
  /** Reads until `isEnough` answers true; throws when it does not within `withinMs`. */
  until(isEnough: () => boolean, withinMs: number): Promise<void>;
  /** Ends the reading. */
  stop(): Promise<void>;
}

/** Reads every alert from the beginning of the stream on; `onAlert` hears of each instant one, with when it was read (ms since the epoch). */
export async function readAlerts(
  { aws, region }: RuntimeDescription,
  onAlert: (alert: InstantAlert, atMs: number) => void,
): Promise<AlertReader> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new KinesisClient({ endpoint: aws.kinesis, region, credentials });
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: STREAM }));
  let isStopped = false;
  let failure: unknown;

  const follow = async (ShardId: string | undefined): Promise<void> => {
    const start = { StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    while (!isStopped && ShardIterator !== undefined) {
      const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 10_000 }));
      const atMs = preciseNowMs();
      for (const { Data } of Records) {
        const alert = JSON.parse(Buffer.from(Data!).toString()) as { kind: string };
        if (alert.kind === 'instant') onAlert(alert as InstantAlert, atMs);
      }
      ShardIterator = NextShardIterator;
      if (Records.length === 0) await pause(IDLE_MS);
    }
  };
  const following = Promise.all(Shards.map(({ ShardId }) => follow(ShardId))).catch((error: unknown) => {
    failure = error;
  });

  return {
    async until(isEnough, withinMs) {
      const deadlineMs = preciseNowMs() + withinMs;
      while (!isEnough()) {
        if (failure !== undefined) throw failure;
        if (preciseNowMs() > deadlineMs) throw new Error(`the alerts that were waited for did not come within ${withinMs} ms`);
        await pause(IDLE_MS);
      }
    },
    async stop() {
      isStopped = true;
      await following;
      client.destroy();
      if (failure !== undefined) throw failure;
    },
  };
}
