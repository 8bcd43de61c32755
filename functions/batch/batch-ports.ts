/** The ports of the batch function on clients of AWS. */
import type { AthenaClient } from '@aws-sdk/client-athena';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { GlueClient } from '@aws-sdk/client-glue';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { ArchiveDays } from '#adapters/archive-days.ts';
import { ArchiveProgress } from '#adapters/archive-progress.ts';
import { BatchRuns } from '#adapters/batch-runs.ts';
import { DayRows } from '#adapters/day-rows.ts';
import { DriftStore } from '#adapters/drift-store.ts';
import { isExecutionRunning } from '#adapters/executions.ts';
import { Generations } from '#adapters/generations.ts';
import { LakeFiles } from '#adapters/lake-files.ts';
import { archivedThroughMs } from '#adapters/lane-tail.ts';
import { Partitions } from '#adapters/partitions.ts';
import { PublishedStore } from '#adapters/published-store.ts';
import { QueryResults } from '#adapters/query-results.ts';
import { RunLock } from '#adapters/run-lock.ts';
import { StateReader } from '#adapters/state-reader.ts';
import { WindowReader } from '#adapters/window-reader.ts';
import type { BatchPorts } from './ports.ts';

export type BatchEnvironment = Readonly<
  Record<
    | 'ARCHIVE_INDEX_TABLE'
    | 'BATCH_TABLE'
    | 'DAY_TABLE'
    | 'STATE_TABLE'
    | 'WINDOW_TABLE'
    | 'TRADES_STREAM'
    | 'READINGS_STREAM'
    | 'DATA_BUCKET'
    | 'DATABASE'
    | 'LEASE_MS'
    | 'GRACE_MS'
    | 'SETTINGS',
    string
  >
>;

export interface BatchClients extends Pick<BatchPorts, 'statements' | 'nowMs' | 'log'> {
  readonly dynamo: DynamoDBClient;
  readonly s3: S3Client;
  readonly kinesis: KinesisClient;
  readonly glue: GlueClient;
  readonly athena: AthenaClient;
  readonly sfn: SFNClient;
  readonly pause: (ms: number) => Promise<void>;
}

export function batchPorts(env: BatchEnvironment, clients: BatchClients): BatchPorts {
  const { dynamo, s3, kinesis, glue, athena, sfn, statements, pause, nowMs, log } = clients;
  const streams = { trades: env.TRADES_STREAM, readings: env.READINGS_STREAM };
  const progress = new ArchiveProgress(dynamo, env.ARCHIVE_INDEX_TABLE);
  return {
    archive: new ArchiveDays(dynamo, env.ARCHIVE_INDEX_TABLE),
    archivedThroughMs: async (source) => archivedThroughMs(kinesis, streams[source], await progress.reached(source), nowMs),
    published: new PublishedStore(s3, env.DATA_BUCKET),
    lock: new RunLock(dynamo, {
      table: env.BATCH_TABLE,
      leaseMs: Number(env.LEASE_MS),
      isRunning: (execution) => isExecutionRunning(sfn, execution),
      nowMs,
    }),
    runs: new BatchRuns(dynamo, env.BATCH_TABLE, pause),
    generations: new Generations(dynamo, env.BATCH_TABLE),
    drift: new DriftStore(dynamo, env.BATCH_TABLE),
    dayRows: new DayRows(dynamo, env.DAY_TABLE, pause),
    partitions: new Partitions(glue, env.DATABASE),
    files: new LakeFiles(s3, env.DATA_BUCKET),
    results: new QueryResults(athena),
    states: new StateReader(dynamo, env.STATE_TABLE, pause),
    windows: new WindowReader(dynamo, env.WINDOW_TABLE),
    statements,
    bucket: env.DATA_BUCKET,
    settings: JSON.parse(env.SETTINGS),
    graceMs: Number(env.GRACE_MS),
    nowMs,
    log,
  };
}
