/** Executions and their histories: in memory, or in a folder as one small file and one list of events each. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryEvent } from './history.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';

export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly status: ExecutionStatus;
  /** ms since the epoch. */
  readonly startMs: number;
  readonly stopMs?: number;
  /** JSON. */
  readonly input: string;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** The newest of them are kept; names that were dropped may be used again, as in AWS after 90 days. */
const MOST_KEPT = 1_000;
const RECORD = '.json';
const HISTORY = '.history.jsonl';

export class ExecutionStore {
  readonly #folder: string | null;
  readonly #onFailure: (error: Error) => void;
  /** In the order of their start. */
  readonly #records = new Map<string, ExecutionRecord>();
  /** All in memory; with a folder those that run. */
  readonly #histories = new Map<string, HistoryEvent[]>();

  /** @param onFailure hears of what could not be written. Throws, naming the file, when the folder holds one that is no execution. */
  constructor(folder: string | null, onFailure: (error: Error) => void) {
    this.#folder = folder;
    this.#onFailure = onFailure;
    if (folder === null) return;
    mkdirSync(folder, { recursive: true });
    const files = readdirSync(folder).filter((file) => file.endsWith(RECORD));
    const records = files.map((file) => readRecord(join(folder, file)));
    for (const record of records.sort((a, b) => a.startMs - b.startMs)) this.#records.set(record.arn, record);
    for (const { arn, status } of records) if (status === 'RUNNING') this.#mendHistory(arn);
  }

  get(arn: string): ExecutionRecord | undefined {
    return this.#records.get(arn);
  }

  /** The newest first. */
  all(): ExecutionRecord[] {
    return [...this.#records.values()].reverse();
  }

  /** Adds or replaces. With a folder it would survive the process from now on. */
  put(record: ExecutionRecord): void {
    this.#records.set(record.arn, record);
    this.#write(record.arn, RECORD, (file) => {
      writeFileSync(`${file}.new`, JSON.stringify(record));
      renameSync(`${file}.new`, file);
    });
    if (record.status !== 'RUNNING' && this.#folder !== null) this.#histories.delete(record.arn);
    this.#dropOldest();
  }

  append(arn: string, event: HistoryEvent): void {
    const events = this.#histories.get(arn) ?? [];
    events.push(event);
    this.#histories.set(arn, events);
    this.#write(arn, HISTORY, (file) => appendFileSync(file, `${JSON.stringify(event)}\n`));
  }

  /** In the order of their ids. */
  history(arn: string): readonly HistoryEvent[] {
    const kept = this.#histories.get(arn);
    if (kept || this.#folder === null) return kept ?? [];
    const file = this.#file(arn, HISTORY);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    // Behind the last line end is nothing, or what a crash left of an event.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as HistoryEvent);
  }

  /** Takes away what a crash left of an event, so that more can follow. */
  #mendHistory(arn: string): void {
    const events = [...this.history(arn)];
    this.#histories.set(arn, events);
    this.#write(arn, HISTORY, (file) => writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join('')));
  }

  #dropOldest(): void {
    if (this.#records.size <= MOST_KEPT) return;
    const oldest = [...this.#records.values()].find(({ status }) => status !== 'RUNNING');
    if (!oldest) return;
    this.#records.delete(oldest.arn);
    this.#histories.delete(oldest.arn);
    for (const ending of [RECORD, HISTORY]) this.#write(oldest.arn, ending, (file) => rmSync(file, { force: true }));
  }

  #file(arn: string, ending: string): string {
    return join(this.#folder!, `${createHash('sha256').update(arn).digest('hex').slice(0, 32)}${ending}`);
  }

  #write(arn: string, ending: string, write: (file: string) => void): void {
    if (this.#folder === null) return;
    try {
      write(this.#file(arn, ending));
    } catch (error) {
      this.#onFailure(new Error(`execution ${arn} could not be kept: ${(error as Error).message}`, { cause: error }));
    }
  }
}

function readRecord(file: string): ExecutionRecord {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: no execution of a state machine (${String(error)}); remove it to forget it`, { cause: error });
  }
}
