/** Glue and Athena on their wires, over an S3 in a temporary folder: what a template would make of them is made by hand. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena';
import { GlueClient } from '@aws-sdk/client-glue';
import { type ParquetColumn, parquetFile } from '#adapters/parquet-writer.ts';
import { AthenaEngine } from '../../local/engines/athena/engine.ts';
import { startAthenaServer } from '../../local/engines/athena/server.ts';
import { GlueCatalog, type TableInput } from '../../local/engines/glue/catalog.ts';
import { partitionFiles } from '../../local/engines/glue/partition-files.ts';
import { startGlueServer } from '../../local/engines/glue/server.ts';
import { S3Engine } from '../../local/engines/s3/engine.ts';
import { ManualClock } from './manual-clock.ts';

export const DATABASE = 'lake_db';
export const WORKGROUP = 'wg';
export const BUCKET = 'lake';
/** Of the workgroup. */
export const CUTOFF_BYTES = 50_000_000;

const CLIENT = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
const PARQUET = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';
const JSON_LINES = 'org.openx.data.jsonserde.JsonSerDe';

/** Of a trade in these tests. */
export interface LakeTrade {
  readonly id: string;
  readonly symbol: string;
  readonly price: number | null;
  readonly atMs: number;
}

const TRADE_COLUMNS: readonly ParquetColumn<LakeTrade>[] = [
  { name: 'event_id', type: 'STRING', nullable: false, of: ({ id }) => id },
  { name: 'symbol', type: 'STRING', nullable: false, of: ({ symbol }) => symbol },
  { name: 'price', type: 'DOUBLE', nullable: true, of: ({ price }) => price },
  { name: 'event_time', type: 'TIMESTAMP', nullable: false, of: ({ atMs }) => atMs },
];

/** Names and Hive's types of TRADE_COLUMNS, and one that no file has. */
export const TRADES_TABLE_COLUMNS = [
  ['event_id', 'string'],
  ['symbol', 'string'],
  ['price', 'double'],
  ['event_time', 'timestamp'],
  ['venue', 'string'],
] as const;

export type ColumnPair = readonly [name: string, type: string];

export interface Answer {
  readonly execution: QueryExecution;
  readonly columns: readonly string[];
  /** Without the header; null for SQL's null. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export class LocalAthena {
  readonly folder = mkdtempSync(join(tmpdir(), 'athena-'));
  readonly clock = new ManualClock(Date.UTC(2026, 0, 5));
  readonly s3 = new S3Engine({ folder: join(this.folder, 's3') });
  catalog = this.#newCatalog();
  engine = this.#newEngine();
  athena!: AthenaClient;
  glue!: GlueClient;
  #servers: { close(): Promise<void> }[] = [];

  static async start(): Promise<LocalAthena> {
    const rig = new LocalAthena();
    await rig.s3.createBucket(BUCKET);
    await rig.#listen();
    return rig;
  }

  /** As if the runtime were stopped and started: tables come from the template, partitions from the folder. */
  async restart(): Promise<void> {
    const tables = this.catalog.tables(DATABASE);
    await this.#hangUp();
    this.catalog = this.#newCatalog();
    this.engine = this.#newEngine();
    for (const { DatabaseName: _, ...table } of tables) this.catalog.createTable(DATABASE, table);
    await this.#listen();
  }

  #newCatalog(): GlueCatalog {
    const catalog = new GlueCatalog({ files: partitionFiles(join(this.folder, 'glue')), nowMs: () => this.clock.now() });
    catalog.createDatabase(DATABASE, 'of a test');
    return catalog;
  }

  #newEngine(): AthenaEngine {
    const engine = new AthenaEngine({ catalog: this.catalog, s3: this.s3, clock: this.clock, spillFolder: join(this.folder, 'spill') });
    const outputLocation = `s3://${BUCKET}/results/`;
    engine.createWorkGroup({
      name: WORKGROUP,
      description: 'of a test',
      isEnabled: true,
      isEnforced: true,
      outputLocation,
      cutoffBytes: CUTOFF_BYTES,
    });
    return engine;
  }

  async #listen(): Promise<void> {
    const athena = await startAthenaServer(this.engine, { port: 0 });
    const glue = await startGlueServer(this.catalog, { port: 0 });
    this.#servers = [athena, glue];
    this.athena = new AthenaClient({ ...CLIENT, endpoint: athena.url });
    this.glue = new GlueClient({ ...CLIENT, endpoint: glue.url });
  }

  async #hangUp(): Promise<void> {
    this.athena.destroy();
    this.glue.destroy();
    for (const server of this.#servers) await server.close();
    await this.engine.close();
  }

  async stop(): Promise<void> {
    await this.#hangUp();
    rmSync(this.folder, { recursive: true });
  }

  get hasSpillFolder(): boolean {
    return existsSync(join(this.folder, 'spill'));
  }

  table(Name: string, columns: readonly ColumnPair[], more: Partial<TableInput> & { readonly format?: 'json' } = {}): void {
    const { format, ...input } = more;
    this.catalog.createTable(DATABASE, {
      Name,
      TableType: 'EXTERNAL_TABLE',
      StorageDescriptor: {
        Location: `s3://${BUCKET}/${Name}/`,
        Columns: columns.map(columnOf),
        SerdeInfo: { SerializationLibrary: format === 'json' ? JSON_LINES : PARQUET },
      },
      ...input,
    });
  }

  /** A table whose partitions are computed; `projection` as in its table properties, by key. */
  projected(
    name: string,
    columns: readonly ColumnPair[],
    keys: readonly ColumnPair[],
    projection: Readonly<Record<string, string>>,
    format?: 'json',
  ): void {
    this.table(name, columns, {
      PartitionKeys: keys.map(columnOf),
      Parameters: {
        'projection.enabled': 'true',
        ...projection,
        'storage.location.template': `s3://${BUCKET}/${name}/${keys.map(([key]) => `${key}=\${${key}}/`).join('')}`,
      },
      ...(format && { format }),
    });
  }

  /** Types are Trino's. */
  view(Name: string, originalSql: string, columns: readonly ColumnPair[]): void {
    const view = { originalSql, catalog: 'awsdatacatalog', schema: DATABASE, columns: columns.map(([name, type]) => ({ name, type })) };
    this.catalog.createTable(DATABASE, {
      Name,
      TableType: 'VIRTUAL_VIEW',
      ViewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(view)).toString('base64')} */`,
    });
  }

  async putTrades(key: string, trades: readonly LakeTrade[]): Promise<number> {
    return this.put(key, parquetFile(TRADE_COLUMNS, trades));
  }

  /** The answer is the object's size in bytes. */
  async put(key: string, body: Uint8Array | string): Promise<number> {
    return (await this.s3.putObject(BUCKET, key, Buffer.from(body))).size;
  }

  async start(QueryString: string, more: Partial<StartQueryExecutionCommandInput> = {}): Promise<string> {
    const input = { QueryString, WorkGroup: WORKGROUP, QueryExecutionContext: { Database: DATABASE }, ...more };
    return (await this.athena.send(new StartQueryExecutionCommand(input))).QueryExecutionId as string;
  }

  /** Once it has ended. */
  async execution(id: string): Promise<QueryExecution> {
    await this.engine.ended(id);
    return (await this.athena.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution as QueryExecution;
  }

  /** The first thousand rows of a query that succeeds; throws its reason when it does not. */
  async query(sql: string, parameters?: readonly string[]): Promise<Answer> {
    const id = await this.start(sql, parameters && { ExecutionParameters: [...parameters] });
    const execution = await this.execution(id);
    if (execution.Status?.State !== 'SUCCEEDED') throw new Error(`${execution.Status?.State} ${execution.Status?.StateChangeReason}`);
    const { ResultSet } = await this.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
    const rows = (ResultSet?.Rows ?? []).map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue ?? null));
    const columns = (ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name, Type }) => `${Name} ${Type}`);
    return { execution, columns, rows: execution.StatementType === 'DML' ? rows.slice(1) : rows };
  }

  /** Why a query fails. */
  async reason(sql: string, parameters?: readonly string[]): Promise<string> {
    const { Status } = await this.execution(await this.start(sql, parameters && { ExecutionParameters: [...parameters] }));
    return `${Status?.State} ${Status?.StateChangeReason}`;
  }
}

function columnOf([Name, Type]: ColumnPair): { readonly Name: string; readonly Type: string } {
  return { Name, Type };
}
