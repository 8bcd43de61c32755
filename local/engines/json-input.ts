/** Reads the input of a JSON operation. What is not known is refused by name, never ignored. */
import type { AwsError } from './aws-error.ts';

export class JsonInput {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #invalid: (message: string) => AwsError;

  /** @param invalid makes the service's own error for an input that it refuses, which is thrown for a member that is none of `known` */
  constructor(values: unknown, known: readonly string[], invalid: (message: string) => AwsError) {
    this.#invalid = invalid;
    if (!isRecord(values)) throw invalid('the input must be an object');
    this.#values = values;
    for (const name in values) if (!known.includes(name)) throw invalid(`${name} is not known to the local service`);
  }

  /** Undefined where absent or null. */
  optionalText(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value !== undefined && typeof value !== 'string') throw this.#invalid(`${name} must be a string`);
    return value;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined || value === '') throw this.#constraint(value ?? null, name, 'not be null or empty');
    return value;
  }

  /** A whole number within the inclusive limits, `fallback` where absent. */
  integer(name: string, least: number, most: number, fallback: number): number {
    const value = this.#values[name] ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.#invalid(`${name} must be a whole number`);
    if (value < least) throw this.#constraint(value, name, `have value greater than or equal to ${least}`);
    if (value > most) throw this.#constraint(value, name, `have value less than or equal to ${most}`);
    return value;
  }

  /** `fallback` where absent. */
  flag(name: string, fallback = false): boolean {
    const value = this.#values[name] ?? fallback;
    if (typeof value !== 'boolean') throw this.#invalid(`${name} must be a boolean`);
    return value;
  }

  optionalObject(name: string, known: readonly string[]): JsonInput | undefined {
    const value = this.#values[name] ?? undefined;
    return value === undefined ? undefined : new JsonInput(value, known, this.#invalid);
  }

  object(name: string, known: readonly string[]): JsonInput {
    const value = this.optionalObject(name, known);
    if (value === undefined) throw this.#constraint(null, name, 'not be null');
    return value;
  }

  /** As it was sent; for what is kept and given back only. */
  optionalRecord(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.#values[name] ?? undefined;
    if (value !== undefined && !isRecord(value)) throw this.#invalid(`${name} must be an object`);
    return value;
  }

  /** An absent list is undefined. More than `most` are refused. */
  optionalTexts(name: string, most = Number.POSITIVE_INFINITY): readonly string[] | undefined {
    const values = this.#optionalList(name, most);
    if (values?.some((value) => typeof value !== 'string')) throw this.#invalid(`${name} must be a list of strings`);
    return values as readonly string[] | undefined;
  }

  texts(name: string, most?: number): readonly string[] {
    const values = this.optionalTexts(name, most);
    if (values === undefined) throw this.#constraint(null, name, 'not be null');
    return values;
  }

  objects(name: string, known: readonly string[], most: number): readonly JsonInput[] {
    const values = this.#optionalList(name, most);
    if (values === undefined) throw this.#constraint(null, name, 'not be null');
    return values.map((value) => new JsonInput(value, known, this.#invalid));
  }

  #optionalList(name: string, most: number): readonly unknown[] | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw this.#invalid(`${name} must be a list`);
    if (value.length > most) throw this.#constraint(`${value.length} members`, name, `have length less than or equal to ${most}`);
    return value;
  }

  #constraint(value: unknown, name: string, constraint: string): AwsError {
    const member = name.slice(0, 1).toLowerCase() + name.slice(1);
    const shown = value === null ? 'null' : `'${String(value).slice(0, 100)}'`;
    return this.#invalid(
      `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: Member must ${constraint}`,
    );
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
