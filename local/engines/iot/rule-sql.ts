/** The statement of a topic rule: SELECT … [FROM 'topic filter'] [WHERE …]. */
import { readExpression } from './rule-expression.ts';
import type { Expression } from './rule-functions.ts';
import { RuleEvaluationError, type RuleMessage, Scope } from './rule-message.ts';
import { Reader } from './rule-tokens.ts';
import { booleanOf } from './rule-values.ts';
import { compileTopicFilter } from './topic-filter.ts';

export interface CompiledRule {
  /** True when the rule takes messages of this topic. Basic Ingest does not ask. */
  matches(topic: string): boolean;
  /**
   * What the rule makes of a message: a value that is written as JSON, or the payload's own bytes (`SELECT *` of something
   * else than JSON). undefined when WHERE does not say true.
   * @throws RuleEvaluationError when the statement needs JSON and the payload is none
   */
  select(message: RuleMessage): object | undefined;
}

/** `name` null: `*`, all fields of the payload. */
interface Item {
  readonly name: string | null;
  readonly evaluate: Expression;
}

/** Compiles the SQL of a rule. @throws RuleSqlError with the position of anything that is not run locally */
export function compileRule(sql: string): CompiledRule {
  const reader = new Reader(sql);
  reader.expect('SELECT');
  const items = [readItem(reader)];
  while (reader.takeIf(',')) items.push(readItem(reader));
  const matches = reader.takeIf('FROM') ? readFilter(reader) : () => false;
  const where = reader.takeIf('WHERE') ? readExpression(reader).evaluate : null;
  if (reader.peek().kind !== 'end') throw reader.error(`${reader.found()} is not run locally here`);
  const [first] = items;
  const select = items.length === 1 && first?.name === null ? wholePayload : (scope: Scope) => selectItems(items, scope);
  return {
    matches,
    select(message) {
      const scope = new Scope(message);
      if (where && booleanOf(where(scope)) !== true) return undefined;
      return select(scope);
    },
  };
}

function readFilter(reader: Reader): (topic: string) => boolean {
  const { kind, text, at } = reader.peek();
  if (kind !== 'text') throw reader.error(`expected a topic filter in single quotes, found ${reader.found()}`);
  reader.take();
  try {
    return compileTopicFilter(text);
  } catch (error) {
    throw reader.error((error as Error).message, at);
  }
}

function readItem(reader: Reader): Item {
  if (reader.takeIf('*')) return { name: null, evaluate: ({ json }) => json };
  const { at } = reader.peek();
  const { evaluate, field } = readExpression(reader);
  if (reader.takeIf('AS')) {
    if (reader.peek().kind !== 'word') throw reader.error(`expected a name, found ${reader.found()}`);
    return { name: reader.take().text, evaluate };
  }
  if (field === undefined) throw reader.error('what is not a plain field needs AS and a name', at);
  return { name: field, evaluate };
}

/** JSON is read and written anew; anything else goes on byte by byte. */
function wholePayload(scope: Scope): object {
  try {
    const { json } = scope;
    if (typeof json === 'object' && json !== null) return json;
  } catch (error) {
    if (!(error instanceof RuleEvaluationError)) throw error;
  }
  return scope.bytes;
}

function selectItems(items: readonly Item[], scope: Scope): object {
  const entries: [string, unknown][] = [];
  for (const { name, evaluate } of items) {
    const value = evaluate(scope);
    if (name !== null) {
      if (value !== undefined) entries.push([name, value]);
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) entries.push(...Object.entries(value));
    else throw new RuleEvaluationError('SELECT * beside other fields needs a JSON object as payload');
  }
  return Object.fromEntries(entries);
}

/**
 * Compiles a text with substitution templates, such as `${topic(2)}`. As in AWS they see the message, not what SELECT made of it.
 * The compiled function throws when one is Undefined. @throws RuleSqlError
 */
export function compileTemplate(text: string): (message: RuleMessage) => string {
  const parts = text.split(/\$\{((?:[^}']|'[^']*')*)\}/).map((part, index): string | Expression => {
    if (index % 2 === 0) return part;
    const reader = new Reader(part);
    const { evaluate } = readExpression(reader);
    if (reader.peek().kind !== 'end') throw reader.error(`${reader.found()} is not run locally here`);
    return (scope) => {
      const value = evaluate(scope);
      if (value === undefined) throw new RuleEvaluationError(`\${${part}} is Undefined for this message`);
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    };
  });
  return (message) => {
    const scope = new Scope(message);
    return parts.map((part) => (typeof part === 'string' ? part : part(scope))).join('');
  };
}
