/** A list of the API and the rows pushed since: one picture, in which a row never goes back. */
import { isList, isRecord, reader } from './api.js';
import { Poller } from './poller.js';

/** @import { Answer } from './api.js' */
/** @import { Live } from './live.js' */

/** After this long an answer must know what was pushed: if it still says otherwise, the pushed row is of a past that is gone. */
const OVERTAKEN_MS = 10_000;

/**
 * @template Row
 * @typedef {object} Listed
 * @property {string} name of the list, as in a sentence
 * @property {() => Promise<Answer<readonly Row[]>>} read asks the API for it
 * @property {string} topic what is pushed of its rows
 * @property {(row: Row) => string} keyOf
 * @property {(a: Row, b: Row) => number} compareAge positive when `a` is newer than `b`
 * @property {(row: Row) => boolean} [isListed] whether a pushed row belongs in the list; all do unless told
 */

/** @template {object} Row */
export class LiveList {
  /** @type {Map<string, { row: Row, pushedMs: number }>} */
  #pushed = new Map();
  /** @type {readonly Row[] | null} */
  #rows = null;
  #askedMs = 0;
  #listed;
  #live;
  #onChange;
  #poller;
  #unsubscribe = () => {};
  #off = () => {};

  /**
   * @param {Listed<Row>} listed
   * @param {Live} live
   * @param {() => void} onChange called whenever there may be something new to show
   */
  constructor(listed, live, onChange) {
    this.#listed = listed;
    this.#live = live;
    this.#onChange = onChange;
    this.#poller = new Poller(
      listed.name,
      async () => {
        const askedMs = Date.now();
        const answer = await listed.read();
        this.#askedMs = askedMs;
        this.#rows = null;
        return answer;
      },
      onChange,
      () => live.connected,
    );
  }

  /** Whether there are more rows than these. */
  get partial() {
    return this.#poller.answer?.partial ?? false;
  }

  /** Why the newest request gave nothing; null when it did. */
  get error() {
    return this.#poller.error;
  }

  /** The rows; null before the first answer. The same array as long as nothing changed. @returns {readonly Row[] | null} */
  get rows() {
    const { answer } = this.#poller;
    if (answer) this.#rows ??= this.#merged(answer.data);
    return this.#rows;
  }

  /** Asks and listens until closed. */
  open() {
    this.#unsubscribe = this.#live.subscribe(this.#listed.topic, (row) => this.#push(row));
    this.#off = this.#live.onChange(() => this.#poller.wake());
    this.#poller.wake();
  }

  /** What it knows stays. */
  close() {
    this.#unsubscribe();
    this.#off();
    this.#poller.rest();
  }

  /** @param {Row} row */
  #push(row) {
    const key = this.#listed.keyOf(row);
    const known = this.#pushed.get(key);
    if (known && this.#listed.compareAge(row, known.row) <= 0) return;
    this.#pushed.set(key, { row, pushedMs: Date.now() });
    this.#rows = null;
    this.#onChange();
  }

  /** @param {readonly Row[]} answered */
  #merged(answered) {
    const { keyOf, compareAge, isListed = () => true } = this.#listed;
    /** @type {Map<string, Row>} */
    const rows = new Map(answered.map((row) => [keyOf(row), row]));
    for (const [key, { row, pushedMs }] of this.#pushed) {
      const given = rows.get(key);
      // What is beyond the end of a list that goes on has no place in it.
      const isShown = given ? compareAge(row, given) > 0 : !this.partial;
      if (pushedMs < this.#askedMs - OVERTAKEN_MS) this.#pushed.delete(key);
      else if (isShown && isListed(row)) rows.set(key, row);
      else if (isShown) rows.delete(key);
    }
    return [...rows.values()];
  }
}

/**
 * Reads a list of the API.
 * @param {string} address path and query
 */
export function readList(address) {
  return reader(address, isList);
}

/**
 * Reads a single thing of the API, as a list of one.
 * @param {string} address path and query
 */
export function readOne(address) {
  const read = reader(address, isRecord);
  return async () => {
    const answer = await read();
    return { ...answer, data: [/** @type {any} */ (answer.data)] };
  };
}

/**
 * Sensors and symbols: the row that counts more events is newer; its newest event may be the same.
 * @param {{ counters?: { received?: number }, event_time: string | null }} a
 * @param {{ counters?: { received?: number }, event_time: string | null }} b
 */
export function compareCounted(a, b) {
  const difference = (a.counters?.received ?? 0) - (b.counters?.received ?? 0);
  if (difference !== 0) return difference;
  return (Date.parse(a.event_time ?? '') || 0) - (Date.parse(b.event_time ?? '') || 0);
}

/**
 * Alarms: each transition has the next revision.
 * @param {{ revision: number }} a
 * @param {{ revision: number }} b
 */
export function compareRevisions(a, b) {
  return a.revision - b.revision;
}
