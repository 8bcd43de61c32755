/** Where the archive puts its files: one S3 bucket. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

export interface ObjectStore {
  /** Writes a whole object; the same key again replaces it. Resolved = durable. Rejects when the bucket did not take it. */
  put(key: string, body: Uint8Array): Promise<void>;
}

/** The objects of an S3 bucket; every one is Parquet. */
export function s3ObjectStore(client: S3Client, bucket: string): ObjectStore {
  return {
    async put(key, body) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/vnd.apache.parquet' }));
    },
  };
}
