/** Reads the API. */

/** A request that gives up is a failed one: the server may hang. */
const TIMEOUT_MS = 10_000;
/** Server and browser clocks that differ by less count as equal: the Date header has whole seconds and travelled. */
const CLOCK_TOLERANCE_MS = 5000;

/**
 * Why there is no answer: `offline` none came, `refused` the API wants to know who asks, `absent` it knows nothing of what
 * was asked for, `failed` it answered with another error.
 * @typedef {'offline' | 'refused' | 'absent' | 'failed'} Trouble
 */

/** A request without an answer of use; the message is for a person. */
export class ApiError extends Error {
  /**
   * @param {Trouble} trouble
   * @param {string} message
   */
  constructor(trouble, message) {
    super(message);
    this.name = 'ApiError';
    this.trouble = trouble;
  }
}

/**
 * @template Data
 * @typedef {object} Answer
 * @property {Data} data
 * @property {boolean} partial the list goes on beyond this answer
 * @property {string | null} nextCursor what the address of the rest of the list says as `cursor`
 * @property {unknown} boundary the instant up to which the batch has settled the answer; null before it has settled anything
 * @property {string | null} settledDay the day that ends then
 */

let offsetMs = 0;

/** The server's clock, ms since the epoch: ages are told by it, that of a phone may be wrong. */
export function serverNowMs() {
  return Date.now() + offsetMs;
}

/**
 * A function that reads one address. The browser's cache asks with If-None-Match and gives what it has when nothing changed.
 * @template Data
 * @param {string} address path and query
 * @param {(data: unknown) => data is Data} isData
 * @returns {() => Promise<Answer<Data>>}
 */
export function reader(address, isData) {
  const path = address.replace(/\?.*/, '');
  return async () => {
    const response = await request(address);
    if (!response.ok) throw await refusal(response, path);
    const body = await json(response, path);
    if (!isRecord(body) || !isData(body['data'])) throw new ApiError('failed', `${path} answered with something else than data.`);
    offsetMs = clockOffset(response);
    const asOf = isRecord(body['as_of']) ? body['as_of'] : {};
    const settledDay = typeof asOf['boundary'] === 'string' ? asOf['boundary'] : null;
    const nextCursor = typeof body['next_cursor'] === 'string' ? body['next_cursor'] : null;
    return { data: body['data'], partial: nextCursor !== null, nextCursor, boundary: asOf['boundary_time'] ?? null, settledDay };
  };
}

/** @param {unknown} data @returns {data is any[]} */
export function isList(data) {
  return Array.isArray(data);
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {string} address */
async function request(address) {
  try {
    return await fetch(address, { cache: 'no-cache', headers: { accept: 'application/json' }, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw noAnswer(error);
  }
}

/** @param {unknown} error */
function noAnswer(error) {
  const slow = error instanceof DOMException && error.name === 'TimeoutError';
  return new ApiError('offline', slow ? `The API gave no answer within ${TIMEOUT_MS / 1000} s.` : 'The API does not answer.');
}

/**
 * @param {Response} response
 * @param {string} path
 * @returns {Promise<unknown>}
 */
async function json(response, path) {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw new ApiError('failed', `${path} answered with something else than JSON.`);
    throw noAnswer(error);
  }
}

/**
 * @param {Response} response
 * @param {string} path
 */
async function refusal(response, path) {
  const { status } = response;
  if (status === 401 || status === 403) return new ApiError('refused', `${path} answered ${status}.`);
  const problem = await response.json().catch(() => null);
  const detail = isRecord(problem) && typeof problem['detail'] === 'string' ? `: ${problem['detail']}` : '';
  return new ApiError(status === 404 ? 'absent' : 'failed', `${path} answered ${status}${detail}.`);
}

/** @param {Response} response */
function clockOffset(response) {
  const aheadMs = Date.parse(response.headers.get('date') ?? '') - Date.now();
  return Math.abs(aheadMs) >= CLOCK_TOLERANCE_MS ? aheadMs : 0;
}
