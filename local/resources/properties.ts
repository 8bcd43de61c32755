/** Checks a resource's properties against what its type understands, and reads them with their types. */
import { isList, isObject, type Json, type JsonObject } from '../template/json.ts';

/**
 * What the local runtime makes of one property: `true` = it has its effect; a text = the reason why it has none here;
 * an object = the same for what lies inside it (or inside each element of a list).
 */
export type PropertyRule = true | string | PropertyRules;

export interface PropertyRules {
  readonly [property: string]: PropertyRule;
}

/** Throws on the first property that `rules` do not name. `where` is how the error names the resource. */
export function checkProperties(where: string, rules: PropertyRules, properties: JsonObject, path = ''): void {
  for (const [name, value] of Object.entries(properties)) {
    const rule = rules[name];
    const here = path + name;
    if (rule === undefined) throw new Error(`${where}: the local runtime does not know the property ${here}`);
    if (typeof rule !== 'object') continue;
    for (const element of isList(value) ? value : [value]) {
      if (!isObject(element)) throw new Error(`${where}: the property ${here} is ${JSON.stringify(element)}, not an object`);
      checkProperties(where, rule, element, `${here}.`);
    }
  }
}

/** Typed reading of resolved properties; CloudFormation writes numbers and booleans also as texts. */
export class Properties {
  readonly values: JsonObject;
  private readonly where: string;

  constructor(values: JsonObject, where: string) {
    this.values = values;
    this.where = where;
  }

  private wrong(name: string, wanted: string): Error {
    const value = this.values[name];
    return new Error(`${this.where}: ${name} must be ${wanted}, not ${value === undefined ? 'absent' : JSON.stringify(value)}`);
  }

  optionalText(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(name, 'a text');
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw this.wrong(name, 'a text');
    return value;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.values[name];
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw this.wrong(name, 'a number');
  }

  number(name: string): number {
    const value = this.optionalNumber(name);
    if (value === undefined) throw this.wrong(name, 'a number');
    return value;
  }

  /** An absent flag is false. */
  flag(name: string): boolean {
    const value = this.values[name];
    if (value === undefined) return false;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw this.wrong(name, 'true or false');
  }

  optionalObject(name: string): Properties | undefined {
    const value = this.values[name];
    if (value === undefined) return undefined;
    if (isObject(value)) return new Properties(value, `${this.where}, ${name}`);
    throw this.wrong(name, 'an object');
  }

  object(name: string): Properties {
    const value = this.optionalObject(name);
    if (!value) throw this.wrong(name, 'an object');
    return value;
  }

  /** An absent list is empty. */
  list(name: string): readonly Json[] {
    const value = this.values[name];
    if (value === undefined) return [];
    if (isList(value)) return value;
    throw this.wrong(name, 'a list');
  }

  objects(name: string): Properties[] {
    return this.list(name).map((value, index) => {
      if (isObject(value)) return new Properties(value, `${this.where}, ${name}[${index}]`);
      throw this.wrong(name, 'a list of objects');
    });
  }

  texts(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value === 'string') return value;
      throw this.wrong(name, 'a list of texts');
    });
  }

  /** A map whose values are texts (numbers and booleans are written out); an absent one is empty. */
  textMap(name: string): Record<string, string> {
    const value = this.values[name] ?? {};
    if (!isObject(value)) throw this.wrong(name, 'a map');
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        if (typeof item === 'object') throw this.wrong(name, `a map of texts (${key} is none)`);
        return [key, String(item)];
      }),
    );
  }
}
