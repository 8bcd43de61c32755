/**
 * The words of a SQL text as Trino reads them. What Trino does not know is an error here, so that nothing is read by one rule and
 * run by another: DuckDB's dollar quotes, escapes, `::` and nested comments never reach it.
 */

export type TokenKind = 'word' | 'quoted' | 'backquoted' | 'string' | 'number' | 'parameter' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  /** As it is written, quotes included. */
  readonly text: string;
  /** Without quotes, doubled ones undone; a word in lower case. */
  readonly value: string;
  /** Of its first character, in the text. */
  readonly start: number;
  readonly end: number;
}

/** A text that is no SQL. */
export class SqlTextError extends Error {
  /** Of the first character that is wrong. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const BLANK = /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y;
const TOKEN =
  /(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<quoted>"(?:[^"]|"")*")|(?<backquoted>`(?:[^`]|``)*`)|(?<string>'(?:[^']|'')*')|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<parameter>\?)|(?<symbol><>|!=|<=|>=|\|\||->|=>|[()[\],.;+\-*/%=<>])/y;

/** Throws SqlTextError where it is not understood. Blanks and comments are left out. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    BLANK.lastIndex = at;
    if (BLANK.test(sql)) {
      at = BLANK.lastIndex;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = sql.startsWith('/*', at) ? null : TOKEN.exec(sql);
    const [kind, text] = Object.entries(match?.groups ?? {}).find(([, found]) => found !== undefined) ?? [];
    if (text === undefined) throw new SqlTextError(unreadable(sql, at), at);
    tokens.push({ kind: kind as TokenKind, text, value: meaningOf(kind as TokenKind, text), start: at, end: at + text.length });
    at += text.length;
  }
  return tokens;
}

function unreadable(sql: string, at: number): string {
  const character = String.fromCodePoint(sql.codePointAt(at) as number);
  if (`'"\``.includes(character)) return `unclosed ${character}`;
  return sql.startsWith('/*', at) ? 'unclosed comment' : `mismatched input '${character}'`;
}

function meaningOf(kind: TokenKind, text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind !== 'quoted' && kind !== 'backquoted' && kind !== 'string') return text;
  const quote = text[0] as string;
  return text.slice(1, -1).replaceAll(quote + quote, quote);
}

export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.value === word;
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}

/** A literal's text for a value. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** An identifier's text for a name. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `line 1:8` of an offset, as Trino counts: both from 1. */
export function placeOf(sql: string, offset: number): string {
  const before = sql.slice(0, offset);
  return `line ${before.split('\n').length}:${offset - before.lastIndexOf('\n')}`;
}
