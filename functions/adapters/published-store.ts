/** The object `published` in the data bucket: read by everybody, replaced by the batch on condition of what it read. */
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { formatPublished, type Published, parsePublished } from '#domain/publication.ts';

export const PUBLISHED_KEY = 'published/current.json';

/** Somebody else replaced `published` in between: nothing was changed. */
export class PublishedConflictError extends Error {
  override name = 'PublishedConflictError';
}

export interface ReadPublished {
  readonly published: Published;
  /** For `swap`; null when there is no object yet: no day is published then. */
  readonly etag: string | null;
}

/** Before the first batch run. Raw rows of any age may belong to days that are not published. */
export const NOTHING_PUBLISHED: Published = { days: [], since: { trades: '1970-01-01', readings: '1970-01-01' } };

export class PublishedStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  #known: ReadPublished = { published: NOTHING_PUBLISHED, etag: null };

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /** As it is now; what has not changed since the last call is not read again. */
  async read(): Promise<ReadPublished> {
    const { etag } = this.#known;
    try {
      const answer = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: PUBLISHED_KEY, ...(etag === null ? {} : { IfNoneMatch: etag }) }),
      );
      this.#known = { published: parsePublished(await answer.Body!.transformToString()), etag: answer.ETag! };
    } catch (error) {
      if (statusOf(error) === 404) this.#known = { published: NOTHING_PUBLISHED, etag: null };
      else if (statusOf(error) !== 304) throw error;
    }
    return this.#known;
  }

  /** Replaces what was read with that etag (null = there was none). Throws PublishedConflictError when something else is there. */
  async swap(published: Published, etag: string | null): Promise<void> {
    const condition = etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag };
    try {
      await this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: PUBLISHED_KEY,
          Body: formatPublished(published),
          ContentType: 'application/x-ndjson',
          ...condition,
        }),
      );
    } catch (error) {
      const isConflict = [404, 409, 412].includes(statusOf(error) ?? 0);
      throw isConflict ? new PublishedConflictError('published is not what this run read', { cause: error }) : error;
    }
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
