import { SYMBOL } from '#domain/names.ts';

export interface FeedEnvironment {
  /** Name of the stream `trades`. */
  readonly stream: string;
  /** Name of the table with the lease. */
  readonly leaseTable: string;
  readonly url: string;
  /** Secret. */
  readonly token: string;
  readonly symbols: readonly string[];
}

/**
 * What the feed is told by its environment: TRADES_STREAM, LEASE_TABLE, FINNHUB_URL, FINNHUB_TOKEN, and SYMBOLS separated by commas.
 * @throws Error that names the variable which is missing or wrong; never with the value of a secret
 */
export function readFeedEnvironment(environment: Readonly<Record<string, string | undefined>>): FeedEnvironment {
  const required = (name: string): string => {
    const value = environment[name]?.trim();
    if (!value) throw new Error(`the environment variable ${name} is missing or empty`);
    return value;
  };
  const symbols = required('SYMBOLS')
    .split(',')
    .map((symbol) => symbol.trim())
    .filter((symbol) => symbol !== '');
  const wrong = symbols.find((symbol) => !SYMBOL.test(symbol));
  if (wrong !== undefined) throw new Error(`SYMBOLS has ${JSON.stringify(wrong)}, which does not match ${SYMBOL.source}`);
  if (symbols.length === 0) throw new Error('SYMBOLS names no symbol');
  return {
    stream: required('TRADES_STREAM'),
    leaseTable: required('LEASE_TABLE'),
    url: required('FINNHUB_URL'),
    token: required('FINNHUB_TOKEN'),
    symbols: [...new Set(symbols)],
  };
}
