/** IoT policies, and those of roles that speak to IoT: what a connection may do. Locally every device is the attached thing of its client id. */

type OneOrMore<T> = T | readonly T[];

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: OneOrMore<string>;
  readonly Resource: OneOrMore<string>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore<string | boolean>>>>>;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: OneOrMore<Statement>;
}

/** Whether an action, e.g. `iot:Publish`, is allowed on an ARN. */
export type Authorizer = (action: string, resource: string) => boolean;

const STATEMENT_ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Condition']);
const IS_ATTACHED = 'iot:Connection.Thing.IsAttached';
/** Names that a thing can have; a client of another id is no thing, and its thing variables stay unresolved. */
const THING_NAME = /^[A-Za-z0-9:_-]{1,128}$/;
/** What stands for a character that is a wildcard by itself. */
const ESCAPES: Readonly<Record<string, string>> = { '*': '*', '?': '?', $: '$' };

const listOf = <T>(value: OneOrMore<T>): readonly T[] => (Array.isArray(value) ? value : [value as T]);
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A pattern with the wildcards `*` (which crosses levels) and `?`; null when it names a variable that the connection lacks. */
function compilePattern(pattern: string, variables: ReadonlyMap<string, string>): RegExp | null {
  let source = '';
  for (const part of pattern.split(/(\$\{[^}]*\}|\*|\?)/)) {
    if (part === '*') source += '.*';
    else if (part === '?') source += '.';
    else if (part.startsWith('${')) {
      const name = part.slice(2, -1);
      const value = ESCAPES[name] ?? variables.get(name);
      if (value === undefined) return null;
      source += literally(value);
    } else source += literally(part);
  }
  return new RegExp(`^${source}$`, 's');
}

function checkStatement(statement: Statement): void {
  const wrong = (what: string): Error => new Error(`IoT policy, statement ${JSON.stringify(statement)}: ${what}`);
  for (const element of Object.keys(statement)) {
    if (!STATEMENT_ELEMENTS.has(element)) throw wrong(`${element} is not run locally`);
  }
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw wrong('Effect must be Allow or Deny');
  for (const element of ['Action', 'Resource'] as const) {
    const texts = listOf(statement[element]);
    if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) throw wrong(`${element} must be a text or a list of texts`);
  }
  for (const [operator, tests] of Object.entries(statement.Condition ?? {})) {
    for (const key of Object.keys(tests)) {
      if (operator !== 'Bool' || key !== IS_ATTACHED)
        throw wrong(`the condition ${operator} ${key} is not run locally, only Bool ${IS_ATTACHED}`);
    }
  }
}

function conditionHolds(condition: Statement['Condition'], isAttached: boolean): boolean {
  const tests = Object.values(condition ?? {}).flatMap((test) => Object.values(test));
  return tests.every((allowed) => listOf(allowed).some((value) => String(value) === String(isAttached)));
}

/**
 * What a client may do under the policies; null for a role, which no thing belongs to. An explicit Deny wins, and what no Allow
 * names is denied. An Allow with an unresolved variable allows nothing, a Deny with one denies everything its actions name.
 * MQTT's `+` and `#` have no meaning in a policy. Throws when a policy uses what is not run locally, naming it.
 */
export function authorizerOf(policies: readonly PolicyDocument[], clientId: string | null): Authorizer {
  const variables = new Map<string, string>();
  if (clientId !== null) variables.set('iot:ClientId', clientId);
  const isAttached = clientId !== null && THING_NAME.test(clientId);
  if (isAttached) variables.set('iot:Connection.Thing.ThingName', clientId);
  const all = policies.flatMap(({ Statement }) => listOf(Statement));
  for (const statement of all) checkStatement(statement);
  const statements = all
    .filter(({ Condition }) => conditionHolds(Condition, isAttached))
    .map(({ Effect, Action, Resource }) => {
      const isDeny = Effect === 'Deny';
      const matcher = (patterns: OneOrMore<string>) => {
        const compiled = listOf(patterns).map((pattern) => compilePattern(pattern, variables));
        return (text: string) => compiled.some((pattern) => (pattern === null ? isDeny : pattern.test(text)));
      };
      return { isDeny, names: matcher(Action), covers: matcher(Resource) };
    });
  return (action, resource) => {
    const applying = statements.filter(({ names, covers }) => names(action) && covers(resource));
    return applying.length > 0 && applying.every(({ isDeny }) => !isDeny);
  };
}
