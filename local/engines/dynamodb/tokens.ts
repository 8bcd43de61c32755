/** The words and signs of expressions and PartiQL statements. */
import type { AwsError } from '../aws-error.ts';
import { invalid } from './errors.ts';
import { isReserved } from './reserved-words.ts';

export interface Token {
  /** `name` is #name, `value` is :value, `quoted` is "…" and `string` '…' (both without their marks). */
  readonly kind: 'word' | 'name' | 'value' | 'quoted' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly start: number;
  readonly stop: number;
}

const TOKEN =
  /\s*(?:(?<word>[A-Za-z_]\w*)|(?<name>#\w+)|(?<value>:\w+)|"(?<quoted>(?:[^"]|"")*)"|'(?<string>(?:[^']|'')*)'|(?<sign><>|<=|>=|[-=<>()[\]{},.+*:?;]|\d+))/y;
const END = /\s*$/y;

/** Reads an expression token by token. What it refuses names `what` (e.g. ConditionExpression). */
export class TokenReader {
  readonly #text: string;
  readonly #what: string;
  readonly tokens: readonly Token[];
  #next = 0;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
    this.tokens = this.#split();
  }

  get token(): Token {
    return this.tokens[this.#next]!;
  }

  take(): Token {
    return this.tokens[this.#next++]!;
  }

  /** Whether the next token is this sign, or this word in any case of letters. */
  is(text: string): boolean {
    const { kind, text: found } = this.token;
    return (kind === 'sign' && found === text) || (kind === 'word' && found.toUpperCase() === text);
  }

  /** Whether the token after the next one is this sign. */
  isBefore(sign: string): boolean {
    return this.tokens[this.#next + 1]?.text === sign;
  }

  takeIf(text: string): boolean {
    const isNext = this.is(text);
    if (isNext) this.#next++;
    return isNext;
  }

  expect(text: string): void {
    if (!this.takeIf(text)) throw this.unexpected();
  }

  /** A top-level attribute: as it is written, or its placeholder. */
  attribute(): string {
    const { kind, text } = this.token;
    if (kind !== 'word' && kind !== 'name') throw this.unexpected();
    this.#next++;
    if (this.is('.') || this.is('['))
      throw this.refusal(`document paths (${text}${this.token.text}…) are not supported by the local DynamoDB`);
    if (kind === 'word' && isReserved(text)) throw this.refusal(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
    return text;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.token.kind !== 'end') throw this.unexpected();
  }

  unexpected(): AwsError {
    const { kind, start, stop } = this.token;
    const near = this.#text.slice(this.tokens[this.#next - 1]?.start ?? 0, this.tokens[this.#next + 1]?.stop ?? stop).trim();
    return this.refusal(`Syntax error; token: ${kind === 'end' ? '<EOF>' : `"${this.#text.slice(start, stop)}"`}, near: "${near}"`);
  }

  refusal(message: string): AwsError {
    return invalid(`Invalid ${this.#what}: ${message}`);
  }

  #split(): Token[] {
    const text = this.#text;
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    for (let stop = 0; ; ) {
      const match = TOKEN.exec(text);
      if (match === null) {
        END.lastIndex = stop;
        if (END.test(text)) return [...tokens, { kind: 'end', text: '', start: text.length, stop: text.length }];
        const rest = text.slice(stop).trim();
        throw this.refusal(`Syntax error; token: "${rest[0]}", near: "${text.slice(tokens.at(-1)?.start ?? 0, stop)}${rest.slice(0, 10)}"`);
      }
      const [kind, found] = Object.entries(match.groups!).find(([, content]) => content !== undefined)! as [Token['kind'], string];
      stop = TOKEN.lastIndex;
      tokens.push({ kind, text: undoubled(kind, found), start: stop - match[0].trimStart().length, stop });
    }
  }
}

/** Within marks, a mark is written twice. */
function undoubled(kind: Token['kind'], text: string): string {
  if (kind === 'quoted') return text.replaceAll('""', '"');
  return kind === 'string' ? text.replaceAll("''", "'") : text;
}
