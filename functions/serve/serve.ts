/** One request: path → route → validated query → rows → answer. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Query } from './parameters.ts';
import { Problem } from './problem.ts';
import { problemOf, respondDocument, respondEnvelope, respondProblem, respondSecret } from './respond.ts';
import type { Route } from './route.ts';
import { routerOf } from './router.ts';

/** The parts of an HTTP API event (payload 2.0) that a request is made of. */
export type HttpEvent = Pick<APIGatewayProxyEventV2, 'rawPath' | 'rawQueryString' | 'headers'> & {
  readonly requestContext: { readonly requestId: string; readonly http: { readonly method: string } };
};

export type Server = (event: HttpEvent) => Promise<APIGatewayProxyStructuredResultV2>;

/** `log` takes one JSON line for each request that fails for a reason of ours. */
export function serverOf(routes: readonly Route[], nowMs: () => number, log: (line: string) => void): Server {
  const router = routerOf(routes);

  async function answer(event: HttpEvent): Promise<APIGatewayProxyStructuredResultV2> {
    const { route, path } = router(event.requestContext.http.method, event.rawPath);
    const query = new Query(event.rawQueryString, route.query);
    const ifNoneMatch = event.headers['if-none-match'];
    if (route.answers === 'document') return respondDocument(route.handle(), ifNoneMatch);
    if (route.answers === 'single') {
      const { row, boundary } = await route.handle({ path, query });
      return route.isSecret ? respondSecret(row, nowMs()) : respondEnvelope({ data: row, boundary }, nowMs(), ifNoneMatch);
    }
    const { rows, nextCursor, boundary } = await route.handle({ path, query });
    return respondEnvelope({ data: rows, nextCursor, boundary }, nowMs(), ifNoneMatch);
  }

  return async (event) => {
    try {
      return await answer(event);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status >= 500) log(JSON.stringify(logEntry(event, problem.status, error)));
      return respondProblem(problem, event.rawPath);
    }
  };
}

function logEntry({ rawPath, rawQueryString, requestContext }: HttpEvent, status: number, error: unknown) {
  const origin = error instanceof Problem ? (error.cause ?? error) : error;
  const { name, message, stack } = origin instanceof Error ? origin : new Error(String(origin));
  const request = { requestId: requestContext.requestId, method: requestContext.http.method, path: rawPath, query: rawQueryString };
  return { level: 'error', message: 'request failed', status, ...request, error: { name, message, stack } };
}
