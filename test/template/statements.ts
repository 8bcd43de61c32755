/** What the templates allow, statement by statement. */
import { at, type Json, type JsonObject, propertiesOf, readable, type Synthesis } from './assembly.ts';

export interface Statement {
  /** The resource whose policy it is. */
  readonly of: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principal: Json | undefined;
  readonly condition: Json | undefined;
}

function listOf(value: Json | undefined): readonly Json[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** All statements of all policy documents in the templates, wherever they stand. */
export function statementsOf({ resources }: Synthesis): Statement[] {
  return [...resources].flatMap(([of, resource]) => statementsIn(of, (resource.Properties ?? {}) as Json));
}

function statementsIn(of: string, value: Json): Statement[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((element) => statementsIn(of, element));
  const document = value as JsonObject;
  if (Array.isArray(document['Statement'])) {
    return document['Statement'].map((statement) => ({
      of,
      effect: String(at(statement, 'Effect')),
      actions: listOf(at(statement, 'Action')).map(String),
      resources: listOf(at(statement, 'Resource')).map(readable),
      principal: at(statement, 'Principal'),
      condition: at(statement, 'Condition'),
    }));
  }
  return Object.values(document).flatMap((inner) => statementsIn(of, inner));
}

/** Everything that a role allows, as `action on resource`, sorted. */
export function grantsOf(synthesis: Synthesis, role: string): string[] {
  propertiesOf(synthesis, role);
  return statementsOf(synthesis)
    .filter(({ of, effect, resources }) => of === role && effect === 'Allow' && resources.length > 0)
    .flatMap(({ actions, resources }) => actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`)))
    .sort();
}
