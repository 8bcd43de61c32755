/** Reading the parameters of a request. What is not known is refused by name. */
import { AwsError } from '../aws-error.ts';
import { invalid, unsupported } from './errors.ts';

/** One JSON object of a request. */
export class Parameters {
  readonly #values: Readonly<Record<string, unknown>>;

  /** Throws ValidationException naming a member that is none of `known`. */
  constructor(input: unknown, known: readonly string[]) {
    if (input === null || typeof input !== 'object' || Array.isArray(input)) throw wrongType('the request', 'an object');
    this.#values = input as Record<string, unknown>;
    for (const name in this.#values) if (!known.includes(name)) throw unsupported(`the parameter ${name}`);
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value !== undefined && typeof value !== 'string') throw wrongType(name, 'a string');
    return value;
  }

  text(name: string): string {
    return this.optionalText(name) ?? missing(name);
  }

  /** One of the given texts, the first one where absent. A text that AWS knows and we do not is refused by name. */
  choice<Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.optionalText(name) ?? choices[0];
    if (!choices.includes(value as Choice)) throw unsupported(`${name} ${value}`);
    return value as Choice;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#values[name] ?? otherwise;
    if (typeof value !== 'boolean') throw wrongType(name, 'a boolean');
    return value;
  }

  /** A whole number of 1 or more. */
  optionalCount(name: string): number | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, 'a whole number');
    if (value < 1) throw constraint(name, value, 'have value greater than or equal to 1');
    return value;
  }

  optionalMap(name: string): Record<string, unknown> | undefined {
    const value = this.#values[name] ?? undefined;
    if (value !== undefined && (typeof value !== 'object' || Array.isArray(value))) throw wrongType(name, 'an object');
    return value as Record<string, unknown> | undefined;
  }

  map(name: string): Record<string, unknown> {
    return this.optionalMap(name) ?? missing(name);
  }

  optionalList(name: string): unknown[] | undefined {
    const value = this.#values[name] ?? undefined;
    if (value !== undefined && !Array.isArray(value)) throw wrongType(name, 'a list');
    return value;
  }

  /** A list of 1 to `most` members. */
  list(name: string, most: number): unknown[] {
    const value = this.optionalList(name) ?? missing(name);
    if (value.length === 0) throw constraint(name, '[]', 'have length greater than or equal to 1');
    if (value.length > most) throw constraint(name, '[…]', `have length less than or equal to ${most}`);
    return value;
  }
}

function missing(name: string): never {
  throw constraint(name, null, 'not be null');
}

function wrongType(name: string, type: string): AwsError {
  return new AwsError('SerializationException', `${name} must be ${type}`);
}

/** The wording of AWS for a member that fails one of its model's constraints. */
export function constraint(name: string, value: unknown, rule: string): AwsError {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  const shown = value === null ? 'null' : `'${value}'`;
  return invalid(`1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: Member must ${rule}`);
}
