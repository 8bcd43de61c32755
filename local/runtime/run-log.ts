/** The log of a running instance: everything to a file of the data folder, errors also to the person, each once and short. */
import { createWriteStream, existsSync, renameSync, statSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Clock } from '#adapters/clock.ts';

export interface RunLog {
  /** One line of a part of the runtime (a function, the feed …). */
  line(part: string, text: string): void;
  /** Something that went wrong: into the file, and the first time this part says it, to the person. */
  error(part: string, text: string): void;
  close(): Promise<void>;
}

/** A log of this size is put aside as `<file>.1`, in place of the one before: both together are bounded. In bytes. */
const ROTATE_BYTES = 16 * 1024 * 1024;
const SHORT_CHARACTERS = 200;
const MOST_DIFFERENT_ERRORS = 100;

/** What distinguishes an error from a repetition: its text without numbers. */
function fingerprint(part: string, text: string): string {
  return `${part}: ${text.replace(/\d+/g, '#').slice(0, SHORT_CHARACTERS)}`;
}

/** Opens the log at `file`; `tell` shows one line to the person. */
export function openRunLog(file: string, clock: Clock, tell: (line: string) => void): RunLog {
  let size = existsSync(file) ? statSync(file).size : 0;
  const open = () =>
    createWriteStream(file, { flags: 'a' }).on('error', (error) => tell(`the log ${file} cannot be written: ${error.message}`));
  let stream = open();
  const told = new Set<string>();
  const line = (part: string, text: string): void => {
    if (size > ROTATE_BYTES && existsSync(file)) {
      // What is still to be written goes into the open file, whatever its name is by then.
      stream.end();
      renameSync(file, `${file}.1`);
      stream = open();
      size = 0;
    }
    const written = `${new Date(clock.now()).toISOString()} ${part} ${text}\n`;
    size += written.length;
    stream.write(written);
  };
  return {
    line,
    error(part, text) {
      line(part, `ERROR ${text}`);
      const known = fingerprint(part, text);
      if (told.has(known) || told.size >= MOST_DIFFERENT_ERRORS) return;
      told.add(known);
      const short = text.split('\n')[0]!;
      tell(`${part}: ${short.length > SHORT_CHARACTERS ? `${short.slice(0, SHORT_CHARACTERS)} …` : short} (see ${file})`);
    },
    async close() {
      stream.end();
      await finished(stream).catch(() => undefined);
    },
  };
}
