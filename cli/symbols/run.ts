/** Reads or writes the item that says what the feed hears. */
import { dynamoSymbolStore, type SymbolStore } from '../../feed/symbol-store.ts';
import { openInstance } from '../shared/instance.ts';
import { messageOf, UserError } from '../shared/user-error.ts';
import type { SymbolsOptions } from './options.ts';

const HOW = 'start one with npm start, name one with --url, or a deployed one with --table';
/** What the runtime calls the table of the lease. */
const LOCAL_TABLE = 'lease';
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** What a person reads of it. Throws UserError when no instance answers, or the table does not. */
export async function runSymbols({ target, symbols }: SymbolsOptions): Promise<string> {
  const store = await storeOf(target);
  try {
    if (symbols !== undefined) await store.write(symbols === null ? null : symbols.join(' '));
    const text = await store.read();
    return text === null ? 'the feed hears the configured symbols' : `the feed hears ${text}`;
  } catch (error) {
    throw new UserError(`the table does not answer as it should: ${messageOf(error)}`, { cause: error });
  } finally {
    store.close();
  }
}

async function storeOf(target: SymbolsOptions['target']): Promise<SymbolStore> {
  if (target.kind === 'aws') return dynamoSymbolStore(target.table);
  const { endpoints } = await openInstance(target, () => undefined, new AbortController().signal, HOW);
  return dynamoSymbolStore(LOCAL_TABLE, { endpoint: endpoints.dynamodb, region: endpoints.region, credentials: LOCAL_CREDENTIALS });
}
