/** Asks one query and writes the answer. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '#adapters/clock.ts';
import { messageOf, UserError } from '../shared/user-error.ts';
import { ask, findPlace, openAthena } from './athena.ts';
import { footerOf, textOf } from './format.ts';
import type { SqlOptions } from './options.ts';

export interface SqlOutput {
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
  /** Shows a line beside what is written. */
  note(line: string): void;
}

/** Throws UserError when no instance answers or the query fails; an aborted signal stops the query. */
export async function runSql(
  { query, format, target, ...place }: SqlOptions,
  output: SqlOutput,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const text = 'text' in query ? query.text : await textOfFile(query.file);
  const client = await openAthena(target, signal);
  try {
    const answer = await ask(client, text, await findPlace(client, place), clock, signal);
    const parts = textOf(answer, format);
    for (;;) {
      const { done, value } = await parts.next();
      if (done) {
        output.note(footerOf(answer, value));
        return;
      }
      await output.write(value);
    }
  } finally {
    client.destroy();
  }
}

async function textOfFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
