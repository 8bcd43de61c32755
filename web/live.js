/** What the pipeline pushes to the page: one connection for all pages, which comes back by itself. */
import { isRecord, reader, serverNowMs } from './api.js';

/** @import { Connection, Options } from './mqtt.js' */

/**
 * What pages see of it.
 * @typedef {object} Live
 * @property {boolean} connected whether rows are pushed; if not, pages ask more often
 * @property {(topic: string, listener: (row: any) => void) => () => void} subscribe calls the listener with each row pushed to the topic (`…/#`: to all below it) until the function it gives is called
 * @property {(listener: () => void) => () => void} onChange calls the listener whenever `connected` changed, until the function it gives is called
 */

/** @typedef {{ url: string, client_id: string, expires_at: string }} Address */

/**
 * @typedef {object} Means
 * @property {() => Promise<Address>} ask where to connect
 * @property {() => Promise<{ connect(url: string, options: Options): Connection }>} load the client
 * @property {() => number} random from 0 up to 1
 */

/** Pauses before the next try: at first, and at most. */
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** So long before its address expires a connection is replaced. */
const RENEWAL_MS = 60_000;
const MIN_LIFE_MS = 30_000;

const fromBytes = new TextDecoder();

/**
 * The topic of what is pushed of one key, written as the broker wants it; of all keys with `#`.
 * @param {'sensors' | 'symbols' | 'alarms'} kind
 * @param {string} key
 */
export function topicOf(kind, key) {
  return `live/${kind}/${key === '#' ? key : encodeURIComponent(key)}`;
}

/**
 * Whether a topic, or all topics of a filter, lie below another filter.
 * @param {string} topic
 * @param {string} filter
 */
function isBelow(topic, filter) {
  return topic === filter || (filter.endsWith('/#') && topic.startsWith(filter.slice(0, -1)));
}

/** The connection of the page as deployed. */
export function pageLive() {
  const read = reader('/v1/live', isAddress);
  return new LiveConnection({ ask: async () => (await read()).data, load: () => import('./mqtt.js'), random: Math.random });
}

/** @param {unknown} data @returns {data is Address} */
function isAddress(data) {
  return isRecord(data) && ['url', 'client_id', 'expires_at'].every((name) => typeof data[name] === 'string');
}

export class LiveConnection {
  /** Why it is not there, for a person; empty while it is, and before the first try ended. */
  reason = '';
  /** @type {Map<string, Set<(row: any) => void>>} */
  #listeners = new Map();
  /** @type {Set<() => void>} */
  #watchers = new Set();
  /** The connection that pushes; with the filters it has. @type {{ connection: Connection, filters: Set<string> } | null} */
  #current = null;
  /** One that is not ready yet. @type {Connection | null} */
  #coming = null;
  /** What is under way for an earlier number came too late. */
  #attempt = 0;
  #failures = 0;
  #started = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #means;

  /** @param {Means} means */
  constructor(means) {
    this.#means = means;
  }

  get connected() {
    return this.#current !== null;
  }

  /** Connects at once, and again whenever the connection is lost. */
  start() {
    if (this.#started && (this.#current || this.#coming)) return;
    this.#started = true;
    this.#failures = 0;
    void this.#connect();
  }

  /** Closes the connection: nobody looks. */
  stop() {
    this.#started = false;
    this.#attempt++;
    clearTimeout(this.#timer);
    this.#coming?.close();
    this.#coming = null;
    this.#use(null);
  }

  /**
   * @param {string} topic
   * @param {(row: any) => void} listener
   */
  subscribe(topic, listener) {
    const listeners = this.#listeners.get(topic) ?? new Set();
    // The same function may be given twice: each is told, and taken away, by itself.
    const told = (/** @type {any} */ row) => listener(row);
    this.#listeners.set(topic, listeners.add(told));
    this.#follow();
    return () => {
      listeners.delete(told);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
      this.#follow();
    };
  }

  /** @param {() => void} watcher */
  onChange(watcher) {
    const told = () => watcher();
    this.#watchers.add(told);
    return () => void this.#watchers.delete(told);
  }

  /** The filters that are needed: none lies below another one, or its messages would come twice. */
  #needed() {
    const topics = [...this.#listeners.keys()];
    return topics.filter((topic) => !topics.some((other) => other !== topic && isBelow(topic, other)));
  }

  /** Tells the broker what is needed more, and then what is needed no longer. */
  #follow() {
    if (!this.#current) return;
    const { connection, filters } = this.#current;
    const needed = new Set(this.#needed());
    const more = [...needed].filter((filter) => !filters.has(filter));
    const less = [...filters].filter((filter) => !needed.has(filter));
    if (more.length > 0) connection.subscribe(more);
    if (less.length > 0) connection.unsubscribe(less);
    this.#current.filters = needed;
  }

  async #connect() {
    const attempt = ++this.#attempt;
    clearTimeout(this.#timer);
    this.#coming?.close();
    this.#coming = null;
    try {
      const address = await this.#means.ask();
      const { connect } = await this.#means.load();
      if (attempt === this.#attempt) this.#open(connect, address);
    } catch (error) {
      if (attempt === this.#attempt) this.#again(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * @param {(url: string, options: Options) => Connection} connect
   * @param {Address} address
   */
  #open(connect, { url, client_id: clientId, expires_at: expiresAt }) {
    const topics = this.#needed();
    const connection = connect(url, {
      clientId,
      topics,
      onMessage: (topic, payload) => this.#tell(topic, payload),
      onReady: () => {
        if (this.#coming !== connection) return;
        this.#coming = null;
        this.#failures = 0;
        this.reason = '';
        this.#use({ connection, filters: new Set(topics) });
        this.#follow();
        this.#later(Math.max(MIN_LIFE_MS, Date.parse(expiresAt) - serverNowMs() - RENEWAL_MS));
      },
      onClose: (reason) => {
        if (this.#coming === connection) this.#coming = null;
        else if (this.#current?.connection === connection) this.#use(null);
        if (!this.#coming) this.#again(reason);
      },
    });
    this.#coming = connection;
  }

  /** @param {{ connection: Connection, filters: Set<string> } | null} next takes the place of the current one */
  #use(next) {
    const before = this.#current;
    this.#current = next;
    before?.connection.close();
    if ((before === null) !== (next === null)) for (const told of [...this.#watchers]) told();
  }

  /**
   * Tries again, after longer and longer pauses that differ from page to page.
   * @param {string} reason
   */
  #again(reason) {
    this.reason = this.#current ? '' : reason;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, MAX_PAUSE_MS);
    this.#later(pauseMs * (0.5 + this.#means.random() / 2));
  }

  /** @param {number} delayMs */
  #later(delayMs) {
    clearTimeout(this.#timer);
    if (this.#started) this.#timer = setTimeout(() => this.#connect(), delayMs);
  }

  /**
   * @param {string} topic
   * @param {Uint8Array} payload
   */
  #tell(topic, payload) {
    const row = parsed(payload);
    if (row === null) return console.warn(`what was pushed to ${topic} is no row`);
    for (const [filter, listeners] of this.#listeners) if (isBelow(topic, filter)) for (const told of [...listeners]) told(row);
  }
}

/** @param {Uint8Array} payload */
function parsed(payload) {
  try {
    const row = JSON.parse(fromBytes.decode(payload));
    return isRecord(row) ? row : null;
  } catch {
    return null;
  }
}
