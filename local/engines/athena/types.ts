/** The names of one type in Glue (Hive's), in the JSON of a view and in answers (Trino's), and in DuckDB. */

/** A type with what stands in its brackets: `decimal(38,12)`, `array<string>`, `row("x" integer)`. */
interface ParsedType {
  readonly name: string;
  readonly inner: string | undefined;
}

const SIMPLE: ReadonlyMap<string, string> = new Map([
  ...['string', 'varchar', 'char'].map((name) => [name, 'VARCHAR'] as const),
  ...['int', 'integer'].map((name) => [name, 'INTEGER'] as const),
  ...['float', 'real'].map((name) => [name, 'FLOAT'] as const),
  ...['binary', 'varbinary'].map((name) => [name, 'BLOB'] as const),
  ['bigint', 'BIGINT'],
  ['smallint', 'SMALLINT'],
  ['tinyint', 'TINYINT'],
  ['double', 'DOUBLE'],
  ['boolean', 'BOOLEAN'],
  ['date', 'DATE'],
  ['timestamp', 'TIMESTAMP'],
]);

/** DuckDB's name of a type that Glue or a view names; undefined for one that neither knows. */
export function duckDbType(type: string): string | undefined {
  const { name, inner } = parse(type);
  if (name === 'decimal') return inner === undefined ? 'DECIMAL(10,0)' : `DECIMAL(${inner})`;
  if (name === 'timestamp' && /with time zone$/i.test(type.trim())) return 'TIMESTAMP WITH TIME ZONE';
  if (inner === undefined) return SIMPLE.get(name);
  const parts = splitAtCommas(inner);
  switch (name) {
    case 'array':
      return wrapped([inner], ([item]) => `${item}[]`);
    case 'map':
      return wrapped(parts, ([key, value]) => `MAP(${key}, ${value})`);
    case 'struct':
    case 'row':
      return fields(parts);
    default:
      return SIMPLE.get(name);
  }
}

function parse(type: string): ParsedType {
  const match = /^\s*([a-z]+)\s*(?:[<(]([\s\S]*)[>)])?/i.exec(type);
  return { name: (match?.[1] ?? '').toLowerCase(), inner: match?.[2]?.trim() };
}

function wrapped(parts: readonly string[], wrap: (types: readonly string[]) => string): string | undefined {
  const types = parts.map(duckDbType);
  return types.some((type) => type === undefined) ? undefined : wrap(types as string[]);
}

/** `a:int` as Hive, `"a" integer` as Trino writes a field. */
function fields(parts: readonly string[]): string | undefined {
  const named = parts.map((part) => /^\s*(?:"((?:[^"]|"")+)"|([^\s:"]+))\s*[:\s]\s*([\s\S]+)$/.exec(part));
  const types = named.map((match) => duckDbType(match?.[3] ?? ''));
  if (types.some((type) => type === undefined)) return undefined;
  return `STRUCT(${named.map((match, index) => `"${match?.[1] ?? match?.[2]}" ${types[index]}`).join(', ')})`;
}

function splitAtCommas(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if ('<('.includes(character)) depth += 1;
    if ('>)'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** How an answer describes a column. */
export interface ColumnInfo {
  readonly name: string;
  /** Athena's name of the type, e.g. `varchar`. */
  readonly type: string;
  readonly precision: number;
  readonly scale: number;
}

const ATHENA: ReadonlyMap<string, readonly [type: string, precision: number]> = new Map([
  ['BOOLEAN', ['boolean', 0]],
  ['TINYINT', ['tinyint', 3]],
  ['SMALLINT', ['smallint', 5]],
  ['INTEGER', ['integer', 10]],
  ['BIGINT', ['bigint', 19]],
  ['FLOAT', ['float', 17]],
  ['DOUBLE', ['double', 17]],
  ['VARCHAR', ['varchar', 2_147_483_647]],
  ['DATE', ['date', 0]],
  ['TIMESTAMP', ['timestamp', 3]],
  ['TIMESTAMP WITH TIME ZONE', ['timestamp with time zone', 3]],
  ['TIME', ['time', 3]],
  ['BLOB', ['varbinary', 1_073_741_824]],
  ['NULL', ['unknown', 0]],
  ['"NULL"', ['unknown', 0]],
]);

/** What DuckDB has and Trino has not: its wide sums of whole numbers are bigint there. */
export function portableType(type: string): string {
  if (/^(HUGEINT|UBIGINT|UHUGEINT|BIGNUM)$/.test(type)) return 'BIGINT';
  if (/^(UINTEGER|USMALLINT|UTINYINT)$/.test(type)) return 'INTEGER';
  return /^TIMESTAMP_(S|MS|NS)$/.test(type) ? 'TIMESTAMP' : type;
}

/** @param type DuckDB's name of a column's type */
export function columnInfo(name: string, type: string): ColumnInfo {
  const known = portableType(type);
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(known);
  if (decimal) return { name, type: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const [athena, precision] = ATHENA.get(known) ?? [nestedType(known), 0];
  return { name, type: athena, precision, scale: 0 };
}

function nestedType(type: string): string {
  if (type.endsWith(']')) return 'array';
  if (type.startsWith('STRUCT')) return 'row';
  return type.startsWith('MAP') ? 'map' : type.toLowerCase();
}
