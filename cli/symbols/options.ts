/** The command line of `symbols`. */
import { MAX_SYMBOLS, parseSymbols } from '../../feed/symbols.ts';
import { parsedArguments } from '../shared/arguments.ts';
import { messageOf, UsageError } from '../shared/user-error.ts';

export const HELP = `Shows or changes what the feed hears, without a restart: the feed looks every ten seconds.

  npm run symbols                        what stands in for the configured symbols
  npm run symbols -- set SYMBOL...       hear exactly these from now on (1 to ${MAX_SYMBOLS}), like AAPL BINANCE:BTCUSDT
  npm run symbols -- reset               hear the configured ones again

Where to (default: the instance that npm start runs here)
  --url URL          a running instance, as its "ready" line names it
  --table NAME       a deployed one: its output FeedTableName; region and credentials as the AWS tools take them
  --help             this text

The stream gets a mark for each symbol that comes or goes: until when, or since when, it is not heard.
`;

export interface SymbolsOptions {
  readonly target:
    | { readonly kind: 'running' }
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'aws'; readonly table: string };
  /** What to write: a list, null for none; undefined only shows. */
  readonly symbols: readonly string[] | null | undefined;
}

const OPTIONS = {
  url: { type: 'string' },
  table: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;
const TABLE = /^[A-Za-z0-9_.-]{3,255}$/;

/** Reads the arguments; 'help' when they ask for it. Throws UsageError, naming option, value and what is allowed. */
export function parseOptions(args: readonly string[]): SymbolsOptions | 'help' {
  const { values, positionals } = parsedArguments({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (values.help) return 'help';
  return { target: targetOf(values.url, values.table), symbols: symbolsOf(positionals) };
}

function symbolsOf([command, ...names]: readonly string[]): SymbolsOptions['symbols'] {
  if (command === undefined) return undefined;
  if (command === 'reset' && names.length === 0) return null;
  if (command !== 'set') throw new UsageError(`cannot ${[command, ...names].join(' ')}: set SYMBOL... or reset`);
  try {
    return parseSymbols(names.join(' '));
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function targetOf(url: string | undefined, table: string | undefined): SymbolsOptions['target'] {
  if (table !== undefined) {
    if (url !== undefined) throw new UsageError('--url and --table exclude each other');
    if (!TABLE.test(table)) throw new UsageError(`--table ${table}: allowed is ${TABLE.source}`);
    return { kind: 'aws', table };
  }
  if (url === undefined) return { kind: 'running' };
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') throw new UsageError(`--url ${url}: allowed is an address like http://127.0.0.1:8080`);
  return { kind: 'url', url: new URL(url).origin };
}
