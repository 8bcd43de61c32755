import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DayGeneration } from '../../functions/adapters/day-rows.ts';
import type { Query } from '../../functions/batch/state.ts';
import { queryOf, unloaded } from '../../functions/batch/statements.ts';
import { TABLES, type TableDefinition } from '../../infra/lake.ts';
import { AthenaEngine } from '../../local/engines/athena/engine.ts';
import { GlueCatalog } from '../../local/engines/glue/catalog.ts';
import { forgottenPartitions } from '../../local/engines/glue/partition-files.ts';
import { S3Engine } from '../../local/engines/s3/engine.ts';
import { ownUsage } from '../in-process.ts';
import { preciseNowMs } from '../machine.ts';
import { type Conditions, type Measured, type Outcome, type Scenario, scaled } from '../scenario.ts';

const TRADES = 10_000_000;
const SYMBOLS = 50;
/** Of a hundred trades this many come twice, an hour later. */
const COPIES_PCT = 2;
const DAY = '2026-01-02';
const NEXT_DAY = '2026-01-03';
const BUCKET = 'lake';
const DATABASE = 'lake';
const WORKGROUP = 'bench';

/** One day of raw trades as the archive lays them: a file an hour, ids of the contract's form, prices that move. */
async function writeRaw(folder: string, trades: number, seed: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const midnightMs = Date.parse(DAY);
  await connection.run(`copy (
    select
      'session-${seed}.SYM' || lpad((i % ${SYMBOLS})::varchar, 2, '0') || '.' || lpad((i // ${SYMBOLS})::varchar, 12, '0') as event_id,
      event_ms, make_timestamp(event_ms * 1000) as event_time, event_ms + lag_ms as ingest_ms, make_timestamp((event_ms + lag_ms) * 1000) as ingest_time,
      '${DAY}' as event_day, 'SYM' || lpad((i % ${SYMBOLS})::varchar, 2, '0') as symbol,
      round(100 + 10 * sin(i / 1e5) + hash(i, ${seed}) % 100 / 100.0, 2) as price, cast(hash(i, ${seed}) % 300 as double) as size,
      cast(null as varchar) as conditions, 'OK' as quality, 'shardId-00000000000' || (i % 2) as lane, '4957' || lpad((i // 30)::varchar, 52, '0') as position,
      'raw/trades/dt=' || strftime(make_timestamp((event_ms + lag_ms) * 1000), '%Y-%m-%d/hr=%H') || if(lag_ms < 1000, '', '/again') as object,
      strftime(make_timestamp((event_ms + lag_ms) * 1000), '%Y-%m-%d') as dt, strftime(make_timestamp((event_ms + lag_ms) * 1000), '%H') as hr
    from (
      select i, ${midnightMs} + i * 86400000 // ${trades} as event_ms, unnest(if(i % 100 < ${COPIES_PCT}, [150, 3600150], [150])) as lag_ms
      from range(${trades}) numbers(i)
    ) numbered
  ) to '${folder}/raw/trades' (format parquet, compression zstd, partition_by (dt, hr), row_group_size 100000)`);
  connection.closeSync();
  instance.closeSync();
}

/** The table as Glue has it once the template is deployed. */
function glueTable({ name, folder, columns, partitionKeys }: TableDefinition) {
  const location = `s3://${BUCKET}/${folder}`;
  const named = (entries: readonly (readonly [string, string])[]) => entries.map(([Name, Type]) => ({ Name, Type }));
  const projection = partitionKeys.flatMap((key) =>
    Object.entries(key.projection ?? {}).map(([property, value]) => [`projection.${key.name}.${property}`, value]),
  );
  return {
    Name: name,
    PartitionKeys: named(partitionKeys.map((key) => [key.name, key.type])),
    Parameters: projection.length > 0 ? { 'projection.enabled': 'true', ...Object.fromEntries(projection) } : {},
    StorageDescriptor: {
      Columns: named(columns),
      Location: `${location}/`,
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  };
}

/** The local Athena over that folder, in this process. */
class Lake {
  readonly #catalog = new GlueCatalog({ files: forgottenPartitions(), nowMs: Date.now });
  readonly #engine: AthenaEngine;

  constructor(s3: S3Engine, spillFolder: string) {
    this.#catalog.createDatabase(DATABASE);
    for (const table of [TABLES.RawTrades, TABLES.CuratedTrades]) this.#catalog.createTable(DATABASE, glueTable(table));
    this.#engine = new AthenaEngine({ catalog: this.#catalog, s3, spillFolder, clock: { now: Date.now, hold: () => () => {} } });
    const workGroup = { name: WORKGROUP, description: undefined, isEnabled: true, isEnforced: true, cutoffBytes: undefined };
    this.#engine.createWorkGroup({ ...workGroup, outputLocation: `s3://${BUCKET}/results/` });
  }

  register(gen: string): void {
    this.#catalog.createPartition(this.#catalog.table(DATABASE, 'curated_trades'), { Values: [DAY, gen] });
  }

  /** The answer's rows, without the head, and how long it took, s. */
  async run({ text: query, parameters }: Query): Promise<{ rows: readonly (readonly (string | null)[])[]; seconds: number }> {
    const startMs = preciseNowMs();
    const { id, state, reason } = await this.#engine.ended(
      this.#engine.start({ query, parameters, database: DATABASE, workGroup: WORKGROUP }),
    );
    const seconds = (preciseNowMs() - startMs) / 1_000;
    if (state !== 'SUCCEEDED') throw new Error(`the query failed: ${reason}`);
    const { rows } = await this.#engine.results(id, 1_000);
    return { rows: rows.slice(1), seconds };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

/** A text of sql/ as the batch runs it. */
function statement(name: string, generation: DayGeneration): Query {
  const text = readFileSync(new URL(`../../sql/${name}.sql`, import.meta.url), 'utf8');
  const { day, gen } = generation;
  return queryOf(name, text, generation, { 'first arrival day': day, 'last arrival day': NEXT_DAY, 'event day': day, generation: gen });
}

async function run({ scale, runs, seed, log }: Conditions): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-lake-'));
  const before = ownUsage();
  const trades = scaled(TRADES, scale, SYMBOLS);
  try {
    const s3 = new S3Engine({ folder: join(folder, 's3') });
    await s3.createBucket(BUCKET);
    mkdirSync(join(folder, 's3', BUCKET, 'raw'));
    await writeRaw(join(folder, 's3', BUCKET), trades, seed);
    log(`${trades} trades and their copies lie in raw`);
    const lake = new Lake(s3, join(folder, 'spill'));
    const seconds = { deduplicate: [] as number[], figures: [] as number[], check: [] as number[] };
    let counted = 0;
    let curated = 0;
    // The first run opens DuckDB and brings the files into the memory of the system.
    for (let each = 0; each <= runs; each++) {
      const generation = { source: 'trades', day: DAY, gen: `g${each}` } as const;
      const target = `s3://${BUCKET}/curated/trades/day=${DAY}/gen=${generation.gen}/`;
      const deduplicated = await lake.run(unloaded(statement('deduplicate-trades', generation), target));
      lake.register(generation.gen);
      const figures = await lake.run(statement('daily-trade-stats', generation));
      const checked = await lake.run(statement('check-trades', generation));
      counted = figures.rows.reduce((sum, row) => sum + Number(row[1]) + Number(row.at(-1)), 0);
      curated = Number(checked.rows.find(([what]) => what === 'curated')?.[3]);
      if (each === 0) continue;
      seconds.deduplicate.push(deduplicated.seconds);
      seconds.figures.push(figures.seconds);
      seconds.check.push(checked.seconds);
    }
    await lake.close();
    const { cpuSeconds, peakMemoryMiB } = ownUsage();
    const measured: Measured[] = [
      { name: 'de-duplicate one day into Parquet', unit: 's', samples: seconds.deduplicate },
      { name: 'figures of the day, by symbol', unit: 's', samples: seconds.figures },
      { name: 'check raw and curated', unit: 's', samples: seconds.check },
    ];
    return {
      settings: { trades, symbols: SYMBOLS, copies_pct: COPIES_PCT, files: 25 },
      warmUp: 'one run of each',
      measured,
      cpuSeconds: cpuSeconds - before.cpuSeconds,
      peakMemoryMiB,
      sums: [
        { name: 'trades in curated', expected: trades, found: curated },
        { name: 'trades and price updates in the figures', expected: trades, found: counted },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const lake: Scenario = {
  id: 'lake',
  part: 'i',
  title: 'The batch in the local Athena, in this process: ten million trades de-duplicated into Parquet, their daily figures, the check',
  run,
};
