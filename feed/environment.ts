import { parseSymbols } from './symbols.ts';

export interface FeedEnvironment {
  /** Name of the stream `trades`. */
  readonly stream: string;
  /** Name of the table with the lease, and with the symbols that stand in for the configured ones. */
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
  return {
    stream: required('TRADES_STREAM'),
    leaseTable: required('LEASE_TABLE'),
    url: required('FINNHUB_URL'),
    token: required('FINNHUB_TOKEN'),
    symbols: symbolsOf(required('SYMBOLS')),
  };
}

function symbolsOf(text: string): string[] {
  try {
    return parseSymbols(text);
  } catch (error) {
    throw new Error(`SYMBOLS: ${(error as Error).message}`, { cause: error });
  }
}
