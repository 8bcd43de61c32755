/** A lake in a temporary folder, with the tables and views of the catalogue in DuckDB: the statements of sql/ run on it as they are. */
import { globSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ArchivePorts } from '../../functions/archive/archive-batch.ts';
import { type ColumnType, TABLES, type TableDefinition, VIEWS } from '../../infra/lake.ts';
import { sqlText } from '../../infra/sql.ts';

const DUCKDB_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  bigint: 'BIGINT',
  int: 'INTEGER',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  binary: 'BLOB',
  'array<string>': 'VARCHAR[]',
};

export type LakeRow = Readonly<Record<string, unknown>>;

/** What a generation is made of: statement → table. */
const GENERATION = {
  trades: { deduplicate: 'curated_trades', stats: 'curated_daily_trade_stats' },
  readings: { deduplicate: 'curated_readings', stats: 'curated_daily_sensor_stats' },
} as const;
const STATS = { trades: 'daily-trade-stats', readings: 'daily-sensor-stats' } as const;

export class DuckDbLake {
  readonly folder: string;
  /** Where archiveBatch may write to. */
  readonly ports: ArchivePorts;
  /** Rows of an event day in an object, by its key, as the archive indexed them. */
  readonly indexed = new Map<string, Readonly<Record<string, number>>>();
  readonly #instance: DuckDBInstance;
  #tables = new Map<string, boolean>();

  static async create(): Promise<DuckDbLake> {
    return new DuckDbLake(mkdtempSync(join(tmpdir(), 'tidemark-lake-')), await DuckDBInstance.create(':memory:', { threads: '2' }));
  }

  private constructor(folder: string, instance: DuckDBInstance) {
    this.folder = folder;
    this.#instance = instance;
    this.ports = {
      objects: { put: async (key, body) => this.write(key, body) },
      index: {
        write: async (_stream, objects) => {
          for (const { key, eventDays } of objects) this.indexed.set(key, eventDays);
        },
      },
    };
  }

  close(): void {
    this.#instance.closeSync();
    rmSync(this.folder, { recursive: true });
  }

  write(key: string, body: Uint8Array | string): void {
    mkdirSync(dirname(join(this.folder, key)), { recursive: true });
    writeFileSync(join(this.folder, key), body);
  }

  writeLines(key: string, lines: readonly object[]): void {
    this.write(key, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** Replaces `published` as S3 does: a reader sees one content or the other. */
  publish(lines: readonly object[]): void {
    this.writeLines('published.new', lines);
    mkdirSync(join(this.folder, 'published'), { recursive: true });
    renameSync(join(this.folder, 'published.new'), join(this.folder, 'published/current.json'));
  }

  /** Rows of a query; counts as bigint. */
  async query(sql: string): Promise<LakeRow[]> {
    await this.#register();
    const connection = await this.#instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowObjects();
    } finally {
      connection.closeSync();
    }
  }

  /** Rows of a statement in sql/, with texts and numbers in the places of its question marks. */
  statement(name: string, values: readonly (string | number)[]): Promise<LakeRow[]> {
    return this.query(textOf(name, values));
  }

  /** How a query is run, and what it really read. */
  async plan(sql: string): Promise<string> {
    const [row] = await this.query(`explain analyze ${sql}`);
    return String(row!['explain_value']);
  }

  /** Columns of views that are of another type, name or place than the catalogue says: `view: found, not said`. */
  async viewsOfOtherTypes(): Promise<string[]> {
    const wrong: string[] = [];
    for (const { name, columns } of Object.values(VIEWS)) {
      const found = (await this.query(`describe ${name}`)).map((row) => `${row['column_name']} ${row['column_type']}`).join(', ');
      const said = columns.map(([column, type]) => `${column} ${DUCKDB_TYPES[type]}`).join(', ');
      if (found !== said) wrong.push(`${name}: ${found}, not ${said}`);
    }
    return wrong;
  }

  /** Makes a generation of a day as the batch does: every event once, then the figures. */
  async makeGeneration(source: 'trades' | 'readings', day: string, gen: string, arrival: { from: string; to: string }): Promise<void> {
    const { deduplicate, stats } = GENERATION[source];
    await this.#unload(textOf(`deduplicate-${source}`, [arrival.from, arrival.to, day]), deduplicate, day, gen);
    const values = source === 'trades' ? [day, gen] : [day, gen, day, gen, day, gen];
    await this.#unload(textOf(STATS[source], values), stats, day, gen);
  }

  async #unload(sql: string, table: string, day: string, gen: string): Promise<void> {
    const { folder } = Object.values(TABLES).find(({ name }) => name === table)!;
    const target = join(this.folder, folder, `day=${day}`, `gen=${gen}`);
    mkdirSync(target, { recursive: true });
    await this.query(`copy (${sql}) to '${target}/rows.parquet' (format parquet, compression zstd)`);
  }

  /** Tables see the files that are there; one that has none yet is empty. */
  async #register(): Promise<void> {
    const connection = await this.#instance.connect();
    try {
      const isFirst = this.#tables.size === 0;
      for (const table of Object.values(TABLES)) {
        const hasFiles = globSync(join(this.folder, table.folder, '**/*.{parquet,json}')).length > 0;
        if (this.#tables.get(table.name) === hasFiles) continue;
        this.#tables.set(table.name, hasFiles);
        await connection.run(`create or replace view ${table.name} as ${hasFiles ? this.#filesOf(table) : emptyTable(table)}`);
      }
      if (!isFirst) return;
      await connection.run(`set TimeZone = 'UTC'`);
      for (const { name } of Object.values(VIEWS)) await connection.run(`create view ${name} as ${sqlText(`views/${name}`)}`);
    } finally {
      connection.closeSync();
    }
  }

  #filesOf(table: TableDefinition): string {
    const { folder, format, columns, partitionKeys } = table;
    const typed = (entries: readonly (readonly [string, ColumnType])[]) =>
      entries.map(([name, type]) => `'${name}': '${DUCKDB_TYPES[type]}'`).join(', ');
    const keys = partitionKeys.map(({ name, type }) => [name, type] as const);
    const partitions = keys.length > 0 ? `hive_partitioning = true, hive_types = {${typed(keys)}}` : 'hive_partitioning = false';
    const names = [...columns.map(([name]) => name), ...keys.map(([name]) => name)].map((name) => `"${name}"`).join(', ');
    const files = `'${this.folder}/${folder}/**/*.${format}'`;
    if (format === 'parquet') {
      // As Athena says where a row lies; no bucket needs a name here.
      const place = `'s3://bucket/' || substr(filename, ${this.folder.length + 2}) as "$path"`;
      return `select ${names}, ${place} from read_parquet(${files}, ${partitions}, filename = true)`;
    }
    return `select ${names} from read_json(${files}, format = 'newline_delimited', columns = {${typed(columns)}}, ${partitions})`;
  }
}

function emptyTable({ columns, partitionKeys }: TableDefinition): string {
  const all = [...columns, ...partitionKeys.map(({ name, type }) => [name, type] as const)];
  return `select ${all.map(([name, type]) => `cast(null as ${DUCKDB_TYPES[type]}) as "${name}"`).join(', ')} limit 0`;
}

/** The text with its parameters as literals, as Athena puts them in. */
function textOf(name: string, values: readonly (string | number)[]): string {
  const parts = sqlText(name).split('?');
  if (parts.length !== values.length + 1) throw new RangeError(`${name} has ${parts.length - 1} parameters, not ${values.length}`);
  return parts.map((part, index) => (index === 0 ? part : literalOf(values[index - 1]!) + part)).join('');
}

function literalOf(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value}'`;
}
