/** Day figures of a key: asked for rarely, since they are folded from every window; the newest day runs along with the key. */
import { isList, reader } from '../api.js';
import { Poller } from '../poller.js';

/** @import { Answer } from '../api.js' */
/** @import { DayRow } from './day-table.js' */

/** How old an answer may be. */
const FRESH_MS = 60_000;

/**
 * @template {DayRow} Row
 * @param {string} path of the days
 * @param {() => void} onChange
 */
export function daysOf(path, onChange) {
  const read = reader(path, isList);
  /** @type {{ answer: Answer<any[]>, ms: number } | null} */
  let fresh = null;
  const poller = new Poller(
    'days',
    async () => {
      if (fresh === null || Date.now() - fresh.ms >= FRESH_MS) fresh = { answer: await read(), ms: Date.now() };
      return fresh.answer;
    },
    onChange,
    () => true,
  );
  poller.wake();
  /** @type {{ told: readonly Row[] | null, newest: string, rows: readonly Row[] | null }} */
  let known = { told: null, newest: '', rows: null };
  return {
    /** Whether there are older ones. */
    get partial() {
      return poller.answer?.partial ?? false;
    },
    /** The newest day up to which everything known is settled; null when nothing is. */
    get settledDay() {
      return poller.answer?.settledDay ?? null;
    },
    /**
     * The days, ascending; the same array as long as nothing changed; null before the first answer.
     * @param {Partial<Row> & { day: string } | null} running figures of the newest day, as the key has them
     * @returns {readonly Row[] | null}
     */
    rows(running) {
      /** @type {readonly Row[] | null} */
      const told = poller.answer?.data ?? null;
      const newest = JSON.stringify(running);
      if (told !== known.told || newest !== known.newest)
        known = { told, newest, rows: told && running ? withRunning(told, running) : told };
      return known.rows;
    },
    close: () => poller.rest(),
  };
}

/**
 * What the batch has settled stays; a day that was not told yet comes after the others. Pure.
 * @template {DayRow} Row
 * @param {readonly Row[]} told ascending
 * @param {Partial<Row> & { day: string }} running
 * @returns {readonly Row[]}
 */
export function withRunning(told, running) {
  const last = told.at(-1);
  if (last && (last.day > running.day || (last.day === running.day && last.layer !== 'speed'))) return told;
  if (last?.day === running.day) return [...told.slice(0, -1), { ...last, ...running }];
  return [...told, /** @type {Row} */ ({ layer: 'speed', ...running })];
}
