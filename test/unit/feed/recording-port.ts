/** A stream that keeps what it takes and fails as told. */
import type { PutRecord, PutResult, RecordsPort } from '../../../feed/records-port.ts';

/** What happens to one request: an error it fails with, or the keys it refuses. */
export type Answer = Error | readonly string[];

export class RecordingPort implements RecordsPort {
  readonly requests: (readonly PutRecord[])[] = [];
  readonly taken: PutRecord[] = [];
  /** For the next requests, in order; then everything is taken. */
  readonly answers: Answer[] = [];
  /** A request waits for it before it is answered. */
  gate: Promise<void> = Promise.resolve();

  async putRecords(records: readonly PutRecord[]): Promise<PutResult[]> {
    this.requests.push(records);
    await this.gate;
    const answer = this.answers.shift() ?? [];
    if (answer instanceof Error) throw answer;
    return records.map((record) => {
      if (answer.includes(record.partitionKey)) return { code: 'ProvisionedThroughputExceededException', message: 'slow down' };
      this.taken.push(record);
      return null;
    });
  }

  close(): void {}

  /** What was taken of a key, as text. */
  textsOf(partitionKey: string): string[] {
    return this.taken.filter((record) => record.partitionKey === partitionKey).map(({ data }) => new TextDecoder().decode(data));
  }
}

export function record(partitionKey: string, text: string | number): PutRecord {
  return { partitionKey, data: Buffer.from(String(text)) };
}
