/** IoT policies: what a connection may do. Locally every client is the attached thing of its client id. */

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: Statement | readonly Statement[];
}

export type Authorizer = (action: string, resource: string) => boolean;

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A pattern with the connection's variables and the wildcards `*` and `?`; null when it names a variable that the connection lacks, and so matches nothing. */
function compilePattern(pattern: string, variables: Readonly<Record<string, string>>): RegExp | null {
  let source = '';
  for (const part of pattern.split(/(\$\{[^}]*\}|\*|\?)/)) {
    if (part === '*') source += '.*';
    else if (part === '?') source += '.';
    else if (part.startsWith('${')) {
      const value = variables[part.slice(2, -1)];
      if (value === undefined) return null;
      source += escaped(value);
    } else source += escaped(part);
  }
  return new RegExp(`^${source}$`, 's');
}

function conditionHolds(condition: Statement['Condition'], variables: Readonly<Record<string, string>>): boolean {
  return Object.entries(condition ?? {}).every(([operator, tests]) => {
    if (operator !== 'Bool' && operator !== 'StringEquals')
      throw new Error(`IoT policy: the condition operator ${operator} is not supported locally`);
    return Object.entries(tests).every(([name, allowed]) => listOf(allowed).includes(variables[name] ?? ''));
  });
}

/**
 * What a client may do under the policies: an explicit Deny wins, and what no Allow names is denied. MQTT wildcards are
 * literal in policies. Throws when a policy uses what is not supported locally.
 */
export function authorizerOf(policies: readonly PolicyDocument[], clientId: string): Authorizer {
  const variables = { 'iot:ClientId': clientId, 'iot:Connection.Thing.ThingName': clientId, 'iot:Connection.Thing.IsAttached': 'true' };
  const statements = policies
    .flatMap(({ Statement }) => listOf(Statement))
    .filter(({ Condition }) => conditionHolds(Condition, variables))
    .map(({ Effect, Action, Resource }) => ({
      deny: Effect === 'Deny',
      actions: listOf(Action).map((action) => compilePattern(action, variables)),
      resources: listOf(Resource).map((resource) => compilePattern(resource, variables)),
    }));
  return (action, resource) => {
    const applying = statements.filter(
      ({ actions, resources }) => actions.some((pattern) => pattern?.test(action)) && resources.some((pattern) => pattern?.test(resource)),
    );
    return applying.length > 0 && applying.every(({ deny }) => !deny);
  };
}
