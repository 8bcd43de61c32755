/** PartiQL statements, as far as they are supported: INSERT and UPDATE of one item, SELECT by keys, every value a parameter. */
import type { Comparator } from './condition.ts';
import { isReserved } from './reserved-words.ts';
import { TokenReader } from './tokens.ts';

/** An attribute and the position of the parameter that belongs to it. */
export interface Bound {
  readonly name: string;
  readonly parameter: number;
}

/** The partition key is one of these values. */
export interface OneOf {
  readonly name: string;
  readonly comparator: 'IN';
  readonly parameters: readonly number[];
}

export type Statement = { readonly table: string; readonly parameters: number } & (
  | {
      readonly kind: 'SELECT';
      readonly index: string | null;
      /** Null: `*`. */
      readonly attributes: readonly string[] | null;
      readonly where: readonly ((Bound & { readonly comparator: Comparator }) | OneOf)[];
    }
  | { readonly kind: 'INSERT'; readonly attributes: readonly Bound[] }
  | {
      readonly kind: 'UPDATE';
      readonly sets: readonly Bound[];
      readonly removes: readonly string[];
      readonly where: readonly (Bound & { readonly comparator: Comparator })[];
    }
);

const COMPARATORS = ['=', '<', '<=', '>', '>='] as const;
const MOST_CACHED = 1000;
const cache = new Map<string, Statement>();

/** Throws ValidationException on everything else that PartiQL knows. */
export function parseStatement(text: string): Statement {
  const known = cache.get(text);
  if (known) return known;
  const reader = new StatementReader(text);
  const read = READERS.find(([word]) => reader.takeIf(word))?.[1];
  if (read === undefined) {
    throw reader.refusal(
      `a statement that begins with ${reader.token.text} is not supported by the local DynamoDB, only INSERT, UPDATE and SELECT are`,
    );
  }
  const statement = read(reader);
  reader.end();
  if (cache.size >= MOST_CACHED) cache.clear();
  cache.set(text, statement);
  return statement;
}

class StatementReader extends TokenReader {
  parameters = 0;

  constructor(text: string) {
    super(text, 'Statement');
  }

  /** A name in double quotes, or a plain one that is no reserved word. */
  identifier(): string {
    const { kind, text } = this.token;
    if (kind !== 'quoted' && kind !== 'word') throw this.unexpected();
    if (kind === 'word' && isReserved(text)) throw this.refusal(`${text} is a reserved word: write "${text}"`);
    this.take();
    if (this.is('.') || this.is('[')) throw this.refusal(`paths (${text}${this.token.text}…) are not supported by the local DynamoDB`);
    return text;
  }

  /** A table, or an index of it, in double quotes or as plain names. */
  relation(): { readonly table: string; readonly index: string | null } {
    const name = (): string => {
      const { kind } = this.token;
      if (kind !== 'quoted' && kind !== 'word') throw this.unexpected();
      return this.take().text;
    };
    return { table: name(), index: this.takeIf('.') ? name() : null };
  }

  /** The position of the next `?`. */
  parameter(): number {
    if (!this.takeIf('?'))
      throw this.refusal(`only parameters (?) are supported as values by the local DynamoDB, found: ${this.token.text}`);
    return this.parameters++;
  }
}

const READERS = [
  ['INSERT', readInsert],
  ['UPDATE', readUpdate],
  ['SELECT', readSelect],
] as const;

function readSelect(reader: StatementReader): Statement {
  const attributes: string[] = [];
  const isAll = reader.takeIf('*');
  if (!isAll) {
    do attributes.push(reader.identifier());
    while (reader.takeIf(','));
  }
  reader.expect('FROM');
  const { table, index } = reader.relation();
  const where: ((Bound & { comparator: Comparator }) | OneOf)[] = [];
  reader.expect('WHERE');
  do {
    const name = reader.identifier();
    where.push(reader.takeIf('IN') ? readOneOf(reader, name) : readComparison(reader, name));
  } while (reader.takeIf('AND'));
  return { kind: 'SELECT', table, index, attributes: isAll ? null : attributes, where, parameters: reader.parameters };
}

function readOneOf(reader: StatementReader, name: string): OneOf {
  const end = reader.takeIf('[') ? ']' : ')';
  if (end === ')') reader.expect('(');
  const parameters: number[] = [];
  do parameters.push(reader.parameter());
  while (reader.takeIf(','));
  reader.expect(end);
  return { name, comparator: 'IN', parameters };
}

function readComparison(reader: StatementReader, name: string): Bound & { comparator: Comparator } {
  const comparator = COMPARATORS.find((each) => reader.takeIf(each));
  if (comparator === undefined) throw reader.unexpected();
  return { name, comparator, parameter: reader.parameter() };
}

function readInsert(reader: StatementReader): Statement {
  reader.expect('INTO');
  const table = reader.identifier();
  reader.expect('VALUE');
  reader.expect('{');
  const attributes: Bound[] = [];
  do {
    if (reader.token.kind !== 'string') throw reader.unexpected();
    const name = reader.take().text;
    reader.expect(':');
    attributes.push({ name, parameter: reader.parameter() });
  } while (reader.takeIf(','));
  reader.expect('}');
  return { kind: 'INSERT', table, attributes, parameters: reader.parameters };
}

function readUpdate(reader: StatementReader): Statement {
  const table = reader.identifier();
  const sets: Bound[] = [];
  const removes: string[] = [];
  for (;;) {
    if (reader.takeIf('SET')) {
      const name = reader.identifier();
      reader.expect('=');
      sets.push({ name, parameter: reader.parameter() });
    } else if (reader.takeIf('REMOVE')) removes.push(reader.identifier());
    else break;
  }
  if (sets.length + removes.length === 0) throw reader.unexpected();
  reader.expect('WHERE');
  const where: (Bound & { comparator: Comparator })[] = [];
  do where.push(readComparison(reader, reader.identifier()));
  while (reader.takeIf('AND'));
  return { kind: 'UPDATE', table, sets, removes, where, parameters: reader.parameters };
}
