/** The command line of `sql`. */

import { parsedArguments } from '../shared/arguments.ts';
import { UsageError } from '../shared/user-error.ts';

export const HELP = `Asks Athena: here the one that npm start runs, over the same tables and views as in AWS.

  npm run sql -- "select * from daily_trade_stats order by day, symbol"
  npm run sql -- --file query.sql

What comes out (default: a table)
  --csv              comma-separated values with a header; null is nothing, an empty text is ""
  --json             an array of objects, numbers as numbers

Where to (default: the instance that npm start runs here)
  --url URL          a running instance, as its "ready" line names it
  --aws              a deployed one; region and credentials as the AWS tools take them
  --workgroup NAME   which workgroup (default: the one of Tidemark)
  --database NAME    which database (default: the one of the workgroup's stage)
  --help             this text

SHOW TABLES names tables and views, DESCRIBE name their columns. Ctrl-C stops the query.
`;

export type Format = 'table' | 'csv' | 'json';

export interface SqlOptions {
  /** The query, or the file that holds it. */
  readonly query: { readonly text: string } | { readonly file: string };
  readonly format: Format;
  readonly target: { readonly kind: 'running' } | { readonly kind: 'url'; readonly url: string } | { readonly kind: 'aws' };
  readonly workgroup: string | undefined;
  readonly database: string | undefined;
}

const OPTIONS = {
  file: { type: 'string' },
  csv: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  url: { type: 'string' },
  aws: { type: 'boolean', default: false },
  workgroup: { type: 'string' },
  database: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;
/** Of workgroups and databases. */
const NAME = /^[A-Za-z0-9._-]{1,128}$/;

/** Reads the arguments; 'help' when they ask for it. Throws UsageError, naming option, value and what is allowed. */
export function parseOptions(args: readonly string[]): SqlOptions | 'help' {
  const { values, positionals } = parsedArguments({ args: [...args], options: OPTIONS, allowPositionals: true });
  if (values.help) return 'help';
  if (values.csv && values.json) throw new UsageError('--csv and --json exclude each other');
  return {
    query: queryOf(positionals, values.file),
    format: values.csv ? 'csv' : values.json ? 'json' : 'table',
    target: targetOf(values.url, values.aws),
    workgroup: nameOf('workgroup', values.workgroup),
    database: nameOf('database', values.database),
  };
}

function queryOf(texts: readonly string[], file: string | undefined): SqlOptions['query'] {
  if (file !== undefined) {
    if (texts.length > 0) throw new UsageError('a query and --file exclude each other');
    return { file };
  }
  const [text] = texts;
  if (text === undefined || text.trim() === '') throw new UsageError('give a query in quotes, or --file FILE');
  if (texts.length > 1) throw new UsageError(`the query must be one argument, in quotes: ${texts.length} were given`);
  return { text };
}

function targetOf(url: string | undefined, isAws: boolean): SqlOptions['target'] {
  if (isAws) {
    if (url !== undefined) throw new UsageError('--url and --aws exclude each other');
    return { kind: 'aws' };
  }
  if (url === undefined) return { kind: 'running' };
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') throw new UsageError(`--url ${url}: allowed is an address like http://127.0.0.1:8080`);
  return { kind: 'url', url: new URL(url).origin };
}

function nameOf(option: string, name: string | undefined): string | undefined {
  if (name !== undefined && !NAME.test(name)) throw new UsageError(`--${option} ${name}: allowed is ${NAME.source}`);
  return name;
}
