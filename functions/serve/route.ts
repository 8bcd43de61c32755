/** What a route is: declared once, matched, validated and described in the OpenAPI document from that one declaration. */
import type { Row } from '#domain/rows.ts';
import type { Parameters, Query } from './parameters.ts';
import type { RowName } from './schemas.ts';
import type { Boundary } from './settled-days.ts';

export interface RouteRequest {
  /** Decoded path parameters by name. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
}

/** What an answer of any route may say of the batch; of what it does not settle nothing. */
interface AnswerBase {
  readonly boundary?: Boundary;
}

export interface ListAnswer extends AnswerBase {
  readonly rows: readonly object[];
  readonly nextCursor: string | null;
}

export interface SingleAnswer extends AnswerBase {
  readonly row: Row;
}

interface RouteBase {
  /** With parameters as `{name}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly query: Parameters;
}

export interface ListRoute extends RouteBase {
  readonly answers: 'list';
  readonly row: RowName;
  readonly handle: (request: RouteRequest) => Promise<ListAnswer>;
}

export interface SingleRoute extends RouteBase {
  readonly answers: 'single';
  readonly row: RowName;
  /** For the one who asked only: no cache may keep the answer, so it has no entity tag either. @default false */
  readonly isSecret?: boolean;
  readonly handle: (request: RouteRequest) => Promise<SingleAnswer>;
}

/** Answers a document that stands for itself, without `data` and `as_of`. */
export interface DocumentRoute extends RouteBase {
  readonly answers: 'document';
  readonly handle: () => Row;
}

export type Route = ListRoute | SingleRoute | DocumentRoute;
