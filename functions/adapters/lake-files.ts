/** Files of the data bucket by prefix: reading a generation whole, writing small ones, removing what is no longer named. */
import { DeleteObjectsCommand, GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type ParquetRow, parquetRows } from './parquet-reader.ts';

/** Some objects could not be removed. */
export class DeleteObjectsError extends Error {
  override name = 'DeleteObjectsError';
}

export class LakeFiles {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /** The rows of every Parquet object below a prefix. */
  async rows(prefix: string): Promise<ParquetRow[]> {
    const rows: ParquetRow[] = [];
    for await (const keys of this.#keys(prefix)) {
      for (const key of keys) {
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
        for (const row of await parquetRows(await Body!.transformToByteArray())) rows.push(row);
      }
    }
    return rows;
  }

  /** The JSON Lines of an object. Throws when there is none. */
  async readLines<Line>(key: string): Promise<Line[]> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    const text = await Body!.transformToString();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  /** Writes an object of JSON Lines; the same key again replaces it. */
  async writeLines(key: string, lines: readonly unknown[]): Promise<void> {
    // As bytes: of an empty text the client does not know the length.
    const Body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body, ContentType: 'application/x-ndjson' }));
  }

  /** Removes every object below a prefix, which ends with a slash. Throws DeleteObjectsError; some of them may be gone then. */
  async removeAll(prefix: string): Promise<void> {
    if (!prefix.endsWith('/')) throw new RangeError(`a prefix to remove ends with a slash, not ${prefix}`);
    for await (const keys of this.#keys(prefix)) {
      if (keys.length === 0) continue;
      const Objects = keys.map((Key) => ({ Key }));
      const { Errors = [] } = await this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }));
      const [first] = Errors;
      if (first) throw new DeleteObjectsError(`${Errors.length} objects below ${prefix} not removed: ${first.Code} ${first.Message}`);
    }
  }

  async *#keys(prefix: string): AsyncGenerator<string[]> {
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix });
    for await (const { Contents = [] } of pages) yield Contents.map(({ Key }) => Key!);
  }
}
