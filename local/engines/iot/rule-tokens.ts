/** The words of IoT SQL. */

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'symbol' | 'end';
  /** Of a text: without its quotes. */
  readonly text: string;
  /** Counted from 1. */
  readonly at: number;
}

const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|'((?:[^']|'')*)'|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(<>|<=|>=|!=|\|\||[=<>(),.*[\]+\-/%]))/y;

/** A statement that the local runtime does not run: says what, where and in which statement. */
export class RuleSqlError extends Error {
  override readonly name = 'RuleSqlError';

  constructor(what: string, at: number, sql: string) {
    super(`IoT SQL: ${what}, at position ${at} of: ${sql}`);
  }
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  const end = sql.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const at = from + /^\s*/.exec(sql.slice(from))![0].length + 1;
    const match = TOKEN.exec(sql);
    if (!match)
      throw new RuleSqlError(`${sql[at - 1] === "'" ? 'a text without its closing quote' : `the character ${sql[at - 1]}`}`, at, sql);
    const [, word, text, number, symbol] = match;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replaceAll("''", "'"), at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else tokens.push({ kind: 'symbol', text: symbol!, at });
  }
  tokens.push({ kind: 'end', text: '', at: end + 1 });
  return tokens;
}

/** Reads a statement from left to right. */
export class Reader {
  readonly sql: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  /** @throws RuleSqlError at the first character that begins no token */
  constructor(sql: string) {
    this.sql = sql;
    this.#tokens = tokensOf(sql);
  }

  /** The token to be taken next; the last one is `end`. */
  peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }

  /** Whether the next token is this keyword (in capital letters here, in any case there) or symbol. */
  sees(text: string): boolean {
    const { kind, text: found } = this.peek();
    return (kind === 'word' && found.toUpperCase() === text) || (kind === 'symbol' && found === text);
  }

  takeIf(text: string): boolean {
    const seen = this.sees(text);
    if (seen) this.#next++;
    return seen;
  }

  expect(text: string): void {
    if (!this.takeIf(text)) throw this.error(`expected ${text}, found ${this.found()}`);
  }

  /** How messages call the next token. */
  found(): string {
    const { kind, text } = this.peek();
    return kind === 'end' ? 'the end' : kind === 'text' ? `'${text}'` : text;
  }

  error(what: string, at = this.peek().at): RuleSqlError {
    return new RuleSqlError(what, at, this.sql);
  }
}
