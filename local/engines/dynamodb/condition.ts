/** Conditions, filters and key conditions: parsed to a tree, and whether one holds for an item. */
import { type AttributeValue, attributeOf, compareValues, type Item, isSame, typeOf } from './attribute-value.ts';
import { type Bindings, cachedParser } from './bindings.ts';
import type { TokenReader } from './tokens.ts';

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Comparator = (typeof COMPARATORS)[number];

export type Operand =
  | { readonly kind: 'attribute'; readonly written: string }
  | { readonly kind: 'value'; readonly placeholder: string }
  | { readonly kind: 'size'; readonly written: string };

export type Condition =
  | { readonly kind: 'AND' | 'OR'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'NOT'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'BETWEEN'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'IN'; readonly operand: Operand; readonly options: readonly Operand[] }
  | { readonly kind: 'attribute_exists' | 'attribute_not_exists'; readonly written: string }
  | { readonly kind: 'begins_with'; readonly written: string; readonly operand: Operand }
  | { readonly kind: 'attribute_type' | 'contains'; readonly written: string; readonly operand: Operand };

const MOST_OPTIONS = 100;

export const parseCondition = cachedParser('ConditionExpression', readOr);
export const parseFilter = cachedParser('FilterExpression', readOr);
export const parseKeyCondition = cachedParser('KeyConditionExpression', readOr);

function readOr(reader: TokenReader): Condition {
  let left = readAnd(reader);
  while (reader.takeIf('OR')) left = { kind: 'OR', left, right: readAnd(reader) };
  return left;
}

function readAnd(reader: TokenReader): Condition {
  let left = readNot(reader);
  while (reader.takeIf('AND')) left = { kind: 'AND', left, right: readNot(reader) };
  return left;
}

function readNot(reader: TokenReader): Condition {
  if (reader.takeIf('NOT')) return { kind: 'NOT', of: readNot(reader) };
  if (reader.takeIf('(')) {
    const inner = readOr(reader);
    reader.expect(')');
    return inner;
  }
  return readFunction(reader) ?? readComparison(reader);
}

function readFunction(reader: TokenReader): Condition | null {
  const { kind, text: name } = reader.token;
  if (kind !== 'word' || !reader.isBefore('(') || name === 'size') return null;
  reader.take();
  reader.expect('(');
  const written = reader.attribute();
  let condition: Condition;
  if (name === 'attribute_exists' || name === 'attribute_not_exists') condition = { kind: name, written };
  else if (name === 'attribute_type' || name === 'begins_with' || name === 'contains') {
    reader.expect(',');
    condition = { kind: name, written, operand: readOperand(reader) };
  } else throw reader.refusal(`Invalid function name; function: ${name}`);
  reader.expect(')');
  return condition;
}

function readComparison(reader: TokenReader): Condition {
  const operand = readOperand(reader);
  if (reader.takeIf('BETWEEN')) {
    const low = readOperand(reader);
    reader.expect('AND');
    return { kind: 'BETWEEN', operand, low, high: readOperand(reader) };
  }
  if (reader.takeIf('IN')) {
    reader.expect('(');
    const options = [readOperand(reader)];
    while (reader.takeIf(',')) options.push(readOperand(reader));
    reader.expect(')');
    if (options.length > MOST_OPTIONS)
      throw reader.refusal(`The IN operator takes at most ${MOST_OPTIONS} operands; found: ${options.length}`);
    return { kind: 'IN', operand, options };
  }
  const comparator = COMPARATORS.find((each) => reader.takeIf(each));
  if (comparator === undefined) throw reader.unexpected();
  const right = readOperand(reader);
  if (operand.kind === 'attribute' && right.kind === 'attribute' && operand.written === right.written) {
    throw reader.refusal(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${comparator}, first operand: [${right.written}]`,
    );
  }
  return { kind: 'compare', comparator, left: operand, right };
}

/** An attribute, a value, or `size(attribute)`. */
export function readOperand(reader: TokenReader): Operand {
  if (reader.token.kind === 'value') return { kind: 'value', placeholder: reader.take().text };
  if (reader.token.text === 'size' && reader.isBefore('(')) {
    reader.take();
    reader.expect('(');
    const written = reader.attribute();
    reader.expect(')');
    return { kind: 'size', written };
  }
  return { kind: 'attribute', written: reader.attribute() };
}

/** What an operand is for an item; undefined when the item lacks it. */
export function operandOf(operand: Operand, item: Item, bindings: Bindings): AttributeValue | undefined {
  if (operand.kind === 'value') return bindings.value(operand.placeholder);
  const value = attributeOf(item, bindings.name(operand.written));
  return operand.kind === 'size' && value ? sizeOf(value) : value;
}

/** Characters of a text count as bytes of UTF-8, as AWS does. A number or boolean has no size. */
function sizeOf(value: AttributeValue): AttributeValue | undefined {
  const type = typeOf(value);
  if (type === 'S') return { N: String(Buffer.byteLength(value.S!)) };
  if (type === 'B') return { N: String(Buffer.byteLength(value.B!, 'base64')) };
  if (type === 'M') return { N: String(Object.keys(value.M!).length) };
  const members = value.L ?? value.SS ?? value.NS ?? value.BS;
  return members && { N: String(members.length) };
}

/** Whether the condition holds; an absent item is one without attributes. */
export function holds(condition: Condition, item: Item, bindings: Bindings): boolean {
  const found = (operand: Operand) => operandOf(operand, item, bindings);
  switch (condition.kind) {
    case 'AND':
      return holds(condition.left, item, bindings) && holds(condition.right, item, bindings);
    case 'OR':
      return holds(condition.left, item, bindings) || holds(condition.right, item, bindings);
    case 'NOT':
      return !holds(condition.of, item, bindings);
    case 'compare':
      return compares(condition.comparator, found(condition.left), found(condition.right));
    case 'BETWEEN': {
      const value = found(condition.operand);
      return compares('>=', value, found(condition.low)) && compares('<=', value, found(condition.high));
    }
    case 'IN': {
      const value = found(condition.operand);
      return condition.options.some((option) => compares('=', value, found(option)));
    }
    case 'attribute_exists':
      return attributeOf(item, bindings.name(condition.written)) !== undefined;
    case 'attribute_not_exists':
      return attributeOf(item, bindings.name(condition.written)) === undefined;
    default: {
      const value = attributeOf(item, bindings.name(condition.written));
      const operand = found(condition.operand);
      return value !== undefined && operand !== undefined && matches(condition.kind, value, operand);
    }
  }
}

/** Whether `a` compares so with `b`. Values of different types, and absent ones, are unequal and in no order. */
export function compares(comparator: Comparator, a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (comparator === '=' || comparator === '<>') return (a !== undefined && b !== undefined && isSame(a, b)) === (comparator === '=');
  const order = a && b ? compareValues(a, b) : null;
  if (order === null) return false;
  if (order === 0) return comparator === '<=' || comparator === '>=';
  return order < 0 === comparator.startsWith('<');
}

function matches(kind: 'attribute_type' | 'begins_with' | 'contains', value: AttributeValue, operand: AttributeValue): boolean {
  if (kind === 'attribute_type') return typeOf(value) === operand.S;
  if (kind === 'begins_with') {
    if (value.S !== undefined && operand.S !== undefined) return value.S.startsWith(operand.S);
    if (value.B === undefined || operand.B === undefined) return false;
    const prefix = Buffer.from(operand.B, 'base64');
    return prefix.equals(Buffer.from(value.B, 'base64').subarray(0, prefix.length));
  }
  if (value.S !== undefined) return operand.S !== undefined && value.S.includes(operand.S);
  if (value.B !== undefined) return operand.B !== undefined && Buffer.from(value.B, 'base64').includes(Buffer.from(operand.B, 'base64'));
  if (value.L) return value.L.some((member) => isSame(member, operand));
  const members: readonly (string | undefined)[] = value.SS ?? value.NS ?? value.BS ?? [];
  return members.includes(value.SS ? operand.S : value.NS ? operand.N : operand.B);
}
