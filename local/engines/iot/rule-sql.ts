/** The statement of a topic rule: SELECT … FROM 'topic filter' [WHERE …]. */
import { type Expression, jsonOf, Reader, type RuleMessage, readExpression } from './rule-expression.ts';
import { compileTopicFilter } from './topic-filter.ts';

export interface CompiledRule {
  /** True when the rule takes messages of this topic. */
  matches(topic: string): boolean;
  /** What the rule makes of a message; undefined when WHERE says no. */
  select(message: RuleMessage): Record<string, unknown> | undefined;
}

type Item = { readonly alias: string; readonly value: Expression } | '*';

/** Compiles the SQL of a rule. Throws with the position at anything it does not support. */
export function compileRule(sql: string): CompiledRule {
  const reader = new Reader(sql);
  reader.expect('SELECT');
  const items = [readItem(reader)];
  while (reader.takeIf(',')) items.push(readItem(reader));
  reader.expect('FROM');
  const filter = reader.peek();
  if (filter.kind !== 'text') throw reader.error('expected a topic filter in quotes');
  reader.take();
  const where = reader.takeIf('WHERE') ? readExpression(reader) : null;
  if (reader.peek().kind !== 'end') throw reader.error('unsupported clause');
  return {
    matches: compileTopicFilter(filter.text),
    select(message) {
      if (where && where(message) !== true) return undefined;
      const selected: Record<string, unknown> = {};
      for (const item of items) {
        if (item === '*') Object.assign(selected, jsonOf(message));
        else selected[item.alias] = item.value(message);
      }
      return selected;
    },
  };
}

function readItem(reader: Reader): Item {
  if (reader.takeIf('*')) return '*';
  const first = reader.peek();
  const value = readExpression(reader);
  if (reader.takeIf('AS')) return { alias: reader.take().text, value };
  if (first.kind !== 'word') throw reader.error('expected AS and a name');
  return { alias: first.text, value };
}

/** Compiles a text with substitution templates, such as `${topic(2)}`. Aliases of the SELECT are not visible in it, as in AWS. */
export function compileTemplate(text: string): (message: RuleMessage) => string {
  const parts = text.split(/\$\{([^}]*)\}/).map((part, index): string | Expression => {
    if (index % 2 === 0) return part;
    const reader = new Reader(part);
    const expression = readExpression(reader);
    if (reader.peek().kind !== 'end') throw reader.error('unsupported substitution template');
    return expression;
  });
  return (message) => parts.map((part) => (typeof part === 'string' ? part : String(part(message) ?? ''))).join('');
}
