/** The newest events of a key: those that the API keeps, those seen before they fell out of it, and those pushed since. */
import { isList, reader } from './api.js';
import { Poller } from './poller.js';

/** @import { Live } from './live.js' */

/**
 * @typedef {object} EventRow
 * @property {string} [event_id] none while only pushed
 * @property {string} event_time
 */

/** @template {EventRow} Row */
export class RecentRows {
  /** Those that the API told. @type {Map<string, Row>} */
  #told = new Map();
  /** Those pushed that it did not tell yet. @type {Row[]} */
  #pushed = [];
  /** @type {readonly Row[] | null} */
  #rows = null;
  #keep;
  #poller;
  #onChange;
  #offs;

  /**
   * @param {string} name of the events, as in a sentence
   * @param {string} path of their list, which has the newest first
   * @param {{ topic: string, rowOf: (latest: any) => Row | null, keep: number }} pushed rows as a row of the key as it stands has them; how many rows to keep
   * @param {Live} live
   * @param {() => void} onChange called whenever there may be something new to show
   */
  constructor(name, path, { topic, rowOf, keep }, live, onChange) {
    this.#keep = keep;
    this.#onChange = onChange;
    const read = reader(path, isList);
    this.#poller = new Poller(
      name,
      async () => this.#tell((await read()).data),
      onChange,
      () => live.connected,
    );
    this.#offs = [live.subscribe(topic, (latest) => this.#push(rowOf(latest))), live.onChange(() => this.#poller.wake())];
    this.#poller.wake();
  }

  /** The rows, oldest first; null before the first answer. The same array as long as nothing changed. */
  get rows() {
    return this.#rows;
  }

  close() {
    for (const off of this.#offs) off();
    this.#poller.rest();
  }

  /** @param {readonly Row[]} newestFirst */
  #tell(newestFirst) {
    const fresh = newestFirst.filter(({ event_id }) => !this.#told.has(event_id ?? ''));
    // What changes with what comes between, the change from the trade before, is as told last.
    for (const row of newestFirst) this.#told.set(row.event_id ?? '', row);
    const newest = newestFirst[0]?.event_time ?? '';
    const left = this.#pushed.filter(({ event_time }) => event_time > newest);
    const isSame = fresh.length === 0 && left.length === this.#pushed.length && this.#rows !== null;
    this.#pushed = left;
    if (!isSame) this.#arrange();
  }

  /** @param {Row | null} row */
  #push(row) {
    const newest = this.#rows?.at(-1);
    if (row === null || (newest && row.event_time <= newest.event_time)) return;
    this.#pushed.push(row);
    this.#arrange();
    this.#onChange();
  }

  #arrange() {
    const told = [...this.#told.values()].sort(compareEvents);
    for (const { event_id } of told.splice(0, Math.max(0, told.length - this.#keep))) this.#told.delete(event_id ?? '');
    this.#pushed = this.#pushed.slice(-this.#keep);
    this.#rows = [...told, ...this.#pushed].slice(-this.#keep);
  }
}

/**
 * By time, then as delivered.
 * @param {EventRow} a
 * @param {EventRow} b
 */
function compareEvents(a, b) {
  if (a.event_time !== b.event_time) return a.event_time < b.event_time ? -1 : 1;
  return (a.event_id ?? '') < (b.event_id ?? '') ? -1 : 1;
}
