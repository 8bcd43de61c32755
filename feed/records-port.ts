/** What a stream writer needs of a stream. */

export interface PutRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** null = taken; else why this record was not, and it may be put again. */
export type PutResult = null | { readonly code: string; readonly message: string };

export interface RecordsPort {
  /**
   * Puts up to 500 records and 5 MiB. The answer has one result a record, in their order.
   * @throws PutRefusedError when trying again is of no use; any other error = nothing is known, try again
   */
  putRecords(records: readonly PutRecord[]): Promise<readonly PutResult[]>;
  /** Gives up its connections. */
  close(): void;
}

/** The stream refuses for good: it does not exist, access is denied, the request is wrong. */
export class PutRefusedError extends Error {
  override readonly name = 'PutRefusedError';
}
