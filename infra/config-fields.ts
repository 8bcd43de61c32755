/** Readers of configuration fields: each returns the field's value or throws an error that names the field, the value and what is allowed. */

export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Throws unless `holds`: `config.<path> must be <allowed>, not <value>`. */
export function check(holds: boolean, path: string, allowed: string, value: unknown): asserts holds {
  if (!holds) throw new ConfigError(`config.${path} must be ${allowed}, not ${JSON.stringify(value)}`);
}

/** An object's fields. Throws when `value` is no object or has a field that is none of `known`; undefined = no fields. */
export function fieldsOf(value: unknown, path: string, known: readonly string[] | 'any'): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`config${path && `.${path}`} must be an object, not ${JSON.stringify(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (known !== 'any' && !known.includes(name)) {
      throw new ConfigError(`config.${path ? `${path}.` : ''}${name} is no field; known here: ${known.join(', ')}`);
    }
  }
  return value as Record<string, unknown>;
}

/** A whole number, both ends included. */
export function integer(value: unknown, path: string, min: number, max: number, fallback: number): number {
  const chosen = value ?? fallback;
  check(Number.isInteger(chosen) && Number(chosen) >= min && Number(chosen) <= max, path, `a whole number from ${min} to ${max}`, chosen);
  return chosen as number;
}

/** A finite number, both ends included. */
export function number(value: unknown, path: string, min: number, max: number): number {
  check(typeof value === 'number' && value >= min && value <= max, path, `a number from ${min} to ${max}`, value);
  return value;
}

export function oneOf<Choice extends string>(value: unknown, path: string, choices: readonly Choice[], fallback: Choice): Choice {
  const chosen = value ?? fallback;
  check(choices.includes(chosen as Choice), path, `one of ${choices.join(', ')}`, chosen);
  return chosen as Choice;
}

export function text(value: unknown, path: string, pattern: RegExp, fallback?: string): string {
  const chosen = value ?? fallback;
  check(typeof chosen === 'string' && pattern.test(chosen), path, `a text that matches ${pattern.source}`, chosen);
  return chosen;
}

/** A list of `min` to `max` elements. */
export function list(value: unknown, path: string, min: number, max: number, fallback: readonly unknown[]): readonly unknown[] {
  const chosen = value ?? fallback;
  check(Array.isArray(chosen) && chosen.length >= min && chosen.length <= max, path, `a list of ${min} to ${max} elements`, chosen);
  return chosen;
}
