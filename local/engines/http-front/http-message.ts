/** A request and an answer, as the parts of the front hand them to each other. */

export interface HttpRequest {
  readonly method: string;
  /** Percent-encoded, as it came, without the query. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** Names in lower case; those that came several times joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly sourceIp: string;
  /** When it came, ms since the epoch. */
  readonly nowMs: number;
}

export interface HttpAnswer {
  /** 200 … 599. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

export function plainAnswer(status: number, text: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(`${text}\n`) };
}

export function jsonAnswer(status: number, value: unknown): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}

/** Node's own form of repeated headers loses some of them: this joins all, each by a comma. */
export function joinedHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const joined = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const before = joined.get(name);
    joined.set(name, before === undefined ? rawHeaders[at + 1]! : `${before},${rawHeaders[at + 1]}`);
  }
  return Object.fromEntries(joined);
}

/** If-None-Match compares weakly, and may list several tags or `*`. */
export function matchesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const plain = (tag: string): string => tag.trim().replace(/^W\//, '');
  return ifNoneMatch?.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(etag)) ?? false;
}
