/** DuckDB's errors in Athena's words. */
import { QueryFailure } from './query-failure.ts';

/** What DuckDB tells of an error when it tells it as JSON. */
interface DuckDbError {
  readonly exception_type: string;
  readonly exception_message: string;
  readonly error_subtype?: string;
  /** Byte offset in the text. */
  readonly position?: string;
  readonly name?: string;
  readonly type?: string;
}

/** @param placeOf `line 1:8` of an offset in the text that was run, as the person wrote it */
export function queryFailure(error: unknown, placeOf: (byteOffset: number) => string): QueryFailure {
  if (error instanceof QueryFailure) return error;
  const told = toldBy(error);
  if (told === undefined) return new QueryFailure('GENERIC_INTERNAL_ERROR', error instanceof Error ? error.message : String(error));
  const at = told.position === undefined ? '' : `${placeOf(Number(told.position))}: `;
  const [category, message] = translated(told);
  return new QueryFailure(category, at + message);
}

function toldBy(error: unknown): DuckDbError | undefined {
  const text = error instanceof Error ? error.message : '';
  const start = text.indexOf('{"exception_type"');
  if (start < 0) return undefined;
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}

function translated({
  exception_type: type,
  exception_message: message,
  error_subtype: subtype,
  name,
  ...error
}: DuckDbError): [string, string] {
  const first = message.split('\n')[0] as string;
  const column = /^(?:Table|Values list) "(.*)" does not have a column named "(.*)"/.exec(first);
  if (column) return ['COLUMN_NOT_FOUND', `Column '${column[1]}.${column[2]}' cannot be resolved`];
  if (subtype === 'COLUMN_NOT_FOUND') return ['COLUMN_NOT_FOUND', `Column '${name}' cannot be resolved`];
  const alias = /^Referenced table "(.*)" not found/.exec(first);
  if (alias) return ['COLUMN_NOT_FOUND', `Column '${alias[1]}' cannot be resolved`];
  const ambiguous = /^Ambiguous reference to column name "(.*?)"/.exec(first);
  if (ambiguous) return ['AMBIGUOUS_NAME', `Column '${ambiguous[1]}' is ambiguous`];
  const ungrouped = /^column "?(.*?)"? must appear in the GROUP BY clause/.exec(first);
  if (ungrouped) return ['EXPRESSION_NOT_AGGREGATE', `'${ungrouped[1]}' must be an aggregate expression or appear in GROUP BY clause`];
  if (error.type?.endsWith('Function')) return ['FUNCTION_NOT_FOUND', `Function '${name}' not registered`];
  if (subtype === 'NO_MATCHING_FUNCTION')
    return ['FUNCTION_NOT_FOUND', `Unexpected parameters for function ${name}: ${first.split("'")[1]}`];
  switch (type) {
    case 'Parser':
      return ['SYNTAX_ERROR', parserMessage(first)];
    case 'Conversion':
      return /^Unimplemented type for cast/.test(first) ? ['TYPE_MISMATCH', first] : ['INVALID_CAST_ARGUMENT', first];
    case 'Out of Range':
      return ['NUMERIC_VALUE_OUT_OF_RANGE', first];
    case 'Out of Memory':
      return ['EXCEEDED_LOCAL_MEMORY_LIMIT', `Query exhausted resources at this scale factor (${first})`];
    case 'IO':
      return ['HIVE_CANNOT_OPEN_SPLIT', first];
    case 'Invalid Input':
      return /malformed json|parquet/i.test(first) ? ['HIVE_BAD_DATA', first] : ['INVALID_FUNCTION_ARGUMENT', first];
    case 'Binder':
      return ['SYNTAX_ERROR', first];
    default:
      return ['GENERIC_INTERNAL_ERROR', `${type}: ${first}`];
  }
}

/** `syntax error at or near "x"` as Trino says it. */
export function parserMessage(message: string): string {
  const near = /at or near "([\s\S]*)"$/.exec(message);
  if (near) return `mismatched input '${near[1]}'`;
  return message === 'syntax error at end of input' ? `mismatched input '<EOF>'` : message;
}
