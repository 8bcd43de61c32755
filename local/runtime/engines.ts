/** The services that the resources of a template live in: started before any of them, stopped after all of them. */
import path from 'node:path';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { AthenaEngine } from '../engines/athena/engine.ts';
import { startAthenaServer } from '../engines/athena/server.ts';
import { fileCheckpoints, memoryCheckpoints } from '../engines/checkpoints.ts';
import { GlueCatalog } from '../engines/glue/catalog.ts';
import { forgottenPartitions, partitionFiles } from '../engines/glue/partition-files.ts';
import { startGlueServer } from '../engines/glue/server.ts';
import { type DataPlane, startDataPlane } from '../engines/iot/data-plane.ts';
import { KinesisEngine } from '../engines/kinesis/engine.ts';
import { startKinesisServer } from '../engines/kinesis/server.ts';
import type { LocalClock } from '../engines/local-clock.ts';
import { S3Engine } from '../engines/s3/engine.ts';
import { startS3Server } from '../engines/s3/server.ts';
import { StepFunctionsEngine } from '../engines/step-functions/engine.ts';
import { startStepFunctionsServer } from '../engines/step-functions/server.ts';
import { StsEngine } from '../engines/sts/engine.ts';
import { startStsServer } from '../engines/sts/server.ts';
import type { LocalContext } from '../resources/context.ts';
import type { DataFolder } from './data-folder.ts';
import { type DynamoDb, startDynamoDb } from './dynamodb.ts';
import type { Lifecycle } from './lifecycle.ts';

export const REGION = 'us-east-1';
export const ACCOUNT_ID = '000000000000';

export interface Engines
  extends Pick<LocalContext, 'kinesis' | 's3' | 'dynamodb' | 'sts' | 'glue' | 'athena' | 'stateMachines' | 'checkpointsOf'> {
  readonly dataPlane: DataPlane;
  /** URLs by service. */
  readonly urls: Readonly<Record<'kinesis' | 'dynamodb' | 's3' | 'sts' | 'glue' | 'athena' | 'sfn' | 'iot_data_plane', string>>;
}

/**
 * Starts them on free ports, their data in the data folder (streams and tables in memory when it is a temporary one).
 * `onFailure` hears of one that ended later: nothing works without it.
 */
export async function startEngines(
  folder: DataFolder,
  clock: LocalClock,
  lifecycle: Lifecycle,
  onFailure: (error: Error) => void,
): Promise<Engines> {
  const inFolder = (name: string): string => path.join(folder.path, name);
  const kept = (name: string): string | null => (folder.persistent ? inFolder(name) : null);
  const kinesis = new KinesisEngine({
    clock,
    folder: kept('kinesis'),
    region: REGION,
    account: ACCOUNT_ID,
    onFailure: ({ message, cause }) => onFailure(new Error(`the local Kinesis stopped: ${message}`, { cause })),
  });
  lifecycle.onStop('the Kinesis engine', () => kinesis.close());
  const sts = new StsEngine(clock);
  const stateMachines = new StepFunctionsEngine({
    clock,
    wallClock: REAL_CLOCK,
    folder: kept('executions'),
    region: REGION,
    account: ACCOUNT_ID,
    onFailure,
  });
  const s3 = new S3Engine({ folder: inFolder('s3') });
  const glueFolder = kept('glue');
  const glue = new GlueCatalog({
    files: glueFolder === null ? forgottenPartitions() : partitionFiles(glueFolder),
    nowMs: () => clock.now(),
  });
  const athena = new AthenaEngine({ catalog: glue, s3, clock, spillFolder: inFolder('athena-spill') });
  lifecycle.onStop('Athena', () => athena.close());
  const start = async <Server extends { url: string }>(name: string, server: Promise<Server>, stop: (server: Server) => Promise<void>) => {
    const started = await server;
    lifecycle.onStop(name, () => stop(started));
    return started;
  };
  const starting = {
    dataPlane: start('the IoT data plane', startDataPlane(0), (server) => server.close()),
    sts: start('the STS server', startStsServer(sts, 0), (server) => server.close()),
    kinesis: start('the Kinesis server', startKinesisServer(kinesis, { port: 0 }), (server) => server.close()),
    glue: start('the Glue server', startGlueServer(glue, { port: 0 }), (server) => server.close()),
    athena: start('the Athena server', startAthenaServer(athena, { port: 0 }), (server) => server.close()),
    sfn: start('the Step Functions server', startStepFunctionsServer(stateMachines, 0), (server) => server.close()),
    s3: start('the S3 server', startS3Server(s3, { port: 0 }), (server) => server.close()),
    dynamodb: start<DynamoDb>('the DynamoDB server', startDynamoDb(kept('dynamodb'), onFailure), (server) => server.stop()),
  };
  // Before a failure is told, the lifecycle knows of everything that did start.
  await Promise.allSettled(Object.values(starting));
  const dynamodb = await starting.dynamodb;
  const dataPlane = await starting.dataPlane;
  return {
    kinesis,
    s3,
    dynamodb,
    sts,
    glue,
    athena,
    stateMachines,
    dataPlane,
    checkpointsOf: (mappingId) => (folder.persistent ? fileCheckpoints(inFolder(`checkpoints/${mappingId}.json`)) : memoryCheckpoints()),
    urls: {
      kinesis: (await starting.kinesis).url,
      dynamodb: dynamodb.url,
      s3: (await starting.s3).url,
      sts: (await starting.sts).url,
      glue: (await starting.glue).url,
      athena: (await starting.athena).url,
      sfn: (await starting.sfn).url,
      iot_data_plane: dataPlane.url,
    },
  };
}

/** What makes the stock AWS clients of functions and feed speak to engines at these URLs, and pages to the broker at `pageUrl`. */
export function serviceEnvironmentOf(urls: Engines['urls'], pageUrl: string): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_KINESIS: urls.kinesis,
    AWS_ENDPOINT_URL_DYNAMODB: urls.dynamodb,
    AWS_ENDPOINT_URL_S3: urls.s3,
    AWS_ENDPOINT_URL_STS: urls.sts,
    AWS_ENDPOINT_URL_GLUE: urls.glue,
    AWS_ENDPOINT_URL_ATHENA: urls.athena,
    AWS_ENDPOINT_URL_SFN: urls.sfn,
    AWS_ENDPOINT_URL_IOT_DATA_PLANE: urls.iot_data_plane,
    AWS_ENDPOINT_URL_IOT_DEVICE_GATEWAY: pageUrl.replace(/^http/, 'ws'),
  };
}
