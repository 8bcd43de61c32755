/** Every event of a key in a span of at most 31 days, from the lake: what the speed layer does not keep. */
import { QueryRefusedError, QueryTimeoutError, QueryTooLargeError, type StatementRow, textLiteral } from '#adapters/athena-statements.ts';
import { eventDay } from '#domain/calendar.ts';
import { isoTime, type Row } from '#domain/rows.ts';
import { type SourceName, zoneOf } from '#domain/settings.ts';
import { decodeCursor, encodeCursor, isRecordOf } from './cursor.ts';
import { type KeyRouting, newestDayOf } from './key-routes.ts';
import { keyNamed } from './kinds.ts';
import { CURSOR, limitOf } from './parameters.ts';
import { Problem } from './problem.ts';
import { limitsAt, rangeParameters, timeRange } from './range.ts';
import type { ListRoute } from './route.ts';
import type { RowName } from './schemas.ts';

/** A query reads whole days of all keys: its range is what it costs. */
const MAX_DAYS = 31;
const RETRY_AFTER_S = 5;
/** A page, at most: about 4 MB of the 6 that a function may answer. The statements give one row more, which tells that there is a next page. */
const MAX_ROWS = 10_000;
const DEFAULT_ROWS = 1_000;

interface Position {
  /** Excluded, ms since the epoch. */
  readonly toMs: number;
  /** The event that the page before ended with. */
  readonly afterMs: number;
  readonly afterId: string;
}

/** How the history of a source is asked for, and what its columns are. */
interface History {
  readonly statement: string;
  readonly row: RowName;
  readonly rowOf: (row: StatementRow) => Row;
}

const isTime = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isEventId = (value: unknown) => typeof value === 'string' && /^[\w.:/-]{1,256}$/.test(value);
const isPosition = isRecordOf<Position>({ toMs: isTime, afterMs: isTime, afterId: isEventId });

const HISTORIES: Readonly<Record<SourceName, History>> = {
  trades: {
    statement: 'trade_history',
    row: 'HistoricTrade',
    rowOf: historicRow((row) => ({ symbol: row['symbol'], price: Number(row['price']), size: Number(row['size']) })),
  },
  readings: {
    statement: 'reading_history',
    row: 'HistoricReading',
    rowOf: historicRow((row) => ({
      sensor_id: row['sensor_id'],
      temperature_c: numberOrNull(row['temperature_c']),
      humidity_pct: numberOrNull(row['humidity_pct']),
      quality: row['quality'],
    })),
  },
};

/** A row with what all events have, around what its own kind has. */
function historicRow(own: (row: StatementRow) => Row): (row: StatementRow) => Row {
  return (row) => ({
    event_id: row['event_id'],
    event_time: isoTime(Number(row['event_ms'])),
    ingest_time: isoTime(Number(row['ingest_ms'])),
    event_day: row['event_day'],
    ...own(row),
    layer: row['layer'],
    revision: Number(row['revision']),
  });
}

function numberOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}

/** `/v1/{plural}/{name}/history`. */
export function historyRoute<S extends SourceName>({ serving, settled, kind, plural }: KeyRouting<S>, events: string): ListRoute {
  const { states, statements, settings } = serving;
  const { statement, row, rowOf } = HISTORIES[kind.source];
  return {
    path: `/v1/${plural}/{${kind.what}}/history`,
    operationId: `history_of_${kind.what}`,
    summary: `All ${events} of a ${kind.what} in at most ${MAX_DAYS} days, by event time and id, each once; read from the lake, which takes seconds`,
    query: {
      ...rangeParameters(`Default: the newest event day of the ${kind.what}.`),
      limit: limitOf(MAX_ROWS, DEFAULT_ROWS, events),
      cursor: CURSOR,
    },
    answers: 'list',
    row,
    async handle({ path, query }) {
      const limit = query.integer('limit')!;
      const [item, now] = await Promise.all([keyNamed(states, kind, path[kind.what]!), settled.glance(kind.source)]);
      const { name } = item.state;
      const zone = zoneOf(kind.source, name, settings);
      const listing = `history ${name}`;
      const asked = timeRange(query, { ...limitsAt(serving, zone), maxDays: MAX_DAYS }, newestDayOf(item, zone));
      const position = decodeCursor(listing, query.text('cursor'), isPosition) ?? { toMs: asked.toMs, afterMs: asked.fromMs, afterId: '' };
      const found = await answered(statements.rows(statement, parametersOf(name, zone, position), limit + 1));
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      const next = last && { toMs: position.toMs, afterMs: Number(last['event_ms']), afterId: last['event_id']! };
      return {
        rows: rows.map(rowOf),
        nextCursor: found.length > limit ? encodeCursor(listing, next) : null,
        boundary: now.boundary(zone),
      };
    },
  };
}

/**
 * In the order of the statement's question marks: key, first and last event day, the event to go on behind, the end. The
 * first page goes on behind an event at the start of the range whose id sorts before all others.
 */
function parametersOf(name: string, zone: string, { toMs, afterMs, afterId }: Position): string[] {
  const day = (ms: number) => textLiteral(eventDay(zone, ms));
  return [textLiteral(name), day(afterMs), day(toMs - 1), String(afterMs), String(afterMs), textLiteral(afterId), String(toMs)];
}

/** What the lake answers; what it does not answer as a problem that says why. */
async function answered(rows: Promise<StatementRow[]>): Promise<StatementRow[]> {
  try {
    return await rows;
  } catch (error) {
    const retry = { 'retry-after': String(RETRY_AFTER_S) };
    if (error instanceof QueryTimeoutError)
      throw new Problem('timeout', 504, 'the lake did not answer in time; ask for a shorter range, or try again', {}, retry, error);
    if (error instanceof QueryTooLargeError)
      throw new Problem(
        'too-large',
        422,
        `the query was stopped after ${error.scannedBytes} bytes, more than a query may read; ask for a shorter range`,
        { scanned_bytes: error.scannedBytes },
      );
    if (error instanceof QueryRefusedError)
      throw new Problem('refused', 503, 'the lake refuses this query at present; the function log says why', {}, retry, error);
    throw error;
  }
}
