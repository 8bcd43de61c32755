/** Which route of an HTTP API (API Gateway v2) takes a request. */

export interface RouteMatch<T> {
  readonly route: T;
  /** Percent-decoded, by name. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Compiled<T> {
  readonly route: T;
  readonly pattern: RegExp;
  /** Null: any. */
  readonly method: string | null;
  /** The smaller, the earlier it is asked. */
  readonly rank: number;
  /** Of the path's parameters, in their order. */
  readonly names: readonly string[];
}

const ROUTE_KEY = /^(ANY|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/.*)$/;
const PARAMETER = /^\{([A-Za-z0-9_.:-]+)(\+?)\}$/;
const PARAMETER_RANK = 10;
const LEVEL_RANK = 1_000;
const GREEDY_RANK = 1_000_000_000;
const DEFAULT_RANK = Number.MAX_SAFE_INTEGER;

/** A greedy parameter stands at the end only, and takes one level or more. */
function compile<T extends { readonly routeKey: string }>(route: T): Compiled<T> {
  const { routeKey } = route;
  if (routeKey === '$default') return { route, pattern: /^/, method: null, rank: DEFAULT_RANK, names: [] };
  const match = ROUTE_KEY.exec(routeKey);
  if (!match) throw new Error(`the route key "${routeKey}" is neither "METHOD /path" nor $default`);
  const [, method, path] = match as unknown as [string, string, string];
  const levels = path.slice(1).split('/');
  const names: string[] = [];
  let isGreedy = false;
  const sources = levels.map((level, index) => {
    const parameter = PARAMETER.exec(level);
    if (!parameter) {
      if (/[{}]/.test(level)) throw new Error(`the route key "${routeKey}" has a level that is no parameter: ${level}`);
      return level.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    }
    const [, name, greedy] = parameter as unknown as [string, string, string];
    if (greedy && index < levels.length - 1) throw new Error(`the route key "${routeKey}" has {${name}+} before its last level`);
    names.push(name);
    isGreedy = greedy === '+';
    return greedy ? '(.+)' : '([^/]+)';
  });
  // Longer paths before shorter ones where both are greedy; of the same path, the route that names the method.
  const rank = (isGreedy ? GREEDY_RANK - levels.length * LEVEL_RANK : 0) + names.length * PARAMETER_RANK + (method === 'ANY' ? 1 : 0);
  return { route, pattern: new RegExp(`^/${sources.join('/')}$`, 's'), method: method === 'ANY' ? null : method, rank, names };
}

/**
 * As API Gateway chooses: a path without parameters first, then one with, then a greedy one, `$default` last.
 * Throws on a route key that is none. The answer throws URIError for a parameter that cannot be decoded.
 */
export function compileRoutes<T extends { readonly routeKey: string }>(
  routes: readonly T[],
): (method: string, path: string) => RouteMatch<T> | null {
  const compiled = routes.map(compile).sort((a, b) => a.rank - b.rank);
  return (method, path) => {
    for (const candidate of compiled) {
      if (candidate.method !== null && candidate.method !== method) continue;
      const match = candidate.pattern.exec(path);
      if (!match) continue;
      const values = candidate.names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)]);
      return { route: candidate.route, pathParameters: Object.fromEntries(values) };
    }
    return null;
  };
}
