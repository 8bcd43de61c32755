/** Everything a Tidemark serves and keeps about one symbol and one sensor, without what differs from run to run by its nature. */
import { eventually } from './eventually.ts';
import { queryParquet, readApi } from './runtime.ts';

interface Counters {
  readonly received: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly late: Readonly<Record<string, number>>;
  readonly quarantined: Readonly<Record<string, number>>;
  readonly quality: Readonly<Record<string, number>>;
}

interface Latest extends Record<string, unknown> {
  readonly counters: Counters;
}

/** A key and the days of its events. */
export interface Subject {
  readonly name: string;
  /** `from=…&to=…` */
  readonly range: string;
}

/** Columns, those of the partition included, that say when, and as which record, a row was delivered: another one each time it is sent. */
const DELIVERY_COLUMNS = ['ingest_ms', 'ingest_time', 'lane', 'position', 'object', 'dt', 'hr'];
const LAKE = { trades: 'event_id', readings: 'event_id', instant: 'alert_id', avg_temp: 'alert_id' } as const;

interface Progress {
  readonly streams: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly mappings: readonly { readonly stream: string; readonly shards: Readonly<Record<string, string | null>> }[];
}

/** Retries with growing pauses take their time where calls are made to fail. */
const SETTLED_WITHIN_MS = 90_000;

/** Resolves when every function has done with all that is in its streams. */
export async function settled(url: string): Promise<void> {
  await eventually(async () => {
    const { streams, mappings } = (await (await fetch(`${url}/_local/progress`)).json()) as Progress;
    const isDone = mappings.every(({ stream, shards }) =>
      Object.entries(streams[stream] ?? {}).every(([shard, head]) => head === null || shards[shard] === head),
    );
    return isDone || null;
  }, SETTLED_WITHIN_MS);
}

/**
 * What the API serves, and what Parquet holds below `folder`: each event once, however often it was delivered. Not the days: a runtime that
 * starts again settles those that are over as far as they are archived then, until its next hour.
 */
export async function servedBy(url: string, folder: string, symbol: Subject, sensor: Subject): Promise<Record<string, unknown>> {
  await settled(url);
  const read = <T = Record<string, unknown>[]>(path: string) => readApi<T>(url, path);
  const alarms = await read<{ alarm_id: string }[]>(`alarms`);
  const histories = await Promise.all(alarms.map(({ alarm_id }) => read(`alarms/${alarm_id}/history`)));
  const lake = await Promise.all(
    Object.entries(LAKE).map(async ([kind, id]) => {
      const root = kind === 'trades' || kind === 'readings' ? 'raw' : 'alerts';
      return [`parquet of ${kind}`, await distinctRows(`${folder}/s3/data/${root}/${kind}/**/*.parquet`, id)];
    }),
  );
  return {
    symbol: withoutDelivery(await read<Latest>(`symbols/${symbol.name}/latest`)),
    sensor: withoutDelivery(await read<Latest>(`sensors/${sensor.name}/latest`)),
    bars: await read(`symbols/${symbol.name}/bars?${symbol.range}`),
    windows: await read(`sensors/${sensor.name}/windows?${sensor.range}`),
    alarms,
    histories,
    ...Object.fromEntries(lake),
  };
}

/** Every event that came is in exactly one bucket. Throws otherwise: the sum holds in any run, whatever was delivered twice. */
function withoutDelivery({ counters, ingest_time: _ingestTime, ...rest }: Latest): Record<string, unknown> {
  const { received, duplicate, ...once } = counters;
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, count) => total + count, 0);
  const placed = once.applied + duplicate + sum(once.late) + sum(once.quarantined);
  if (received !== placed) throw new Error(`the sum does not close: ${JSON.stringify(counters)}`);
  return { ...rest, counters: once };
}

/** Throws when two rows of one id differ in more than their delivery. */
async function distinctRows(files: string, id: string): Promise<Record<string, unknown>[]> {
  const columns = await queryParquet(`describe select * from read_parquet('${files}')`);
  const kept = columns.map(({ column_name }) => String(column_name)).filter((name) => !DELIVERY_COLUMNS.includes(name));
  const rows = await queryParquet(`select distinct ${kept.join(', ')} from read_parquet('${files}') order by ${id}`);
  const ids = new Set(rows.map((row) => row[id]));
  if (ids.size !== rows.length) throw new Error(`${files}: ${rows.length} different rows of ${ids.size} ids`);
  return rows;
}
