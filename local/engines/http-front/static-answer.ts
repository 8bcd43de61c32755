/** Files of a bucket over HTTP. */
import { type HttpAnswer, type HttpRequest, matchesTag, plainAnswer } from './http-message.ts';

export interface StaticObject {
  readonly body: Buffer;
  readonly contentType: string;
  /** In quotes. */
  readonly etag: string;
}

/** Resolves with null when there is no object of this key. */
export type ReadObject = (key: string) => Promise<StaticObject | null>;

/** `rootObject` is the key that `/` stands for. */
export async function staticAnswer({ path, headers }: HttpRequest, rootObject: string, readObject: ReadObject): Promise<HttpAnswer> {
  let key: string;
  try {
    key = path === '/' ? rootObject : decodeURIComponent(path.slice(1));
  } catch {
    return plainAnswer(400, 'The path is not percent-encoded UTF-8.');
  }
  const found = key === '' ? null : await readObject(key);
  if (!found) return plainAnswer(404, 'Not found');
  // Caches must ask each time: what is behind an address changes with the next start.
  const common = { etag: found.etag, 'cache-control': 'no-cache' };
  if (matchesTag(headers['if-none-match'], found.etag)) return { status: 304, headers: common, body: Buffer.alloc(0) };
  return { status: 200, headers: { 'content-type': found.contentType, ...common }, body: found.body };
}
