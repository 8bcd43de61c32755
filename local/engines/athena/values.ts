/** Values as Athena writes them into results. */
import type {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';

/** What a type tells of the types within it; the library's own classes are loaded with the first query only. */
type NestedType = DuckDBType & {
  readonly valueType?: DuckDBType;
  readonly keyType?: DuckDBType;
  readonly entryTypes?: readonly DuckDBType[];
};

/** Null for SQL's null. Times have milliseconds, doubles are written as Java writes them, lists and rows as Athena does. */
export function valueText(value: DuckDBValue, type: DuckDBType | undefined): string | null {
  if (value === null) return null;
  if (typeof value === 'number') return /^(DOUBLE|FLOAT)$/.test(String(type)) ? doubleText(value) : `${value}`;
  return typeof value === 'object' ? objectText(value, type as NestedType | undefined) : `${value}`;
}

/** As Java's Double.toString: `1.0`, `1.0E10`, `1.0E-4`. */
export function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e7)) return Number.isInteger(value) ? `${value}.0` : `${value}`;
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

type ObjectValue = Exclude<DuckDBValue, string | number | bigint | boolean | null>;

function objectText(value: ObjectValue, type: NestedType | undefined): string {
  const inner = (item: DuckDBValue, itemType: DuckDBType | undefined): string => valueText(item, itemType) ?? 'null';
  switch (value.constructor.name) {
    case 'DuckDBDateValue':
      return new Date((value as DuckDBDateValue).days * 86_400_000).toISOString().slice(0, 10);
    case 'DuckDBTimestampValue':
      return timestampText((value as DuckDBTimestampValue).micros);
    case 'DuckDBTimestampTZValue':
      return `${timestampText((value as DuckDBTimestampTZValue).micros)} UTC`;
    case 'DuckDBBlobValue':
      return Buffer.from((value as DuckDBBlobValue).bytes)
        .toString('hex')
        .replace(/..(?=.)/g, '$& ');
    case 'DuckDBListValue':
    case 'DuckDBArrayValue':
      return `[${(value as DuckDBListValue).items.map((item) => inner(item, type?.valueType)).join(', ')}]`;
    case 'DuckDBStructValue': {
      const entries = Object.entries((value as DuckDBStructValue).entries);
      return `{${entries.map(([name, item], index) => `${name}=${inner(item, type?.entryTypes?.[index])}`).join(', ')}}`;
    }
    case 'DuckDBMapValue': {
      const { entries } = value as DuckDBMapValue;
      return `{${entries.map((entry) => `${inner(entry.key, type?.keyType)}=${inner(entry.value, type?.valueType)}`).join(', ')}}`;
    }
    default:
      return value.toString();
  }
}

const MICROS_PER_MS = 1000n;

function timestampText(micros: bigint): string {
  const ms = micros / MICROS_PER_MS - (micros < 0n && micros % MICROS_PER_MS !== 0n ? 1n : 0n);
  return new Date(Number(ms)).toISOString().replace('T', ' ').slice(0, -1);
}
