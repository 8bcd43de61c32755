/** Answers in their final form: envelope, entity tag, and what an error tells the world. */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { isoTime } from '#domain/rows.ts';
import { Problem, problemDocument } from './problem.ts';
import { type Boundary, NO_BOUNDARY } from './settled-days.ts';

const BUSY_RETRY_AFTER_S = 1;
/** Names of errors that tell of a busy table or network: the same request may succeed a little later. */
const BUSY = new Set([
  'ThrottlingException',
  'TooManyRequestsException',
  'SlowDown',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'UnprocessedKeysError',
  'InternalServerError',
  'ServiceUnavailable',
  'TimeoutError',
]);

/** `data` and what belongs to it, apart from the time of the answer: that does not make another entity. */
export interface Envelope {
  readonly data: unknown;
  /** Only of a list. */
  readonly nextCursor?: string | null;
  /** Without it the answer says of nothing that it is settled. */
  readonly boundary?: Boundary | undefined;
}

/** 200 with a strong entity tag, or 304 when the client has this entity. */
export function respondEnvelope({ data, nextCursor, boundary }: Envelope, nowMs: number, ifNoneMatch: string | undefined) {
  const content = JSON.stringify(data);
  const cursor = nextCursor === undefined ? '' : `,"next_cursor":${JSON.stringify(nextCursor)}`;
  const body = (asOf: object) => `{"data":${content},"as_of":${JSON.stringify(asOf)}${cursor}}`;
  const settled = settledUpTo(boundary);
  return respond(body({ ...settled, generated_at: isoTime(nowMs) }), entityTag(body(settled)), ifNoneMatch);
}

function settledUpTo({ day, endMs }: Boundary = NO_BOUNDARY) {
  return { boundary: day, boundary_time: endMs === null ? null : isoTime(endMs) };
}

/** 200 for the one who asked only: no cache may keep it. */
export function respondSecret(data: unknown, nowMs: number): APIGatewayProxyStructuredResultV2 {
  const body = JSON.stringify({ data, as_of: { ...settledUpTo(), generated_at: isoTime(nowMs) } });
  return { statusCode: 200, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body };
}

/** The same for a document that stands for itself. */
export function respondDocument(document: object, ifNoneMatch: string | undefined) {
  const body = JSON.stringify(document);
  return respond(body, entityTag(body), ifNoneMatch);
}

function entityTag(content: string): string {
  return `"${createHash('sha256').update(content).digest('base64url')}"`;
}

function respond(body: string, etag: string, ifNoneMatch: string | undefined): APIGatewayProxyStructuredResultV2 {
  const headers = { etag, 'cache-control': 'no-cache' };
  if (matches(ifNoneMatch, etag)) return { statusCode: 304, headers };
  return { statusCode: 200, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** If-None-Match compares weakly: a proxy that compresses makes a strong tag weak. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** What of an error is told: a problem as it is; of anything else only whether trying again may help. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Error && BUSY.has(error.name))
    return new Problem('busy', 503, 'the tables are busy; try again', {}, { 'retry-after': String(BUSY_RETRY_AFTER_S) });
  return new Problem('internal', 500, 'the request failed; the function log says why');
}

export function respondProblem(problem: Problem, path: string): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...problem.headers },
    body: JSON.stringify(problemDocument(problem, path)),
  };
}
