/** The runtime's own routes: for programs on this machine, and for no page of another site. */
import { type HttpAnswer, type HttpRequest, jsonAnswer } from './http-message.ts';

/** A route of the runtime itself; `body` is parsed JSON, undefined for GET. */
export type LocalRoute = (body: unknown) => Promise<{ readonly status: number; readonly body: object }>;

/** By `METHOD /_local/name`. */
export type LocalRoutes = Readonly<Record<string, LocalRoute>>;

const JSON_TYPE = 'application/json';

export async function localAnswer(routes: LocalRoutes, { method, path, headers, body }: HttpRequest): Promise<HttpAnswer> {
  const name = `${method} ${path}`;
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (!route) return missing(routes, method, path);
  if (method === 'GET') return answered(await route(undefined));
  // A page of another site can send a form here, but not this content type: browsers ask first, and nobody answers them.
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== JSON_TYPE) {
    return problem(415, 'Unsupported Media Type', `the content type must be ${JSON_TYPE}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return problem(400, 'Bad Request', `the body is no JSON: ${(error as Error).message}`);
  }
  return answered(await route(value));
}

function missing(routes: LocalRoutes, method: string, path: string): HttpAnswer {
  const allowed = Object.keys(routes).flatMap((name) => (name.endsWith(` ${path}`) ? [name.split(' ')[0]!] : []));
  if (allowed.length === 0) return problem(404, 'Not Found', `there is no ${path}`);
  const refused = problem(405, 'Method Not Allowed', `${method} is not for ${path}, only ${allowed.join(', ')}`);
  return { ...refused, headers: { ...refused.headers, allow: allowed.join(', ') } };
}

function answered({ status, body }: { readonly status: number; readonly body: object }): HttpAnswer {
  return jsonAnswer(status, body);
}

function problem(status: number, title: string, detail: string): HttpAnswer {
  return jsonAnswer(status, { type: 'about:blank', title, status, detail });
}
