/** The statements of sql/ as Athena runs them for one generation. */
import type { DayGeneration } from '#adapters/day-rows.ts';
import { sha256Hex } from '#adapters/sha256.ts';
import type { Query } from './state.ts';

/** Texts of one source. */
export interface Statements {
  readonly deduplicate: string;
  readonly aggregate: string;
  readonly check: string;
}

/** What the parameters of the texts are called in their first line → values. */
export type Parameters = Readonly<Record<'first arrival day' | 'last arrival day' | 'event day' | 'generation', string>>;

/** A text's first line does not name its parameters. */
export class StatementError extends Error {
  override name = 'StatementError';
}

const PARAMETERS = /^-- params: (.+)\n/;
/** Comments are lines of their own in these files. */
const COMMENT_LINES = /^\s*--.*\n/gm;

/** A statement for one generation; asked for again it has the same token, so that Athena runs it once. */
export function queryOf(step: string, text: string, generation: DayGeneration, values: Parameters): Query {
  const { source, day, gen } = generation;
  return {
    text: text.replace(COMMENT_LINES, '').trim(),
    parameters: parametersOf(text, values),
    token: sha256Hex([source, day, gen, step].join(' ')),
  };
}

/** The same with its rows written below `location` (`s3://…/`, empty before) as Parquet. */
export function unloaded(query: Query, location: string): Query {
  return { ...query, text: `UNLOAD (\n${query.text}\n) TO '${location}' WITH (format = 'PARQUET', compression = 'ZSTD')` };
}

function parametersOf(text: string, values: Parameters): string[] {
  const names = PARAMETERS.exec(text)?.[1]?.split(', ');
  if (names === undefined) throw new StatementError(`no parameters are named: ${text.slice(0, 80)}`);
  return names.map((name) => {
    const value = values[name as keyof Parameters];
    if (value === undefined) throw new StatementError(`no parameter is called "${name}"; known are ${Object.keys(values).join(', ')}`);
    return `'${value.replaceAll("'", "''")}'`;
  });
}
