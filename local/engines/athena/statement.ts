/** What a query text is, by its first words. What this Athena does not run is refused by its name. */
import { AwsError } from '../aws-error.ts';
import { isSymbol, isWord, type Token } from '../sql-tokens.ts';
import { QueryFailure } from './query-failure.ts';
import { readSql, render, type SqlText, syntaxError } from './sql-text.ts';

/** `kind` and, for those with `text`, the statement that asks for rows. */
export type Statement =
  | { readonly kind: 'select'; readonly text: SqlText }
  | { readonly kind: 'explain'; readonly text: SqlText }
  | { readonly kind: 'unload'; readonly text: SqlText; readonly location: string; readonly compression: string }
  | { readonly kind: 'execute'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'databases' }
  | { readonly kind: 'tables' | 'views'; readonly database: string | undefined; readonly pattern: string | undefined }
  | { readonly kind: 'columns' | 'partitions' | 'describe'; readonly database: string | undefined; readonly table: string };

const QUERY_WORDS = ['select', 'with', 'values', 'table'];
const COMPRESSIONS = ['gzip', 'snappy', 'zstd', 'none'];
const KNOWN = 'SELECT, UNLOAD, EXECUTE, SHOW, DESCRIBE and EXPLAIN';

/**
 * Reads one statement; a semicolon at its end is left out.
 * @throws AwsError InvalidRequestException for statements of other kinds; QueryFailure SYNTAX_ERROR for one of these kinds that is not well formed
 */
export function readStatement(sql: string): Statement {
  const { tokens: all } = readSql(sql);
  const tokens = isSymbol(all.at(-1), ';') ? all.slice(0, -1) : all;
  const [first] = tokens;
  if (first === undefined) throw new AwsError('InvalidRequestException', 'The query is empty');
  const firstWord = tokens.find(({ kind }) => kind === 'word');
  const more = tokens.find((token) => isSymbol(token, ';'));
  if (more) throw new AwsError('InvalidRequestException', 'Only one sql statement is allowed. Got: several, separated by ;');
  const text = { sql, tokens };
  if (QUERY_WORDS.includes(first.value) && first.kind === 'word') return { kind: 'select', text };
  if (isSymbol(first, '(') && QUERY_WORDS.includes(firstWord?.value ?? '')) return { kind: 'select', text };
  const reader = new Reader(text);
  switch (first.kind === 'word' ? first.value : '') {
    case 'explain':
      if (isWord(tokens[1], 'analyze') || isSymbol(tokens[1], '(')) break;
      return { kind: 'explain', text: { sql, tokens: tokens.slice(1) } };
    case 'unload':
      return unload(reader);
    case 'execute':
      return execute(reader);
    case 'show':
      return show(reader);
    case 'desc':
    case 'describe':
      reader.word(first.value);
      return reader.ended({ kind: 'describe', ...reader.tableName() });
  }
  throw unsupported(tokens);
}

function unsupported(tokens: readonly Token[]): AwsError {
  const words = tokens
    .slice(0, 2)
    .filter(({ kind }) => kind === 'word')
    .map(({ text }) => text.toUpperCase());
  return new AwsError(
    'InvalidRequestException',
    `Queries of this type are not supported: ${words.join(' ') || tokens[0]?.text} (the local Athena runs ${KNOWN}; tables and views come from the template)`,
  );
}

function unload(reader: Reader): Statement {
  reader.word('unload');
  const query = reader.parenthesized();
  reader.word('to');
  const location = reader.string();
  reader.word('with');
  const options = new Map<string, string>();
  reader.symbol('(');
  do {
    const name = reader.name();
    reader.symbol('=');
    options.set(name, reader.optionText());
  } while (reader.optionalSymbol(','));
  reader.symbol(')');
  for (const name of options.keys()) {
    if (name !== 'format' && name !== 'compression')
      throw new QueryFailure('NOT_SUPPORTED', `the local Athena knows no UNLOAD option ${name}`);
  }
  const format = options.get('format')?.toLowerCase();
  if (format !== 'parquet')
    throw new QueryFailure('NOT_SUPPORTED', `the local Athena unloads PARQUET only, not ${format ?? 'without format'}`);
  const compression = options.get('compression')?.toLowerCase() ?? 'gzip';
  if (!COMPRESSIONS.includes(compression)) throw new QueryFailure('INVALID_TABLE_PROPERTY', `Unsupported compression ${compression}`);
  return reader.ended({ kind: 'unload', text: query, location, compression });
}

function execute(reader: Reader): Statement {
  reader.word('execute');
  const name = reader.name();
  return { kind: 'execute', name, values: reader.optionalWord('using') ? reader.restAtCommas() : reader.ended([]) };
}

function show(reader: Reader): Statement {
  reader.word('show');
  const what = reader.name();
  const inDatabase = (): string | undefined => (reader.optionalWord('in') || reader.optionalWord('from') ? reader.name() : undefined);
  const pattern = (): string | undefined => {
    reader.optionalWord('like');
    return reader.optionalString();
  };
  switch (what) {
    case 'databases':
    case 'schemas':
      return reader.ended({ kind: 'databases' });
    case 'tables':
    case 'views':
      return reader.ended({ kind: what, database: inDatabase(), pattern: pattern() });
    case 'columns': {
      if (!reader.optionalWord('in')) reader.word('from');
      return reader.ended({ kind: 'columns', ...reader.tableName() });
    }
    case 'partitions':
      return reader.ended({ kind: 'partitions', ...reader.tableName() });
  }
  throw unsupported(reader.text.tokens);
}

/** Takes tokens one by one. */
class Reader {
  readonly text: SqlText;
  #at = 0;

  constructor(text: SqlText) {
    this.text = text;
  }

  #next(is: boolean): Token {
    const token = this.text.tokens[this.#at];
    if (token === undefined || !is) {
      const { sql } = this.text;
      throw syntaxError(sql, token?.start ?? sql.length, `mismatched input '${token?.text ?? '<EOF>'}'`);
    }
    this.#at += 1;
    return token;
  }

  get #token(): Token | undefined {
    return this.text.tokens[this.#at];
  }

  word(word: string): void {
    this.#next(isWord(this.#token, word));
  }

  optionalWord(word: string): boolean {
    const is = isWord(this.#token, word);
    if (is) this.#at += 1;
    return is;
  }

  symbol(symbol: string): void {
    this.#next(isSymbol(this.#token, symbol));
  }

  optionalSymbol(symbol: string): boolean {
    const is = isSymbol(this.#token, symbol);
    if (is) this.#at += 1;
    return is;
  }

  name(): string {
    return this.#next(['word', 'quoted', 'backquoted'].includes(this.#token?.kind ?? '')).value.toLowerCase();
  }

  tableName(): { readonly database: string | undefined; readonly table: string } {
    const names = [this.name()];
    while (this.optionalSymbol('.')) names.push(this.name());
    return { database: names.at(-2), table: names.at(-1) as string };
  }

  string(): string {
    return this.#next(this.#token?.kind === 'string').value;
  }

  optionalString(): string | undefined {
    return this.#token?.kind === 'string' ? this.string() : undefined;
  }

  /** The value of an option; of a list only that it is one. */
  optionText(): string {
    if (!this.optionalWord('array')) return this.#next(this.#token?.kind === 'string' || this.#token?.kind === 'number').value;
    while (!this.optionalSymbol(']')) this.#next(true);
    return 'array';
  }

  /** What stands between here and the parenthesis that closes the one here. */
  parenthesized(): SqlText {
    this.symbol('(');
    const from = this.#at;
    for (let depth = 1; depth > 0; ) {
      const token = this.#next(true);
      depth += isSymbol(token, '(') ? 1 : isSymbol(token, ')') ? -1 : 0;
    }
    return { sql: this.text.sql, tokens: this.text.tokens.slice(from, this.#at - 1) };
  }

  /** The texts of all that follows, cut at the commas outside of parentheses. */
  restAtCommas(): string[] {
    const values: Token[][] = [[]];
    for (let depth = 0; this.#at < this.text.tokens.length; ) {
      const token = this.#next(true);
      depth += isSymbol(token, '(') ? 1 : isSymbol(token, ')') ? -1 : 0;
      if (depth === 0 && isSymbol(token, ',')) values.push([]);
      else values.at(-1)?.push(token);
    }
    return values.map((tokens) => render({ sql: this.text.sql, tokens }).trim());
  }

  /** `result`, once nothing follows. */
  ended<Result>(result: Result): Result {
    const token = this.#token;
    if (token !== undefined) throw syntaxError(this.text.sql, token.start, `mismatched input '${token.text}'`);
    return result;
  }
}
