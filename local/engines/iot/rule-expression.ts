/** Expressions of IoT SQL (version 2016-03-23), compiled to functions of a message. What is not supported is an error with its position. */
import { type Argument, compileCall, type Expression } from './rule-functions.ts';
import type { Reader, Token } from './rule-tokens.ts';
import { and, equals, isIn, not, or, ordered } from './rule-values.ts';

/** Words that name no field. */
const KEYWORDS = new Set(
  'SELECT VALUE FROM WHERE AS AND OR NOT IN TRUE FALSE NULL UNDEFINED CASE WHEN THEN ELSE END EXISTS LIKE IS BETWEEN SET'.split(' '),
);
const LITERALS: Readonly<Record<string, unknown>> = { TRUE: true, FALSE: false, NULL: null };
const ARITHMETIC = new Set(['+', '-', '*', '/', '%', '||', '[', '.']);

type Operator = (left: unknown, right: unknown) => boolean | undefined;

const COMPARISONS: Readonly<Record<string, Operator>> = {
  '=': equals,
  '<>': (left, right) => not(equals(left, right)),
  '!=': (left, right) => not(equals(left, right)),
  '<': ordered((a, b) => a < b),
  '<=': ordered((a, b) => a <= b),
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
};

/** An expression and how it was written. */
export interface Parsed {
  readonly evaluate: Expression;
  /** The field's name, when it is a field of the payload and nothing else. */
  readonly field?: string;
  /** The value, when it is written there as such. */
  readonly literal?: unknown;
}

const both =
  (operator: Operator, left: Expression, right: Expression): Expression =>
  (scope) =>
    operator(left(scope), right(scope));

/** Reads one expression: OR of AND of NOT of comparisons. @throws RuleSqlError */
export function readExpression(reader: Reader): Parsed {
  let left = readAnd(reader);
  while (reader.takeIf('OR')) left = { evaluate: both(or, left.evaluate, readAnd(reader).evaluate) };
  return left;
}

function readAnd(reader: Reader): Parsed {
  let left = readNot(reader);
  while (reader.takeIf('AND')) left = { evaluate: both(and, left.evaluate, readNot(reader).evaluate) };
  return left;
}

function readNot(reader: Reader): Parsed {
  if (!reader.takeIf('NOT')) return readComparison(reader);
  const { evaluate } = readNot(reader);
  return { evaluate: (scope) => not(evaluate(scope)) };
}

function readComparison(reader: Reader): Parsed {
  const left = readValue(reader);
  if (reader.takeIf('IN')) {
    const right = reader.takeIf('(') ? readList(reader, ')') : readValue(reader);
    return { evaluate: both(isIn, left.evaluate, right.evaluate) };
  }
  const { kind, text } = reader.peek();
  if (kind === 'symbol' && ARITHMETIC.has(text)) throw reader.error(`the operator ${text} is not run locally`);
  const operator = kind === 'symbol' ? COMPARISONS[text] : undefined;
  if (!operator) return left;
  reader.take();
  return { evaluate: both(operator, left.evaluate, readValue(reader).evaluate) };
}

function readValue(reader: Reader): Parsed {
  if (reader.takeIf('(')) {
    const { evaluate } = readExpression(reader);
    reader.expect(')');
    return { evaluate };
  }
  if (reader.takeIf('[')) return readList(reader, ']');
  const { at } = reader.peek();
  const isNegative = reader.takeIf('-');
  const token = reader.peek();
  if (token.kind === 'number') return literal((isNegative ? -1 : 1) * Number(reader.take().text));
  if (isNegative) throw reader.error('the operator - is not run locally but before a number', at);
  if (token.kind === 'text') return literal(reader.take().text);
  if (token.kind === 'word') return readWord(reader);
  throw reader.error(`expected a value, found ${reader.found()}`);
}

function literal(value: unknown): Parsed {
  return { evaluate: () => value, literal: value };
}

/** Values up to the closing bracket, as an array without what is Undefined. */
function readList(reader: Reader, closing: string): Parsed {
  const members: Expression[] = [];
  while (!reader.takeIf(closing)) {
    if (members.length > 0) reader.expect(',');
    members.push(readExpression(reader).evaluate);
  }
  return { evaluate: (scope) => members.map((member) => member(scope)).filter((value) => value !== undefined) };
}

function readWord(reader: Reader): Parsed {
  const token = reader.peek();
  const keyword = token.text.toUpperCase();
  if (Object.hasOwn(LITERALS, keyword)) {
    reader.take();
    return literal(LITERALS[keyword]);
  }
  if (KEYWORDS.has(keyword)) throw reader.error(`${token.text} is not run locally here`);
  reader.take();
  return reader.takeIf('(') ? readCall(reader, token) : readField(reader, token);
}

function readCall(reader: Reader, { text, at }: Token): Parsed {
  const args: Argument[] = [];
  while (!reader.takeIf(')')) {
    if (args.length > 0) reader.expect(',');
    if (reader.takeIf('*')) args.push({ isStar: true });
    else args.push({ isStar: false, ...literalOf(readExpression(reader)) });
  }
  const compiled = compileCall(text, args);
  if (typeof compiled === 'string') throw reader.error(compiled, at);
  return { evaluate: compiled };
}

function literalOf(parsed: Parsed): { literal?: unknown } {
  return 'literal' in parsed ? { literal: parsed.literal } : {};
}

function readField(reader: Reader, first: Token): Parsed {
  const path = [first.text];
  while (reader.takeIf('.')) {
    if (reader.peek().kind !== 'word') throw reader.error(`expected the name of a field, found ${reader.found()}`);
    path.push(reader.take().text);
  }
  return { evaluate: (scope) => path.reduce(fieldOf, scope.json), ...(path.length === 1 ? { field: first.text } : {}) };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
