/** Query parameters: each route declares its own; the declaration validates requests and stands in the OpenAPI document. */
import { badParameter, Problem } from './problem.ts';

export interface IntegerParameter {
  readonly type: 'integer';
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
  /** Absent where it depends on the others; `description` says how. */
  readonly default?: number;
}

export interface TextParameter {
  readonly type: 'string';
  readonly description: string;
  readonly enum?: readonly string[];
  readonly default?: string;
  readonly example?: string;
}

export type Parameters = Readonly<Record<string, IntegerParameter | TextParameter>>;

export const CURSOR: TextParameter = { type: 'string', description: 'The next_cursor of the page before, with the same other parameters.' };

export function limitOf(maximum: number, fallback: number, what: string): IntegerParameter {
  return { type: 'integer', description: `At most so many ${what}.`, minimum: 1, maximum, default: fallback };
}

/** The query of a request, checked against the route's declaration. */
export class Query {
  readonly #values: ReadonlyMap<string, string>;
  readonly #parameters: Parameters;

  /** Throws a problem for an unknown, repeated, empty or not allowed parameter. */
  constructor(queryString: string, parameters: Parameters) {
    const values = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(queryString)) {
      const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      if (!parameter) throw unknownParameter(name, parameters);
      if (values.has(name)) throw badParameter(name, `${values.get(name)}, ${value}`, 'one value only');
      check(name, value, parameter);
      values.set(name, value);
    }
    this.#values = values;
    this.#parameters = parameters;
  }

  text(name: string): string | undefined {
    return this.#values.get(name) ?? (this.#parameters[name]?.default as string | undefined);
  }

  integer(name: string): number | undefined {
    const value = this.#values.get(name);
    return value === undefined ? (this.#parameters[name]?.default as number | undefined) : Number(value);
  }
}

function unknownParameter(name: string, parameters: Parameters): Problem {
  const known = Object.keys(parameters);
  const allowed = known.length > 0 ? known.join(', ') : 'none';
  const shown = name.slice(0, 64);
  return new Problem('unknown-parameter', 400, `parameter "${shown}" is unknown here; allowed: ${allowed}`, { parameter: shown, allowed });
}

function check(name: string, value: string, parameter: IntegerParameter | TextParameter): void {
  if (parameter.type === 'integer') {
    const { minimum, maximum } = parameter;
    if (!/^\d{1,9}$/.test(value) || Number(value) < minimum || Number(value) > maximum)
      throw badParameter(name, value, `a whole number from ${minimum} to ${maximum}`);
  } else if (parameter.enum && !parameter.enum.includes(value)) throw badParameter(name, value, `one of ${parameter.enum.join(', ')}`);
  else if (value === '') throw badParameter(name, value, parameter.description);
}
