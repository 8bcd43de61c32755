/** Rows of a result as lines of its object: CSV as Athena writes it (every value quoted, null is nothing), or the plain text of SHOW and its like. */

export type Row = readonly (string | null)[];

export interface ResultFormat {
  /** How the object's name ends. */
  readonly extension: 'csv' | 'txt';
  line(row: Row): string;
  /** The first `most` rows of lines, and how many bytes they take. Reads no further than it must. */
  read(body: AsyncIterable<Uint8Array>, most: number): Promise<{ readonly rows: Row[]; readonly bytes: number }>;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;

export const CSV: ResultFormat = {
  extension: 'csv',
  line: (row) => `${row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',')}\n`,
  read: (body, most) => readRows(body, most, QUOTE, valuesOf),
};

/** One line a row: values are joined by tabs. */
export const PLAIN: ResultFormat = {
  extension: 'txt',
  line: (row) => `${row.map((value) => value ?? '').join('\t')}\n`,
  read: (body, most) => readRows(body, most, undefined, (line) => [line.toString()]),
};

/** @param quote between two of which a newline ends no row */
async function readRows(body: AsyncIterable<Uint8Array>, most: number, quote: number | undefined, read: (line: Buffer) => Row) {
  const rows: Row[] = [];
  let bytes = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    while (rows.length < most) {
      const end = endOfRow(rest, start, quote);
      if (end < 0) break;
      rows.push(read(rest.subarray(start, end)));
      start = end + 1;
    }
    bytes += start;
    rest = rest.subarray(start);
    if (rows.length >= most) break;
  }
  return { rows, bytes };
}

/** Of the newline that ends the row; -1 when it is not there yet. */
function endOfRow(text: Buffer, from: number, quote: number | undefined): number {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const byte = text[at];
    if (byte === quote) isQuoted = !isQuoted;
    else if (byte === NEWLINE && !isQuoted) return at;
  }
  return -1;
}

function valuesOf(line: Buffer): Row {
  const values: (string | null)[] = [];
  for (let at = 0; at <= line.length; at++) {
    const from = at;
    for (let isQuoted = false; at < line.length && (isQuoted || line[at] !== COMMA); at++) if (line[at] === QUOTE) isQuoted = !isQuoted;
    values.push(from === at ? null : line.toString('utf8', from + 1, at - 1).replaceAll('""', '"'));
  }
  return values;
}
