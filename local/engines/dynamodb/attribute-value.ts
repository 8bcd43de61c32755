/** Attribute values as they are on the wire: checking, measuring, comparing them. */
import { invalid } from './errors.ts';
import { canonicalNumber, sortableNumber } from './number.ts';

/** Exactly one member is there. */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  /** Base64. */
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: true;
  readonly M?: Item;
  readonly L?: readonly AttributeValue[];
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
}
export type Item = Readonly<Record<string, AttributeValue>>;
export type ValueType = keyof AttributeValue;
export type KeyType = 'S' | 'N' | 'B';

const MAX_DEPTH = 32;
/** What AWS adds for a map or list, in bytes. */
const CONTAINER_BYTES = 3;

/** The attribute of that name; never what an object inherits. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

export function typeOf(value: AttributeValue): ValueType {
  for (const type in value) return type as ValueType;
  throw new Error('a value that was not checked');
}

/** Checks a value that came with a request, brings its numbers into their one form (in place), and gives its size in bytes as AWS counts it. */
export function checkValue(value: unknown, depth = 0): number {
  if (depth > MAX_DEPTH) throw invalid('Nesting Levels have exceeded supported limits');
  const types = isRecord(value) ? Object.keys(value) : [];
  if (types.length !== 1) {
    throw invalid(
      `Supplied AttributeValue ${types.length === 0 ? 'is empty' : 'has more than one datatypes set'}, must contain exactly one of the supported datatypes`,
    );
  }
  const type = types[0]!;
  const holder = value as Record<string, unknown>;
  const content = holder[type];
  if (type === 'S' && typeof content === 'string') return Buffer.byteLength(content);
  if (type === 'N' && typeof content === 'string') {
    const number = canonicalNumber(content);
    holder[type] = number;
    return numberBytes(number);
  }
  if (type === 'B' && typeof content === 'string') return base64Bytes(content);
  if (type === 'BOOL' && typeof content === 'boolean') return 1;
  if (type === 'NULL' && content === true) return 1;
  if (type === 'M' && isRecord(content)) return CONTAINER_BYTES + checkAttributes(content, depth + 1);
  if (type === 'L' && Array.isArray(content)) {
    return content.reduce((bytes: number, each) => bytes + 1 + checkValue(each, depth + 1), CONTAINER_BYTES);
  }
  if ((type === 'SS' || type === 'NS' || type === 'BS') && Array.isArray(content)) return checkSet(type, content);
  throw invalid(`Supplied AttributeValue is not of a supported datatype: ${JSON.stringify(value).slice(0, 100)}`);
}

/** `checkValue` for all attributes of an item or map: the sum with their names. */
export function checkAttributes(item: Readonly<Record<string, unknown>>, depth = 0): number {
  let bytes = 0;
  for (const name of Object.keys(item)) bytes += Buffer.byteLength(name) + checkValue(item[name], depth) + (depth > 0 ? 1 : 0);
  return bytes;
}

function checkSet(type: 'SS' | 'NS' | 'BS', members: unknown[]): number {
  if (members.length === 0) throw invalid('One or more parameter values were invalid: An attribute value may not be an empty set');
  let bytes = 0;
  for (const [index, member] of members.entries()) {
    const holder = { [type[0]!]: member };
    bytes += checkValue(holder);
    members[index] = holder[type[0]!];
  }
  if (new Set(members).size < members.length) {
    throw invalid(`One or more parameter values were invalid: Input collection [${members.join(', ')}] contains duplicates.`);
  }
  return bytes;
}

function numberBytes(canonical: string): number {
  return Math.ceil(canonical.replace(/[-.]/g, '').length / 2) + (canonical.startsWith('-') ? 2 : 1);
}

function base64Bytes(text: string): number {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw invalid(`Supplied AttributeValue is not base64: ${text.slice(0, 100)}`);
  return bytes.length;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A key as it is kept. By their (UTF-8) bytes, such parts sort as DynamoDB sorts: strings by UTF-8, numbers by value, binary as it is. */
export type KeyPart = string | Buffer;

export function keyPartOf(type: KeyType, value: AttributeValue): KeyPart {
  if (type === 'S') return value.S!;
  return type === 'N' ? sortableNumber(value.N!) : Buffer.from(value.B!, 'base64');
}

/** Below, at or above 0 as `a` sorts before, with or after `b`. */
export function compareParts(a: KeyPart, b: KeyPart): number {
  return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string));
}

/** Whether two checked values are equal; sets are, in any order. */
export function isSame(a: AttributeValue, b: AttributeValue): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  if (type === 'M') {
    const [left, right] = [a.M!, b.M!];
    const names = Object.keys(left);
    if (names.length !== Object.keys(right).length) return false;
    return names.every((name) => Object.hasOwn(right, name) && isSame(left[name]!, right[name]!));
  }
  if (type === 'L') return a.L!.length === b.L!.length && a.L!.every((each, index) => isSame(each, b.L![index]!));
  if (type === 'SS' || type === 'NS' || type === 'BS') {
    const members = new Set(b[type]);
    return a[type]!.length === members.size && a[type]!.every((member) => members.has(member));
  }
  return a[type] === b[type];
}

/** Below, at or above 0 as `a` comes before, with or after `b`; null when they have no order. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | null {
  const type = typeOf(a);
  if (type !== typeOf(b) || (type !== 'S' && type !== 'N' && type !== 'B')) return null;
  return compareParts(keyPartOf(type, a), keyPartOf(type, b));
}
