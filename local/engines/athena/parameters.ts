/** The `?` of a statement: where they may stand, and the literals that take their places. */
import { isSymbol, isWord, placeOf, type Token } from '../sql-tokens.ts';
import { QueryFailure } from './query-failure.ts';
import { readSql, render, type SqlText } from './sql-text.ts';

/** Words that begin a clause; which one governs a `?` is asked of the parentheses around it, from the inside out. */
const CLAUSES = new Set([
  ...['select', 'from', 'where', 'group', 'having', 'window', 'order', 'limit', 'offset', 'fetch', 'on', 'using'],
  ...['values', 'with', 'union', 'intersect', 'except', 'join'],
]);

/**
 * The text with each `?` replaced by its literal, in order.
 * @throws QueryFailure SYNTAX_ERROR for a `?` outside of WHERE, where Athena takes none, and for a value that is no literal; INVALID_PARAMETER_USAGE for another number of values
 */
export function withParameters(text: SqlText, values: readonly string[]): string {
  const places = text.tokens.filter(({ kind }) => kind === 'parameter');
  if (places.length !== values.length) {
    throw new QueryFailure(
      'INVALID_PARAMETER_USAGE',
      `line 1:1: Incorrect number of parameters: expected ${places.length} but found ${values.length}`,
    );
  }
  checkPlaces(text);
  const literals = new Map(places.map((place, index) => [place, literalOf(values[index] as string, index)]));
  return render(text, (token) => literals.get(token));
}

function checkPlaces({ sql, tokens }: SqlText): void {
  const clauses: (string | undefined)[] = [undefined];
  for (const [index, token] of tokens.entries()) {
    if (isSymbol(token, '(')) clauses.push(undefined);
    else if (isSymbol(token, ')')) clauses.pop();
    else if (token.kind === 'word' && CLAUSES.has(token.value) && !isPartOfComparison(tokens, index))
      clauses[clauses.length - 1] = token.value;
    else if (token.kind === 'parameter' && clauses.findLast((clause) => clause !== undefined) !== 'where') {
      throw new QueryFailure('SYNTAX_ERROR', `${placeOf(sql, token.start)}: parameters can be placed only in the WHERE clause`);
    }
  }
}

/** `is distinct from` begins no clause. */
function isPartOfComparison(tokens: readonly Token[], index: number): boolean {
  return isWord(tokens[index], 'from') && isWord(tokens[index - 1], 'distinct');
}

/** What may stand for a `?`: a number, a string, `null`, `true`, `date '…'`, `cast('…' as date)`: no names of columns, no queries. */
function literalOf(value: string, index: number): string {
  const notLiteral = (): QueryFailure =>
    new QueryFailure(
      'SYNTAX_ERROR',
      `line 1:1: parameter ${index + 1} is no literal: ${value.slice(0, 100)} (texts carry their own quotes)`,
    );
  let text: SqlText;
  try {
    text = readSql(value);
  } catch {
    throw notLiteral();
  }
  const words = text.tokens.map(({ kind, value: word }) => (kind === 'word' || kind === 'symbol' ? word : kind)).join(' ');
  if (!LITERAL.test(words)) throw notLiteral();
  return text.tokens.length === 1 ? render(text).trim() : `(${render(text).trim()})`;
}

const PLAIN = '(?:[-+] )?number|string|true|false|null|(?:date|timestamp|time) string';
const TYPE = '[a-z]+(?: \\( number(?: , number)? \\))?';
const LITERAL = new RegExp(`^(?:${PLAIN}|(?:cast|try_cast) \\( (?:${PLAIN}) as ${TYPE} \\))$`);
