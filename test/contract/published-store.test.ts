import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NOTHING_PUBLISHED, PUBLISHED_KEY, PublishedConflictError, PublishedStore } from '#adapters/published-store.ts';
import { type Published, PublishedFormatError } from '#domain/publication.ts';
import { type Bucket, startBucket } from '../support/bucket.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(() => bucket.close());
beforeEach(() => bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: PUBLISHED_KEY })));

const storeOf = () => new PublishedStore(bucket.client, bucket.name);

function publishedOf(gen: string): Published {
  const day = { source: 'trades', day: '2013-10-07', gen, revision: 1, input: 'abc', rows: 5, marker: 'm' } as const;
  return { days: [day], since: { trades: '2013-10-08', readings: '2013-10-01' } };
}

describe('published store', () => {
  it('has no day before the first swap, and then what was swapped in', async () => {
    const store = storeOf();
    expect(await store.read()).toEqual({ published: NOTHING_PUBLISHED, etag: null });
    await store.swap(publishedOf('a'), null);
    const { published, etag } = await storeOf().read();
    expect(published).toEqual(publishedOf('a'));
    await store.swap(publishedOf('b'), etag);
    expect((await store.read()).published).toEqual(publishedOf('b'));
    expect((await store.read()).published).toEqual(publishedOf('b'));
  });

  it('refuses who read something else: nothing at all, or an earlier one', async () => {
    const store = storeOf();
    await store.swap(publishedOf('a'), null);
    const { etag } = await store.read();
    await expect(storeOf().swap(publishedOf('b'), null)).rejects.toThrow(PublishedConflictError);
    await store.swap(publishedOf('c'), etag);
    await expect(storeOf().swap(publishedOf('d'), etag)).rejects.toThrow(PublishedConflictError);
    expect((await storeOf().read()).published).toEqual(publishedOf('c'));
  });

  it('lets one of two win who read the same', async () => {
    const outcomes = await Promise.allSettled(['a', 'b'].map((gen) => storeOf().swap(publishedOf(gen), null)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('asks for the body again only when it changed', async () => {
    const store = storeOf();
    await store.swap(publishedOf('a'), null);
    const statuses: (number | undefined)[] = [];
    bucket.client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        statuses.push((answer.response as { statusCode?: number }).statusCode);
        return answer;
      },
      { step: 'deserialize', priority: 'low', name: 'statuses' },
    );
    try {
      const first = await store.read();
      expect(await store.read()).toBe(first);
    } finally {
      bucket.client.middlewareStack.remove('statuses');
    }
    expect(statuses).toEqual([200, 304]);
  });

  it('fails on an object that is none of its own', async () => {
    await bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key: PUBLISHED_KEY, Body: '{"source":"trades"' }));
    await expect(storeOf().read()).rejects.toThrow(PublishedFormatError);
  });
});
