/** An answer as text: a table for people, CSV, or JSON. */
import type { Answer, Row } from './athena.ts';
import type { Format } from './options.ts';

/** Parts of the text, in order, and at the end how many rows there were. */
export async function* textOf({ columns, rows }: Answer, format: Format): AsyncGenerator<string, number> {
  const names = columns.map(({ Name = '' }) => Name);
  const types = columns.map(({ Type = '' }) => Type);
  // What writes and gives nothing back, UNLOAD.
  if (names.length === 0) return 0;
  switch (format) {
    case 'csv':
      return yield* csv(names, rows);
    case 'json':
      return yield* json(names, types, rows);
    case 'table':
      return yield* table(names, types, rows);
  }
}

async function* csv(names: readonly string[], rows: AsyncIterable<Row>): AsyncGenerator<string, number> {
  const line = (row: Row): string => `${row.map(csvField).join(',')}\n`;
  let count = 0;
  yield line(names);
  for await (const row of rows) {
    yield line(row);
    count += 1;
  }
  return count;
}

/** As RFC 4180 says; an empty text has quotes, so that it differs from null. */
function csvField(value: string | null): string {
  if (value === null) return '';
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

async function* json(names: readonly string[], types: readonly string[], rows: AsyncIterable<Row>): AsyncGenerator<string, number> {
  const keys = names.map((name) => JSON.stringify(name));
  let count = 0;
  for await (const row of rows) {
    yield `${count === 0 ? '[' : ','}\n  {${row.map((value, index) => `${keys[index]}: ${jsonValue(value, types[index] ?? '')}`).join(', ')}}`;
    count += 1;
  }
  yield count === 0 ? '[]\n' : '\n]\n';
  return count;
}

const NUMERIC = new Set(['tinyint', 'smallint', 'integer', 'bigint', 'float', 'double', 'decimal']);
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** Digits stay as Athena wrote them: no number of a bigint or decimal is rounded. JSON has no NaN and no infinity: null. */
function jsonValue(value: string | null, type: string): string {
  if (value === null) return 'null';
  if (NUMERIC.has(type)) return JSON_NUMBER.test(value) ? value : 'null';
  return type === 'boolean' ? value : JSON.stringify(value);
}

const GAP = '  ';

async function* table(names: readonly string[], types: readonly string[], rows: AsyncIterable<Row>): AsyncGenerator<string, number> {
  const cells: string[][] = [];
  const header = names.map(shown);
  const widths = header.map(widthOf);
  for await (const row of rows) {
    const line = row.map((value) => (value === null ? 'null' : shown(value)));
    for (const [index, cell] of line.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
    cells.push(line);
  }
  const aligned = (line: readonly string[]): string => {
    const padded = line.map((cell, index) => {
      const blanks = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
      return NUMERIC.has(types[index] ?? '') ? blanks + cell : cell + blanks;
    });
    return `${padded.join(GAP).trimEnd()}\n`;
  };
  yield aligned(header);
  yield aligned(widths.map((width) => '-'.repeat(width)));
  for (const line of cells) yield aligned(line);
  return cells.length;
}

/** On one line and without what a terminal would obey: data may say anything. A tab, which DESCRIBE has between its columns, is a blank. */
function shown(value: string): string {
  return value.replaceAll('\t', ' ').replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    JSON.stringify(character)
      .slice(1, -1)
      .replace(/^[^\\]$/u, '�'),
  );
}

function widthOf(text: string): number {
  return [...text].length;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** `(3 rows, 12 ms, 1.2 MB read)`. */
export function footerOf({ execution, unloadedCount }: Answer, rowCount: number): string {
  const { TotalExecutionTimeInMillis: ms = 0, DataScannedInBytes: bytes = 0 } = execution.Statistics ?? {};
  const rows = unloadedCount ?? rowCount;
  const took = ms < 10_000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
  return `(${rows} ${rows === 1 ? 'row' : 'rows'}${unloadedCount === undefined ? '' : ' written'}, ${took}, ${sizeText(bytes)} read)`;
}

function sizeText(bytes: number): string {
  const exponent = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), UNITS.length - 1);
  return `${exponent === 0 ? bytes : (bytes / 1000 ** exponent).toFixed(1)} ${UNITS[exponent]}`;
}
