/** The filter of GetPartitions: comparisons of partition keys with literals, joined by and, or, not and parentheses. */
import { AwsError } from '../aws-error.ts';
import { isSymbol, isWord, SqlTextError, type Token, tokensOf } from '../sql-tokens.ts';
import type { GlueColumn } from './catalog.ts';

export type PartitionFilter = (values: readonly string[]) => boolean;

const COMPARISONS: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['=', (order) => order === 0],
  ['<>', (order) => order !== 0],
  ['!=', (order) => order !== 0],
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
]);
const NUMERIC = /^(tinyint|smallint|int|integer|bigint|float|double|decimal)\b/i;

/** @throws AwsError InvalidInputException for what is no such filter, or names what is no partition key */
export function partitionFilter(expression: string, keys: readonly GlueColumn[]): PartitionFilter {
  let tokens: Token[];
  try {
    tokens = tokensOf(expression);
  } catch (error) {
    if (error instanceof SqlTextError) throw unsupported(expression);
    throw error;
  }
  let at = 0;
  const takes = (is: boolean): boolean => {
    if (is) at += 1;
    return is;
  };
  const expect = (is: boolean): void => {
    if (!takes(is)) throw unsupported(expression);
  };

  const disjunction = (): PartitionFilter => {
    const parts = [conjunction()];
    while (takes(isWord(tokens[at], 'or'))) parts.push(conjunction());
    return (values) => parts.some((part) => part(values));
  };
  const conjunction = (): PartitionFilter => {
    const parts = [condition()];
    while (takes(isWord(tokens[at], 'and'))) parts.push(condition());
    return (values) => parts.every((part) => part(values));
  };
  const condition = (): PartitionFilter => {
    if (takes(isWord(tokens[at], 'not'))) {
      const negated = condition();
      return (values) => !negated(values);
    }
    if (takes(isSymbol(tokens[at], '('))) {
      const inner = disjunction();
      expect(isSymbol(tokens[at], ')'));
      return inner;
    }
    return comparison();
  };
  const comparison = (): PartitionFilter => {
    const name = tokens[at]?.value.toLowerCase();
    const index = keys.findIndex((key) => key.Name.toLowerCase() === name);
    expect(index >= 0);
    const isNumeric = NUMERIC.test(keys[index]?.Type ?? '');
    const order = (value: string | undefined, literal: string): number =>
      isNumeric ? Number(value) - Number(literal) : value === literal ? 0 : (value ?? '') < literal ? -1 : 1;
    const isNegated = takes(isWord(tokens[at], 'not'));
    if (takes(isWord(tokens[at], 'in'))) {
      expect(isSymbol(tokens[at], '('));
      const among = [literal()];
      while (takes(isSymbol(tokens[at], ','))) among.push(literal());
      expect(isSymbol(tokens[at], ')'));
      return (values) => among.some((one) => order(values[index], one) === 0) !== isNegated;
    }
    if (takes(isWord(tokens[at], 'between'))) {
      const low = literal();
      expect(isWord(tokens[at], 'and'));
      const high = literal();
      return (values) => (order(values[index], low) >= 0 && order(values[index], high) <= 0) !== isNegated;
    }
    const holds = COMPARISONS.get(tokens[at]?.text ?? '');
    if (holds === undefined || isNegated) throw unsupported(expression);
    at += 1;
    const wanted = literal();
    return (values) => holds(order(values[index], wanted));
  };
  const literal = (): string => {
    const token = tokens[at];
    const sign = isSymbol(token, '-') ? '-' : '';
    if (sign) at += 1;
    const value = tokens[at];
    expect(value?.kind === 'number' || (value?.kind === 'string' && sign === ''));
    return sign + (value as Token).value;
  };

  const filter = disjunction();
  if (at < tokens.length) throw unsupported(expression);
  return filter;
}

function unsupported(expression: string): AwsError {
  return new AwsError('InvalidInputException', `Unsupported expression '${expression.slice(0, 200)}'`);
}
