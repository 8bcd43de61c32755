/** Update expressions: SET and REMOVE of top-level attributes. */
import { type AttributeValue, attributeOf, type Item } from './attribute-value.ts';
import { type Bindings, cachedParser } from './bindings.ts';
import { type Operand, operandOf, readOperand } from './condition.ts';
import { invalid } from './errors.ts';
import { addNumbers } from './number.ts';
import type { TokenReader } from './tokens.ts';

interface Term {
  readonly operand: Operand;
  /** The attribute that is taken instead, if it is there: `if_not_exists(attribute, operand)`. */
  readonly unless: string | null;
}

interface Assignment {
  readonly written: string;
  readonly term: Term;
  readonly plus: { readonly sign: '+' | '-'; readonly term: Term } | null;
}

export interface Update {
  readonly sets: readonly Assignment[];
  readonly removes: readonly string[];
}

export const parseUpdate = cachedParser('UpdateExpression', (reader): Update => {
  let sets: Assignment[] | undefined;
  let removes: string[] | undefined;
  while (reader.token.kind !== 'end') {
    const section = ['SET', 'REMOVE', 'ADD', 'DELETE'].find((word) => reader.takeIf(word));
    if (section === 'ADD' || section === 'DELETE') throw reader.refusal(`the clause ${section} is not supported by the local DynamoDB`);
    if (section === undefined) throw reader.unexpected();
    if (section === 'SET' ? sets : removes) throw reader.refusal(`The "${section}" section can only be used once in an update expression;`);
    if (section === 'SET') sets = readList(reader, readAssignment);
    else removes = readList(reader, () => reader.attribute());
  }
  return { sets: sets ?? [], removes: removes ?? [] };
});

function readList<Member>(reader: TokenReader, readMember: (reader: TokenReader) => Member): Member[] {
  const members = [readMember(reader)];
  while (reader.takeIf(',')) members.push(readMember(reader));
  return members;
}

function readAssignment(reader: TokenReader): Assignment {
  const written = reader.attribute();
  reader.expect('=');
  const term = readTerm(reader);
  const sign = reader.takeIf('+') ? '+' : reader.takeIf('-') ? '-' : null;
  return { written, term, plus: sign && { sign, term: readTerm(reader) } };
}

function readTerm(reader: TokenReader): Term {
  const { kind, text } = reader.token;
  if (kind !== 'word' || !reader.isBefore('(')) return { operand: readOperand(reader), unless: null };
  if (text !== 'if_not_exists') throw reader.refusal(`the function ${text} is not supported by the local DynamoDB`);
  reader.take();
  reader.expect('(');
  const unless = reader.attribute();
  reader.expect(',');
  const operand = readOperand(reader);
  reader.expect(')');
  return { operand, unless };
}

/** The item after the update; every operand is taken from the item as it was. Throws ValidationException. */
export function applyUpdate({ sets, removes }: Update, item: Item, bindings: Bindings): Item {
  const after = new Map(Object.entries(item));
  const touched = new Set<string>();
  const touch = (written: string): string => {
    const name = bindings.name(written);
    if (touched.has(name)) {
      throw invalid(
        `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${name}], path two: [${name}]`,
      );
    }
    touched.add(name);
    return name;
  };
  for (const { written, term, plus } of sets) {
    const first = termOf(term, item, bindings);
    after.set(touch(written), plus ? sumOf(first, plus.sign, termOf(plus.term, item, bindings)) : first);
  }
  for (const written of removes) after.delete(touch(written));
  return Object.fromEntries(after);
}

function termOf({ operand, unless }: Term, item: Item, bindings: Bindings): AttributeValue {
  const existing = unless === null ? undefined : attributeOf(item, bindings.name(unless));
  const value = existing ?? operandOf(operand, item, bindings);
  if (value === undefined) throw invalid('The provided expression refers to an attribute that does not exist in the item');
  return value;
}

function sumOf(a: AttributeValue, sign: '+' | '-', b: AttributeValue): AttributeValue {
  if (a.N === undefined || b.N === undefined) throw invalid('An operand in the update expression has an incorrect data type');
  return { N: addNumbers(a.N, b.N, sign) };
}
