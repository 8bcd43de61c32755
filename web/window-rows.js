/** Windows of a key: all of a span once, then again and again those that may still change. */
import { isList, reader } from './api.js';
import { timeOf } from './format.js';
import { Poller } from './poller.js';

/** @import { Live } from './live.js' */

/** More are not drawn ... */
export const MAX_WINDOWS = 2000;
/** ... and more are not asked for: of what may be sparser than it can be, the newest are kept. */
export const MAX_ASKED = 3000;
const PAGE = 1000;
/** So many of the newest windows are asked for again: hardly any event comes later than that. */
const CHANGING = 30;
/** Then all of them again: some change even later. */
const WHOLE_AGAIN_MS = 300_000;
/** Rows that are pushed hurry the next request, but not by more than this. */
const HURRY_MS = 2000;

/**
 * @typedef {object} WindowRow
 * @property {number} revision
 * @property {boolean} closed
 */

/** @template {WindowRow} Row */
export class WindowRows {
  /** Whether there are older windows in the span than are here. */
  isCut = false;
  /** Up to when the batch has settled them. @type {unknown} */
  boundary = null;
  /** By start, ascending. @type {Map<number, Row>} */
  #byStart = new Map();
  /** @type {readonly Row[] | null} */
  #rows = null;
  #readFromMs = Number.NaN;
  #wholeMs = 0;
  #path;
  #startOf;
  #poller;
  #live;
  #off = () => {};
  /** @type {number | null} */
  #fromMs = null;

  /**
   * @param {string} name of the windows, as in a sentence
   * @param {string} path of their list
   * @param {(row: Row) => string} startOf
   * @param {Live} live
   * @param {() => void} onChange called whenever there may be something new to show
   */
  constructor(name, path, startOf, live, onChange) {
    this.#path = path;
    this.#startOf = startOf;
    this.#live = live;
    this.#poller = new Poller(
      name,
      () => this.#read(),
      onChange,
      () => live.connected && this.isCurrent,
    );
  }

  /** Whether the rows are those of the span asked for. */
  get isCurrent() {
    return this.#readFromMs === this.#fromMs;
  }

  /** The rows, ascending; null before the first answer. The same array as long as nothing changed. */
  get rows() {
    return this.#rows;
  }

  /** Start of the oldest one here. */
  get firstMs() {
    const [first] = this.#byStart.keys();
    return first ?? null;
  }

  /** Asks for what starts from here on, unless that is here already, and goes on until closed. @param {number} fromMs */
  from(fromMs) {
    if (this.#fromMs !== null && this.#fromMs <= fromMs) return;
    const isFirst = this.#fromMs === null;
    this.#fromMs = fromMs;
    if (isFirst) this.#off = this.#live.onChange(() => this.#poller.wake());
    this.#poller.wake();
  }

  /** Something happened to the key. */
  hurry() {
    if (this.#fromMs !== null && Date.now() - (this.#poller.answeredMs ?? 0) >= HURRY_MS) this.#poller.wake();
  }

  close() {
    this.#off();
    this.#poller.rest();
  }

  async #read() {
    const fromMs = this.#fromMs ?? 0;
    const isCurrent = this.#readFromMs === fromMs;
    const isWhole = !isCurrent || Date.now() - this.#wholeMs >= WHOLE_AGAIN_MS;
    const starts = isCurrent ? [...this.#byStart.keys()] : [];
    const oldestMs = starts[0] ?? fromMs;
    const startMs = isWhole ? oldestMs : (starts.at(-CHANGING) ?? oldestMs);
    const { rows, boundary } = await this.#readFrom(startMs);
    if (isWhole) {
      this.#byStart.clear();
      this.#readFromMs = fromMs;
      this.#wholeMs = Date.now();
      this.isCut = false;
    }
    this.boundary = boundary;
    this.#merge(rows);
  }

  /** @param {number} startMs */
  async #readFrom(startMs) {
    /** @type {Row[]} */
    const rows = [];
    let cursor = '';
    for (;;) {
      const address = `${this.#path}?from=${new Date(startMs).toISOString()}&limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const answer = await reader(address, isList)();
      rows.push(...answer.data);
      if (answer.nextCursor === null || rows.length >= MAX_ASKED) return { rows, boundary: answer.boundary };
      cursor = answer.nextCursor;
    }
  }

  /** @param {readonly Row[]} rows */
  #merge(rows) {
    let isSame = this.#rows !== null && this.#byStart.size > 0;
    for (const row of rows) {
      const startMs = timeOf(this.#startOf(row)) ?? 0;
      isSame &&= JSON.stringify(this.#byStart.get(startMs)) === JSON.stringify(row);
      this.#byStart.set(startMs, row);
    }
    if (isSame) return;
    const starts = [...this.#byStart.keys()].sort((a, b) => a - b);
    const tooMany = Math.max(0, starts.length - MAX_WINDOWS);
    this.isCut ||= tooMany > 0;
    starts.splice(0, tooMany);
    this.#byStart = new Map(starts.map((start) => [start, /** @type {Row} */ (this.#byStart.get(start))]));
    this.#rows = [...this.#byStart.values()];
  }
}
