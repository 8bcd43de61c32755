/** From the key condition of a query to the range of keys it means. */
import { type AttributeValue, compareParts, type KeyPart, type KeyType, keyPartOf } from './attribute-value.ts';
import type { Bindings } from './bindings.ts';
import type { Comparator, Condition, Operand } from './condition.ts';
import { invalid } from './errors.ts';
import { checkedPart } from './key-part.ts';
import type { KeySchema } from './schema.ts';
import type { Range } from './table.ts';

type Limits = Pick<Range, 'low' | 'high'>;
type Part = Extract<Condition, { kind: 'compare' | 'BETWEEN' | 'begins_with' }>;

/** Throws ValidationException on a condition that is none of keys. */
export function keyRangeOf(condition: Condition, key: KeySchema, bindings: Bindings): Limits & { readonly hash: KeyPart } {
  const parts = new Map<string, Part>();
  for (const part of partsOf(condition)) {
    const name = attributeOfPart(part, bindings);
    if (parts.has(name)) throw invalid('KeyConditionExpressions must only contain one condition per key');
    parts.set(name, part);
  }
  const [hashKey, rangeKey] = key;
  const hash = parts.get(hashKey.name);
  if (hash === undefined) throw invalid(`Query condition missed key schema element: ${hashKey.name}`);
  if (hash.kind !== 'compare' || hash.comparator !== '=') throw invalid('Query key condition not supported');
  const range = rangeKey && parts.get(rangeKey.name);
  if (parts.size > (range ? 2 : 1)) {
    throw invalid(rangeKey && !range ? `Query condition missed key schema element: ${rangeKey.name}` : 'Query key condition not supported');
  }
  const limits = range ? limitsOf(range, (operand) => keyPartOf(rangeKey.type, typed(operand, rangeKey.type, bindings))) : {};
  return { hash: checkedPart(hashKey, typed(hash.right, hashKey.type, bindings), 0), ...limits };
}

function partsOf(condition: Condition): Part[] {
  switch (condition.kind) {
    case 'AND':
      return [...partsOf(condition.left), ...partsOf(condition.right)];
    case 'compare':
      if (condition.comparator === '<>') break;
      return [condition];
    case 'BETWEEN':
    case 'begins_with':
      return [condition];
  }
  throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.kind === 'compare' ? condition.comparator : condition.kind}`);
}

function attributeOfPart(part: Part, bindings: Bindings): string {
  if (part.kind === 'begins_with') return bindings.name(part.written);
  const operand = part.kind === 'compare' ? part.left : part.operand;
  if (operand.kind === 'attribute') return bindings.name(operand.written);
  const operator = part.kind === 'compare' ? part.comparator : part.kind;
  throw invalid(`Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`);
}

/** The value of an operand, which must be of the key's type. */
function typed(operand: Operand, type: KeyType, bindings: Bindings): AttributeValue {
  if (operand.kind !== 'value') throw invalid('Invalid condition in KeyConditionExpression: a key is compared with values only');
  return ofType(bindings.value(operand.placeholder), type);
}

/** The value, if it is of the key's type; else throws ValidationException. */
export function ofType(value: AttributeValue, type: KeyType): AttributeValue {
  if (value[type] === undefined)
    throw invalid('One or more parameter values were invalid: Condition parameter type does not match schema type');
  return value;
}

function limitsOf(part: Part, partOf: (operand: Operand) => KeyPart): Limits {
  if (part.kind === 'compare') return comparison(part.comparator, partOf(part.right));
  if (part.kind === 'BETWEEN') {
    const [low, high] = [partOf(part.low), partOf(part.high)];
    if (compareParts(low, high) > 0) {
      throw invalid('Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound');
    }
    return { low: { part: low, isInside: true }, high: { part: high, isInside: true } };
  }
  const prefix = partOf(part.operand);
  const end = afterPrefix(prefix);
  return { low: { part: prefix, isInside: true }, ...(end && { high: { part: end, isInside: false } }) };
}

/** What a comparison with a range key leaves of its range. */
export function comparison(comparator: Comparator, part: KeyPart): Limits {
  const bound = { part, isInside: comparator.endsWith('=') };
  if (comparator === '=') return { low: bound, high: bound };
  return comparator.startsWith('<') ? { high: bound } : { low: bound };
}

/** The first bytes after all that begin with the prefix; null when there are none. */
function afterPrefix(text: KeyPart): Buffer | null {
  const prefix = Buffer.from(text as string);
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return null;
  const bytes = Buffer.from(prefix.subarray(0, end));
  bytes[end - 1]!++;
  return bytes;
}
