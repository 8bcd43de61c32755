/**
 * The batch on the local engines, in process: the tables, streams, bucket and catalogue of the real template, the real state machine, and the
 * steps of the batch function, which may be made to fail where a test likes. Records go through the archive and the speed layer as they do
 * there. Time stands still but for the pauses of a run.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { dynamoArchiveIndex, INDEX_PARTITIONS } from '#adapters/archive-index.ts';
import { REAL_CLOCK } from '#adapters/clock.ts';
import { DayReader, type GenerationRow } from '#adapters/day-reader.ts';
import { s3ObjectStore } from '#adapters/object-store.ts';
import { type Run, RunReader } from '#adapters/run-reader.ts';
import { sha256Hex } from '#adapters/sha256.ts';
import { decodeRecord } from '#domain/decode.ts';
import { comparePositions, type SourceRecord } from '#domain/events.ts';
import { DEFAULT_SETTINGS, type Settings, type SourceName } from '#domain/settings.ts';
import { archiveBatch } from '../../functions/archive/archive-batch.ts';
import { batchPorts } from '../../functions/batch/batch-ports.ts';
import type { BatchPorts } from '../../functions/batch/ports.ts';
import type { StepEvent } from '../../functions/batch/state.ts';
import { runStep } from '../../functions/batch/steps.ts';
import { dailyMachine } from '../../infra/daily-machine.ts';
import { athenaPort } from '../../local/engines/athena/port.ts';
import { EventClock } from '../../local/engines/event-clock.ts';
import type { AthenaPort } from '../../local/engines/step-functions/tasks.ts';
import { RESOURCE_TYPES } from '../../local/resources/catalog.ts';
import { newContext } from '../../local/resources/context.ts';
import { WITHOUT_LOCAL_EFFECT } from '../../local/resources/without-effect.ts';
import { openDataFolder } from '../../local/runtime/data-folder.ts';
import { ACCOUNT_ID, REGION, startEngines } from '../../local/runtime/engines.ts';
import { createLifecycle } from '../../local/runtime/lifecycle.ts';
import { createResources } from '../../local/runtime/run-template.ts';
import { openSensors } from '../../local/runtime/sensors.ts';
import { parseTemplate } from '../../local/template/assembly.ts';
import type { JsonObject } from '../../local/template/json.ts';
import { synthesize } from '../template/assembly.ts';
import { processorOn } from './speed.ts';

export class InjectedFault extends Error {
  override name = 'InjectedFault';
}

/** What becomes of a call: before it is sent, or after it took effect, it fails. */
export type CallFault = (call: { readonly command: string; readonly input: object }) => 'before' | 'after' | null | Promise<void>;

export interface BatchRig {
  readonly clock: EventClock;
  readonly settings: Settings;
  readonly ports: BatchPorts;
  /** Arns of executions, as they were started. */
  readonly executions: string[];
  /** Breaks calls of AWS that steps make; null: none. */
  setFault(fault: CallFault | null): void;
  /** Stands before each step; what it throws is an error of the function. */
  setBeforeStep(before: ((event: StepEvent) => unknown) | null): void;
  /** Stands behind each step. */
  setAfterStep(after: ((event: StepEvent) => unknown) | null): void;
  /** Replaces Athena as the state machine sees it. */
  setAthena(change: ((athena: AthenaPort) => AthenaPort) | null): void;
  /** Puts records into a stream; archive and speed layer take them when told. */
  put(source: SourceName, records: readonly { readonly key: string; readonly value: object }[]): Promise<void>;
  /** Archives what was put since the last time; `times` writes each object so often, under other names. */
  archive(source: SourceName, times?: number): Promise<void>;
  speed(source: SourceName): Promise<void>;
  /** Starts a run; `ended` moves the clock through its pauses. */
  start(input?: object): Started;
  run(input?: object): Promise<RunOutcome>;
  keys(prefix: string): Promise<string[]>;
  text(key: string): Promise<string>;
  /** Rows of a query of the local Athena. */
  query(sql: string): Promise<Record<string, string | null>[]>;
  /** Newest first. */
  runs(): Promise<Run[]>;
  /** Indexes an object that is not in the bucket. */
  claim(key: string, day: string, rows: number): Promise<void>;
  /** Takes the claim back. */
  disclaim(key: string, day: string): Promise<void>;
  /** Rows of a key in the day table, of every generation. */
  dayRows(source: SourceName, name: string): Promise<GenerationRow[]>;
  close(): Promise<void>;
}

export interface Started {
  readonly arn: string;
  stop(): Promise<void>;
  ended(): Promise<RunOutcome>;
}

export interface RunOutcome {
  readonly status: string;
  readonly run: Run | null;
}

const SQL = join(import.meta.dirname, '../../sql');
const sql = (name: string) => readFileSync(join(SQL, `${name}.sql`), 'utf8');
const STATEMENTS = {
  trades: { deduplicate: sql('deduplicate-trades'), aggregate: sql('daily-trade-stats'), check: sql('check-trades') },
  readings: { deduplicate: sql('deduplicate-readings'), aggregate: sql('daily-sensor-stats'), check: sql('check-readings') },
};
const STAGE = 'rig';
const DATABASE = `tidemark_${STAGE}`;
const WORKGROUP = `tidemark-${STAGE}`;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MACHINE = 'daily';
/** How often a step is called that an injected fault breaks. */
const MAX_ATTEMPTS = 200;

/** Synthesized once. */
let template: JsonObject | undefined;

export async function startBatchRig(startMs: number, settings: Settings = DEFAULT_SETTINGS): Promise<BatchRig> {
  const clock = new EventClock(startMs);
  const folder = openDataFolder(null);
  const failures: string[] = [];
  const lifecycle = createLifecycle((message) => failures.push(message));
  lifecycle.onStop('the data folder', () => folder.release());
  const engines = await startEngines(folder, clock, lifecycle, (error) => failures.push(error.message));
  const context = newContext({
    clock,
    wallClock: REAL_CLOCK,
    region: REGION,
    accountId: ACCOUNT_ID,
    ...engines,
    pageUrl: 'http://127.0.0.1:9',
    serviceEnvironment: {},
    log: { line: () => undefined, error: (part, text) => void failures.push(`${part}: ${text}`), close: async () => undefined },
    sensors: openSensors(folder),
    sources: { simulate: false, seed: 1, finnhubToken: undefined },
  });
  template ??= synthesize({ stage: STAGE }).templates.data as unknown as JsonObject;
  const stack = parseTemplate('Data', template);
  const assembly = { folder: '', stacks: [stack], assetPaths: new Map<string, string>(), imageFolders: new Map<string, string>() };
  await createResources(assembly, context, { types: RESOURCE_TYPES, withoutEffect: WITHOUT_LOCAL_EFFECT }, lifecycle);

  let fault: CallFault | null = null;
  let beforeStep: ((event: StepEvent) => unknown) | null = null;
  let afterStep: ((event: StepEvent) => unknown) | null = null;
  let athena = athenaPort(engines.athena);
  const access = (endpoint: string) => ({ endpoint, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const { urls } = engines;
  const dynamo = new DynamoDBClient(access(urls.dynamodb));
  const s3 = new S3Client(access(urls.s3));
  const kinesis = new KinesisClient(access(urls.kinesis));
  const glue = new GlueClient(access(urls.glue));
  const athenaClient = new AthenaClient(access(urls.athena));
  const sfn = new SFNClient(access(urls.sfn));
  const clients = { dynamo, s3, kinesis, glue, athena: athenaClient, sfn };
  // Those of the steps, which may be broken; the test's own are never.
  const faulty = {
    dynamo: new DynamoDBClient(access(urls.dynamodb)),
    s3: new S3Client(access(urls.s3)),
    kinesis: new KinesisClient(access(urls.kinesis)),
    glue: new GlueClient(access(urls.glue)),
    athena: new AthenaClient(access(urls.athena)),
    sfn: new SFNClient(access(urls.sfn)),
  };
  for (const client of Object.values(faulty)) {
    (client as S3Client).middlewareStack.add(
      (next, call) => async (args) => {
        const command = String(call['commandName']);
        const when = await fault?.({ command, input: args.input as object });
        if (when === 'before') throw new InjectedFault(`${command} was not sent`);
        const answer = await next(args);
        if (when === 'after') throw new InjectedFault(`${command} took effect, its answer was lost`);
        return answer;
      },
      { step: 'initialize', name: 'injectedFaults' },
    );
  }
  const pause = async () => undefined;
  const environment = {
    ARCHIVE_INDEX_TABLE: 'archive-index',
    BATCH_TABLE: 'batch',
    DAY_TABLE: 'day',
    STATE_TABLE: 'state',
    WINDOW_TABLE: 'window',
    TRADES_STREAM: 'trades',
    READINGS_STREAM: 'readings',
    DATA_BUCKET: 'data',
    DATABASE,
    LEASE_MS: String(2.25 * HOUR_MS),
    GRACE_MS: String(6 * HOUR_MS),
    SETTINGS: JSON.stringify(settings),
  };
  const options = { statements: STATEMENTS, pause, nowMs: () => clock.now(), log: () => undefined };
  const ports = batchPorts(environment, { ...clients, ...options });
  const stepPorts = batchPorts(environment, { ...faulty, ...options });
  const machine = engines.stateMachines.createStateMachine({
    name: MACHINE,
    definition: JSON.stringify(dailyMachine(1))
      .replaceAll('${Function}', 'batch')
      .replaceAll('${Workgroup}', WORKGROUP)
      .replaceAll('${Database}', DATABASE),
    roleArn: 'arn:aws:iam::000000000000:role/daily',
    services: {
      async invoke(_name, payload) {
        const event = JSON.parse(payload) as StepEvent;
        for (let attempt = 1; ; attempt++) {
          try {
            await beforeStep?.(event);
            const answer = await runStep(stepPorts, event);
            await afterStep?.(event);
            return { payload: JSON.stringify(answer) };
          } catch (error) {
            // The machine would do the same after a pause, and not so often.
            if (error instanceof InjectedFault && attempt < MAX_ATTEMPTS) continue;
            const { name: errorType, message: errorMessage } = error as Error;
            return { functionError: 'Unhandled', payload: JSON.stringify({ errorType, errorMessage, trace: [] }) };
          }
        }
      },
      athena: {
        start: (input) => athena.start(input),
        ended: (id) => athena.ended(id),
        stop: (id) => athena.stop(id),
        results: (input) => athena.results(input),
      },
    },
  });
  lifecycle.onStop('Step Functions', () => engines.stateMachines.close());

  const executions: string[] = [];
  const waiting: Record<SourceName, { archive: SourceRecord[]; speed: SourceRecord[] }> = {
    trades: { archive: [], speed: [] },
    readings: { archive: [], speed: [] },
  };
  const index = dynamoArchiveIndex(dynamo, 'archive-index', { newMarker: randomUUID, pause });
  const objects = s3ObjectStore(s3, 'data');
  const silent = { send: async ({ input }: { input: { Records: unknown[] } }) => ({ Records: input.Records.map(() => ({})) }) };
  const processor = processorOn(dynamo, silent as unknown as KinesisClient, () => clock.now());
  const runs = new RunReader(dynamo, 'batch');

  async function newRecords(source: SourceName): Promise<SourceRecord[]> {
    const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: source }));
    const records: SourceRecord[] = [];
    for (const { ShardId } of Shards) {
      const from = { StreamName: source, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
      let { ShardIterator: iterator } = await kinesis.send(new GetShardIteratorCommand(from));
      for (let isBehind = true; isBehind && iterator; ) {
        const {
          Records = [],
          MillisBehindLatest,
          NextShardIterator,
        } = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }));
        for (const { SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp } of Records) {
          records.push({
            lane: ShardId!,
            position: SequenceNumber!,
            key: PartitionKey!,
            bytes: Data!,
            arrivalMs: ApproximateArrivalTimestamp!.getTime(),
          });
        }
        isBehind = MillisBehindLatest !== 0;
        iterator = NextShardIterator;
      }
    }
    return records;
  }

  const rig: BatchRig = {
    clock,
    settings,
    ports,
    executions,
    setFault(change) {
      fault = change;
    },
    setBeforeStep(change) {
      beforeStep = change;
    },
    setAfterStep(change) {
      afterStep = change;
    },
    setAthena(change) {
      const own = athenaPort(engines.athena);
      athena = change === null ? own : change(own);
    },
    async put(source, records) {
      const last = [...waiting[source].archive, ...waiting[source].speed].map(({ position }) => position);
      const known = (await newRecords(source)).map(({ position }) => position);
      const newest = [...known, ...last].sort(comparePositions).at(-1);
      const Records = records.map(({ key, value }) => ({ PartitionKey: key, Data: Buffer.from(JSON.stringify(value)) }));
      for (let start = 0; start < Records.length; start += 500) {
        await kinesis.send(new PutRecordsCommand({ StreamName: source, Records: Records.slice(start, start + 500) }));
      }
      const fresh = (await newRecords(source)).filter(({ position }) => newest === undefined || comparePositions(position, newest) > 0);
      waiting[source].archive.push(...fresh);
      waiting[source].speed.push(...fresh);
    },
    async archive(source, times = 1) {
      const records = waiting[source].archive.splice(0);
      if (records.length === 0) return;
      for (let copy = 0; copy < times; copy++) {
        // Cut differently each time: the objects overlap under other names.
        await archiveBatch(source, records.slice(0, records.length - copy), settings, { objects, index });
      }
    },
    async speed(source) {
      for (const record of waiting[source].speed.splice(0)) {
        const { events, refusals } = decodeRecord(source, record, settings);
        const { lane, position, arrivalMs } = record;
        const { failures } = await processor.process(source, new Map([[record.key, [{ lane, position, arrivalMs, events, refusals }]]]));
        for (const failure of failures.values()) throw failure;
      }
    },
    start(input = { trigger: 'schedule' }) {
      const { arn } = engines.stateMachines.start(machine.arn, JSON.stringify(input));
      executions.push(arn);
      return {
        arn,
        async stop() {
          await engines.stateMachines.stop(arn);
        },
        async ended() {
          let isOver = false;
          const ended = engines.stateMachines.ended(arn).finally(() => {
            isOver = true;
          });
          while (!isOver) await Promise.race([ended, clock.runUntil(clock.now() + MINUTE_MS)]);
          const { status } = await ended;
          const [newest] = (await rig.runs()).filter(({ runId }) => runId.endsWith(hashOf(arn)));
          return { status, run: newest ?? null };
        },
      };
    },
    run: (input) => rig.start(input).ended(),
    async keys(prefix) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'data', Prefix: prefix }));
      return Contents.map(({ Key }) => Key!);
    },
    async text(key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'data', Key: key }));
      return Body!.transformToString();
    },
    async query(text) {
      const own = athenaPort(engines.athena);
      const id = await own.start({ QueryString: text, WorkGroup: WORKGROUP, QueryExecutionContext: { Database: DATABASE } });
      const { Status: status } = (await own.ended(id)) as { Status: { State: string; StateChangeReason?: string } };
      if (status.State !== 'SUCCEEDED') throw new Error(`${text}: ${status.StateChangeReason}`);
      return [...(await ports.results.rows(id))];
    },
    runs: () => runs.runs(null, 100),
    async claim(key, day, rows) {
      const row = { stream: 'trades', key, rows, quarantined: 0, eventDays: { [day]: rows }, firstPosition: '1', lastPosition: '2' };
      await index.write('trades', [{ ...row, lastArrivalMs: clock.now() }], []);
    },
    async disclaim(key, day) {
      const Key = { lane: { S: INDEX_PARTITIONS.day('trades', day) }, object: { S: key } };
      await dynamo.send(new DeleteItemCommand({ TableName: 'archive-index', Key }));
    },
    async dayRows(source, name) {
      const found: GenerationRow[] = [];
      for await (const page of new DayReader(dynamo, 'day').pages(source, name, { from: '0000-00-00', to: '9999-99-99' }))
        found.push(...page);
      return found;
    },
    async close() {
      clock.stop();
      for (const client of [...Object.values(clients), ...Object.values(faulty)]) client.destroy();
      await lifecycle.stop();
      if (failures.length > 0) throw new Error(failures.join('; '));
    },
  };
  return rig;

  function hashOf(arn: string): string {
    return sha256Hex(arn).slice(0, 8);
  }
}
