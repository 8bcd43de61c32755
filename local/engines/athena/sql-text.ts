/** SQL texts with parts of them blanked or replaced: what stays keeps its line and column, so that errors name the places of the original. */
import { placeOf, SqlTextError, type Token, tokensOf } from '../sql-tokens.ts';
import { QueryFailure } from './query-failure.ts';

export interface SqlText {
  readonly sql: string;
  readonly tokens: readonly Token[];
}

/** @throws QueryFailure SYNTAX_ERROR */
export function readSql(sql: string): SqlText {
  try {
    return { sql, tokens: tokensOf(sql) };
  } catch (error) {
    if (error instanceof SqlTextError) throw syntaxError(sql, error.offset, error.message);
    throw error;
  }
}

export function syntaxError(sql: string, offset: number, message: string): QueryFailure {
  return new QueryFailure('SYNTAX_ERROR', `${placeOf(sql, offset)}: ${message}`);
}

const TOUCHES: readonly string[] = ['word', 'quoted', 'string', 'number'];

/**
 * The text of `tokens` (some of the text's, in order) with blanks where anything else was. A token that `replaced` knows becomes its replacement.
 * Words never touch the quotes of a string: to some engines that is another kind of string.
 */
export function render({ sql, tokens }: SqlText, replaced: (token: Token) => string | undefined = () => undefined): string {
  let text = '';
  let end = 0;
  let last: Token | undefined;
  for (const token of tokens) {
    const gap = sql.slice(end, token.start).replace(/[^\n]/g, ' ');
    const needsBlank = gap === '' && last !== undefined && TOUCHES.includes(last.kind) && [...TOUCHES, 'parameter'].includes(token.kind);
    text += gap + (needsBlank ? ' ' : '') + (replaced(token) ?? token.text);
    end = token.end;
    last = token;
  }
  return text;
}
