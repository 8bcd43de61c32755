/** Recorded sensor readings: the CSV forms that are recognised, and any other by named columns. */
import { basename, extname } from 'node:path';
import { DEVICE_NAME } from '#domain/names.ts';
import { explained, UserError } from '../shared/user-error.ts';
import { fieldsOf, linesOf } from './csv.ts';
import type { InputFile } from './file-identity.ts';
import { parseTime } from './local-time.ts';

/** Names of the columns to read, as in the header line. */
export interface ReadingColumns {
  readonly time: string;
  readonly temperature: string;
  readonly humidity?: string;
}

export interface ReadingRow {
  readonly eventMs: number;
  /** °C; null where the file says nan or nothing. */
  readonly temperature: number | null;
  /** %; absent where the file has no such column. */
  readonly humidity?: number | null;
}

export interface ReadingFile {
  readonly path: string;
  readonly device: string;
  /** Boot of the readings. */
  readonly identity: string;
  /** Zone the naive times were read in. */
  readonly zone: string;
  /** The zone was given, or follows from the form: then the sensor's event day is that zone's, too. */
  readonly isZoneKnown: boolean;
  /** In file order; a reading's number is its index. */
  readonly rows: readonly ReadingRow[];
}

export interface ReadingFileOptions {
  readonly columns?: ReadingColumns | undefined;
  readonly device?: string | undefined;
  readonly zone?: string | undefined;
}

interface Form {
  /** Index of the header line. */
  readonly headerLine: number;
  readonly columns: ReadingColumns;
  /** Where the logs of this form were made. */
  readonly zone?: string;
}

/** Loggers of JarvisSan22/SensorNetwork2021: four lines about the log, then the header. */
const SENSOR_NETWORK: Form = { headerLine: 4, columns: { time: 'time', temperature: 'DHT-T', humidity: 'DHT-RH' }, zone: 'Asia/Tokyo' };
/** Series of the Numenta Anomaly Benchmark. */
const TIMESTAMP_VALUE: Form = { headerLine: 0, columns: { time: 'timestamp', temperature: 'value' } };

/** Reads a file in one of the known forms, or by `columns`. Throws UserError, naming file and line, for anything else. */
export function readReadingFile(file: InputFile, options: ReadingFileOptions): ReadingFile {
  const { path, identity } = file;
  const text = explained(`${path}: not UTF-8 text`, () => new TextDecoder('utf-8', { fatal: true }).decode(file.bytes));
  const lines = linesOf(text);
  const form = formOf(path, lines, options.columns);
  const zone = options.zone ?? form.zone ?? 'UTC';
  const rows = readRows(path, lines, form, zone);
  return {
    path,
    identity,
    zone,
    isZoneKnown: options.zone !== undefined || form.zone !== undefined,
    device: options.device ?? deviceOf(path),
    rows,
  };
}

function formOf(path: string, lines: readonly string[], columns: ReadingColumns | undefined): Form {
  if (columns) return { headerLine: 0, columns };
  if (lines[0]?.startsWith('Time Period,')) return SENSOR_NETWORK;
  if (lines[0] === 'timestamp,value') return TIMESTAMP_VALUE;
  throw new UserError(`${path}: unknown form of file; name its columns: --columns time=NAME,temperature=NAME[,humidity=NAME]`);
}

function readRows(path: string, lines: readonly string[], form: Form, zone: string): ReadingRow[] {
  const header = fieldsAt(path, lines, form.headerLine).map((name) => name.trim());
  const indexOf = (column: string) => {
    const index = header.indexOf(column);
    if (index < 0) throw new UserError(`${path}: has no column "${column}"; its columns are ${header.filter((name) => name).join(', ')}`);
    return index;
  };
  const { time, temperature, humidity } = form.columns;
  const at = { time: indexOf(time), temperature: indexOf(temperature), humidity: humidity === undefined ? -1 : indexOf(humidity) };
  const rows: ReadingRow[] = [];
  for (let line = form.headerLine + 1; line < lines.length; line++) {
    if (lines[line]!.trim() === '') continue;
    const fields = fieldsAt(path, lines, line);
    const refuse = (column: string, value: string | undefined, wanted: string): never => {
      throw new UserError(`${path}: line ${line + 1}: ${column} "${(value ?? '').slice(0, 40)}" is no ${wanted}`);
    };
    const measure = (column: string, index: number) => measurementOf(fields[index]) ?? refuse(column, fields[index], 'number or nan');
    const eventMs = parseTime(fields[at.time]?.trim() ?? '', zone) ?? refuse(time, fields[at.time], 'time');
    rows.push({
      eventMs,
      temperature: orNull(measure(temperature, at.temperature)),
      ...(humidity === undefined ? {} : { humidity: orNull(measure(humidity, at.humidity)) }),
    });
  }
  if (rows.length === 0) throw new UserError(`${path}: has no readings`);
  return rows;
}

function fieldsAt(path: string, lines: readonly string[], line: number): string[] {
  return explained(`${path}: line ${line + 1}`, () => fieldsOf(lines[line] ?? ''));
}

/** A finite number, NaN where the file says nan or nothing, undefined for anything else. */
function measurementOf(field: string | undefined): number | undefined {
  const text = field?.trim().toLowerCase() ?? '';
  if (text === '' || text === 'nan') return Number.NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** The file's stem with what no device name may contain replaced. */
function deviceOf(path: string): string {
  const device = basename(path, extname(path))
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .slice(0, 64);
  if (!DEVICE_NAME.test(device)) throw new UserError(`${path}: its name gives no device name; --device names one`);
  return device;
}
