/** What a command asks the instance it goes to. */
import type { Counters } from '#domain/key-state.ts';
import type { SensorAssignment, SourceName } from '#domain/settings.ts';
import { messageOf, UserError } from './user-error.ts';

/** The instance answered, but not with what was asked for. */
export class LocalApiError extends UserError {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Position by shard; null before the first record. */
export type Positions = Readonly<Record<string, string | null>>;

export interface Progress {
  /** Newest position of each stream. */
  readonly streams: Readonly<Record<string, Positions>>;
  /** Position each function has done with. */
  readonly mappings: readonly { readonly function: string; readonly stream: string; readonly shards: Positions }[];
}

const TIMEOUT_MS = 10_000;

async function exchange(url: string, init: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { response, text: await response.text() };
  } catch (error) {
    throw new UserError(`no answer from ${url}: ${messageOf(error)}`, { cause: error });
  }
}

async function request(url: string, init: RequestInit = {}): Promise<unknown> {
  const { response, text } = await exchange(url, init);
  if (!response.ok) throw new LocalApiError(`${url} answered ${response.status}: ${detailOf(text)}`, response.status);
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new LocalApiError(`${url} answered no JSON: ${text.slice(0, 80)}`, response.status);
  }
}

/** The reason in a problem document (RFC 9457), else the answer's beginning. */
function detailOf(text: string): string {
  try {
    const { detail, title, message } = JSON.parse(text) as Record<string, unknown>;
    return String(detail ?? title ?? message ?? text.slice(0, 200));
  } catch {
    return text.slice(0, 200);
  }
}

/** The JSON at an address. Throws LocalApiError for any other answer, another UserError when none comes within 10 s. */
export function getJson(url: string): Promise<unknown> {
  return request(url);
}

export async function getProgress(api: string): Promise<Progress> {
  return (await request(`${api}/_local/progress`)) as Progress;
}

/** The JSON of a list route. */
export interface Page<Row> {
  readonly data: readonly Row[];
  readonly next_cursor: string | null;
}

/** The pages of a list, one request each; `ask` makes a request. */
export async function* pagesOf<Row>(url: URL, ask: (url: string) => Promise<unknown> = getJson): AsyncGenerator<readonly Row[]> {
  const next = new URL(url);
  for (;;) {
    const { data, next_cursor } = (await ask(next.href)) as Page<Row>;
    yield data;
    if (next_cursor === null) return;
    next.searchParams.set('cursor', next_cursor);
  }
}

/** Gives a sensor its profile and zone, before all other assignments. */
export async function assignSensor(api: string, assignment: SensorAssignment): Promise<void> {
  await request(`${api}/_local/sensors`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(assignment),
  });
}

/** What became of all events of a key so far; undefined for a key nobody heard of. */
export async function getCounters(api: string, source: SourceName, name: string): Promise<Counters | undefined> {
  const collection = source === 'trades' ? 'symbols' : 'sensors';
  try {
    const answer = await request(`${api}/v1/${collection}/${encodeURIComponent(name)}/latest`);
    return (answer as { data: { counters: Counters } }).data.counters;
  } catch (error) {
    if (error instanceof LocalApiError && error.status === 404) return undefined;
    throw error;
  }
}
