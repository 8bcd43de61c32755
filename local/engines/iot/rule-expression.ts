/** Expressions of IoT SQL (version 2016-03-23), compiled to functions of a message. What is not supported is an error with its position. */
import { randomUUID } from 'node:crypto';

/** A published message, as a rule sees it. */
export interface RuleMessage {
  /** Without the prefix of Basic Ingest. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  /** When the rules engine took it, ms since the epoch. */
  readonly nowMs: number;
  readonly traceId: string;
}

/** undefined is IoT SQL's Undefined: dropped from the output. */
export type Expression = (message: RuleMessage) => unknown;

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
}

const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|'((?:[^']|'')*)'|(\d+(?:\.\d+)?)|(<>|<=|>=|!=|[=<>(),.*]))/y;

/** Splits SQL into tokens. Throws at the first character that starts none. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (sql.slice(TOKEN.lastIndex).trim() !== '') {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(sql);
    if (!match) throw new Error(`IoT SQL: unexpected "${sql.slice(start).trim()[0]}" at position ${start + 1} of: ${sql}`);
    const [, word, text, number, symbol] = match;
    const at = TOKEN.lastIndex - match[0].trimStart().length + 1;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll("''", "'"), at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else tokens.push({ kind: 'symbol', text: symbol!, at });
  }
  tokens.push({ kind: 'end', text: '', at: sql.length + 1 });
  return tokens;
}

/** Reads a token list from left to right. */
export class Reader {
  readonly #tokens: readonly Token[];
  readonly #sql: string;
  #next = 0;

  constructor(sql: string) {
    this.#sql = sql;
    this.#tokens = tokensOf(sql);
  }

  peek(): Token {
    return this.#tokens[this.#next]!;
  }

  take(): Token {
    return this.#tokens[this.#next++]!;
  }

  /** Takes the token if it is this keyword (any case) or symbol. */
  takeIf(text: string): boolean {
    const { kind, text: found } = this.peek();
    const is = (kind === 'word' && found.toUpperCase() === text) || (kind === 'symbol' && found === text);
    if (is) this.#next++;
    return is;
  }

  expect(text: string): void {
    if (!this.takeIf(text)) throw this.error(`expected ${text}`);
  }

  error(what: string): Error {
    const { text, at } = this.peek();
    return new Error(`IoT SQL: ${what} at position ${at}${text ? ` ("${text}")` : ''} of: ${this.#sql}`);
  }
}

/** The payload as JSON; undefined when it is none. */
export function jsonOf({ payload }: RuleMessage): unknown {
  try {
    return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Reads one expression: OR of AND of comparisons. */
export function readExpression(reader: Reader): Expression {
  let left = readAnd(reader);
  while (reader.takeIf('OR')) {
    const [a, b] = [left, readAnd(reader)];
    left = (message) => a(message) === true || b(message) === true;
  }
  return left;
}

function readAnd(reader: Reader): Expression {
  let left = readNot(reader);
  while (reader.takeIf('AND')) {
    const [a, b] = [left, readNot(reader)];
    left = (message) => a(message) === true && b(message) === true;
  }
  return left;
}

function readNot(reader: Reader): Expression {
  if (!reader.takeIf('NOT')) return readComparison(reader);
  const negated = readNot(reader);
  return (message) => negated(message) !== true;
}

const COMPARISONS: Readonly<Record<string, (a: never, b: never) => boolean>> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function readComparison(reader: Reader): Expression {
  const left = readPrimary(reader);
  if (reader.takeIf('IN')) {
    reader.expect('(');
    const members = [readPrimary(reader)];
    while (reader.takeIf(',')) members.push(readPrimary(reader));
    reader.expect(')');
    return (message) => members.some((member) => member(message) === left(message));
  }
  const compare = reader.peek().kind === 'symbol' ? COMPARISONS[reader.peek().text] : undefined;
  if (!compare) return left;
  reader.take();
  const right = readPrimary(reader);
  return (message) => {
    const [a, b] = [left(message), right(message)];
    // A comparison of different types is Undefined, which WHERE takes as false.
    return typeof a === typeof b ? compare(a as never, b as never) : undefined;
  };
}

function readPrimary(reader: Reader): Expression {
  const token = reader.peek();
  if (reader.takeIf('(')) {
    const inner = readExpression(reader);
    reader.expect(')');
    return inner;
  }
  if (token.kind === 'text') return constant(reader.take().text);
  if (token.kind === 'number') return constant(Number(reader.take().text));
  if (token.kind !== 'word') throw reader.error('expected a value');
  reader.take();
  const literal = ({ TRUE: true, FALSE: false, NULL: null } as Record<string, unknown>)[token.text.toUpperCase()];
  if (literal !== undefined) return constant(literal);
  if (reader.takeIf('(')) return readCall(reader, token);
  const path = [token.text];
  while (reader.takeIf('.')) path.push(reader.take().text);
  return (message) =>
    path.reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined),
      jsonOf(message),
    );
}

function constant(value: unknown): Expression {
  return () => value;
}

function readCall(reader: Reader, { text, at }: Token): Expression {
  const name = text.toLowerCase();
  if (name === 'encode') {
    reader.expect('*');
    reader.expect(',');
    const encoding = reader.take();
    if (encoding.text !== 'base64')
      throw new Error(`IoT SQL: encode(*, '${encoding.text}') at position ${encoding.at}: only 'base64' is supported locally`);
    reader.expect(')');
    return ({ payload }) => Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64');
  }
  const build = CALLS[name];
  if (!build) throw new Error(`IoT SQL: the function ${text}() at position ${at} is not supported locally`);
  const argument = name === 'topic' && reader.peek().kind === 'number' ? Number(reader.take().text) : null;
  reader.expect(')');
  return build(argument);
}

const CALLS: Readonly<Record<string, (argument: number | null) => Expression>> = {
  topic: (level) => (level === null ? ({ topic }) => topic : ({ topic }) => topic.split('/')[level - 1]),
  clientid:
    () =>
    ({ clientId }) =>
      clientId,
  timestamp:
    () =>
    ({ nowMs }) =>
      nowMs,
  traceid:
    () =>
    ({ traceId }) =>
      traceId,
  newuuid: () => () => randomUUID(),
};
