/** Addresses within the page, in the hash: `#/`, `#/sensors/<id>`, `#/symbols/<symbol>`, `#/alarms/<id>`, `#/batch`, `#/batch/<run>`, each with `?` parameters. Pure. */

/** @typedef {'overview' | 'sensor' | 'symbol' | 'alarm' | 'runs' | 'run' | 'unknown'} Page */

/**
 * @typedef {object} Route
 * @property {Page} page `unknown` for what is no address of this page
 * @property {string} key which sensor, symbol, alarm or run; empty for the others
 * @property {URLSearchParams} params
 */

/** A longer hash was not made here. */
const MAX_HASH_LENGTH = 2048;

/** What a key must look like is what the API accepts: nothing else is asked for. */
/** @type {Readonly<Record<string, { page: Page, isKey: RegExp }>>} */
const FOLDERS = {
  sensors: { page: 'sensor', isKey: /^[\w-]{1,64}(?:\.[\w-]{1,64})?$/ },
  symbols: { page: 'symbol', isKey: /^[\w.:/-]{1,64}$/ },
  alarms: { page: 'alarm', isKey: /^[\w-]{1,64}(?:\.[\w-]{1,64})?:[a-z-]{1,64}$/ },
  batch: { page: 'run', isKey: /^\d{8}T\d{6}Z-[0-9a-f]{8}$/ },
};

/** @type {Readonly<Record<Exclude<Page, 'unknown'>, (key: string) => string>>} */
const PATHS = {
  overview: () => '',
  sensor: (key) => `sensors/${key}`,
  symbol: (key) => `symbols/${key}`,
  alarm: (key) => `alarms/${key}`,
  runs: () => 'batch',
  run: (key) => `batch/${key}`,
};

/**
 * What an address asks for. Never throws: whatever stands in an address may come from a stranger.
 * @param {string} hash with its `#`; empty is the overview
 * @returns {Route}
 */
export function parseRoute(hash) {
  const [path = '', query = ''] = hash
    .slice(0, MAX_HASH_LENGTH)
    .replace(/^#\/?/, '')
    .split(/\?(.*)/s);
  const params = new URLSearchParams(query);
  if (path === '') return { page: 'overview', key: '', params };
  if (path === 'batch') return { page: 'runs', key: '', params };
  const [, name = '', encoded = ''] = /^([a-z]+)\/([^/]+)$/.exec(path) ?? [];
  const folder = Object.hasOwn(FOLDERS, name) ? FOLDERS[name] : undefined;
  const key = decoded(encoded);
  return folder?.isKey.test(key) ? { page: folder.page, key, params } : { page: 'unknown', key: '', params };
}

/**
 * The address of a page, for an `href`.
 * @param {Exclude<Page, 'unknown'>} page
 * @param {string} [key]
 * @param {URLSearchParams | Readonly<Record<string, string>>} [params]
 */
export function hrefOf(page, key = '', params = {}) {
  const query = new URLSearchParams(params).toString();
  return `#/${PATHS[page](encodeURIComponent(key))}${query && `?${query}`}`;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
