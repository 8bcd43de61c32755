/** Placeholders of expressions (#name, :value): what a request says they stand for. */
import { type AttributeValue, attributeOf, checkValue, type Item } from './attribute-value.ts';
import { invalid } from './errors.ts';
import type { Parameters } from './parameters.ts';
import { TokenReader } from './tokens.ts';

/** An expression, parsed, with the placeholders that occur in it. */
export interface Parsed<Tree> {
  readonly tree: Tree;
  readonly names: readonly string[];
  readonly values: readonly string[];
}

export interface Bindings {
  /** The attribute that is written so: itself, or what #name stands for. */
  name(written: string): string;
  value(placeholder: string): AttributeValue;
}

/** Expressions differ by placeholders only, so there are few; somebody who writes values into them would fill the memory. */
const MOST_CACHED = 1000;

/** A parser for the parameter `what` that knows again what it has parsed before. */
export function cachedParser<Tree>(what: string, parse: (reader: TokenReader) => Tree): (text: string) => Parsed<Tree> {
  const cache = new Map<string, Parsed<Tree>>();
  return (text) => {
    const known = cache.get(text);
    if (known) return known;
    if (text === '') throw invalid(`Invalid ${what}: The expression can not be empty;`);
    const reader = new TokenReader(text, what);
    const tree = parse(reader);
    reader.end();
    const placeholders = (kind: 'name' | 'value') => [
      ...new Set(reader.tokens.flatMap((token) => (token.kind === kind ? [token.text] : []))),
    ];
    const parsed = { tree, names: placeholders('name'), values: placeholders('value') };
    if (cache.size >= MOST_CACHED) cache.clear();
    cache.set(text, parsed);
    return parsed;
  };
}

/** Binds the expressions of a request, by parameter. Throws ValidationException on a placeholder that is not defined, or defined and not used. */
export function bind(parameters: Parameters, expressions: Readonly<Record<string, Parsed<unknown> | undefined>>): Bindings {
  const names = (parameters.optionalMap('ExpressionAttributeNames') ?? {}) as Readonly<Record<string, string>>;
  const values = (parameters.optionalMap('ExpressionAttributeValues') ?? {}) as Item;
  const unusedNames = new Set(Object.keys(names));
  const unusedValues = new Set(Object.keys(values));
  for (const [what, parsed] of Object.entries(expressions)) {
    for (const name of parsed?.names ?? []) {
      unusedNames.delete(name);
      if (typeof names[name] === 'string') continue;
      throw invalid(`Invalid ${what}: An expression attribute name used in the document path is not defined; attribute name: ${name}`);
    }
    for (const value of parsed?.values ?? []) {
      unusedValues.delete(value);
      if (attributeOf(values, value)) continue;
      throw invalid(`Invalid ${what}: An expression attribute value used in expression is not defined; attribute value: ${value}`);
    }
  }
  if (unusedNames.size > 0) throw unused('ExpressionAttributeNames', unusedNames);
  if (unusedValues.size > 0) throw unused('ExpressionAttributeValues', unusedValues);
  for (const value of Object.values(values)) checkValue(value);
  return { name: (written) => (written.startsWith('#') ? names[written]! : written), value: (placeholder) => values[placeholder]! };
}

function unused(what: string, placeholders: ReadonlySet<string>) {
  return invalid(`Value provided in ${what} unused in expressions: keys: {${[...placeholders].join(', ')}}`);
}
