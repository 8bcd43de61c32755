/** From a path to its route. */
import { Problem } from './problem.ts';
import type { Route } from './route.ts';

export interface Match {
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
}

export type Router = (method: string, rawPath: string) => Match;

/**
 * A symbol may contain `/` (`FX:EUR/USD`), and an HTTP API hands over the path with its %2F already decoded, others do
 * not: so a symbol takes as many segments as lie before the rest of its route. No other name contains `/` or `%`, thus
 * decoding a path that was decoded before changes nothing.
 */
function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.]/g, '\\.')
    .replace(/\{(\w+)\}/g, (_, name) => (name === 'symbol' ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`));
  return new RegExp(`^${source}$`);
}

/** Throws a problem when no route has the path, or when it cannot be decoded. */
export function routerOf(routes: readonly Route[]): Router {
  const patterns = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
  return (method, rawPath) => {
    for (const { route, pattern } of patterns) {
      const match = pattern.exec(rawPath);
      if (!match) continue;
      if (method !== 'GET') throw new Problem('method-not-allowed', 405, `${method} ${rawPath}: only GET is allowed`, {}, { allow: 'GET' });
      return { route, path: Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decoded(value)])) };
    }
    throw new Problem('unknown-route', 404, `there is no route ${rawPath.slice(0, 200)}; all are listed at /v1/openapi.json`);
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem('bad-path', 400, `"${segment.slice(0, 200)}" is not percent-encoded UTF-8`);
  }
}
