/** An HTTP API (API Gateway v2) with Lambda integrations of payload format 2.0. */
import type { InvokeResult } from '../lambda-function.ts';
import { apiAnswer, INTERNAL_SERVER_ERROR } from './api-answer.ts';
import { apiEvent } from './api-event.ts';
import { compileRoutes } from './api-routes.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from './http-message.ts';

export interface ApiRoute {
  /** `GET /v1/{proxy+}`, `ANY /x/{id}` or `$default`. */
  readonly routeKey: string;
  readonly invoke: (payload: string) => Promise<InvokeResult>;
}

/** Takes a request to its route and back: 404 where there is none, 400 for a path that cannot be decoded, 500 when the function failed. */
export type HttpApiHandler = (request: HttpRequest) => Promise<HttpAnswer>;

/** `log` hears why an answer of a function is none; a failed function tells its own log. Throws on a route key that is none. */
export function httpApi(apiId: string, accountId: string, routes: readonly ApiRoute[], log: (line: string) => void): HttpApiHandler {
  const find = compileRoutes(routes);

  function eventOf(request: HttpRequest): { readonly route: ApiRoute; readonly event: object } | null {
    const match = find(request.method, request.path);
    if (!match) return null;
    const { route, pathParameters } = match;
    return { route, event: apiEvent(request, route.routeKey, pathParameters, { apiId, accountId }) };
  }

  return async (request) => {
    let found: ReturnType<typeof eventOf>;
    try {
      found = eventOf(request);
    } catch (error) {
      if (error instanceof URIError) return jsonAnswer(400, { message: 'Bad Request' });
      throw error;
    }
    if (!found) return jsonAnswer(404, { message: 'Not Found' });
    const { routeKey, invoke } = found.route;
    try {
      const result = await invoke(JSON.stringify(found.event));
      return 'functionError' in result ? INTERNAL_SERVER_ERROR : apiAnswer(result.payload);
    } catch (error) {
      log(`${routeKey}: ${error instanceof Error ? error.message : String(error)}`);
      return INTERNAL_SERVER_ERROR;
    }
  };
}
