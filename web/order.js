/** The order of rows: by importance, but steady while somebody looks. */
import { isTrusted, severityRank } from './severity.js';

/** @import { Sensor } from './render-sensors.js' */
/** @import { Alarm } from './render-alarms.js' */
/** @import { TradedSymbol } from './render-symbols.js' */

/** Rows change places at most this often. */
const RESORT_MS = 5000;
/** Nothing moves under a finger: rows wait until it has been quiet for this long ... */
const QUIET_MS = 2000;
/** ... but not for ever: what became worse must come up. */
const MAX_HELD_MS = 20_000;

const names = new Intl.Collator('en', { numeric: true });

/**
 * By name, numbers in it as numbers: `sensor-9` before `sensor-10`.
 * @param {string} a
 * @param {string} b
 */
export function compareNames(a, b) {
  return names.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Worst first: by severity, then those whose newest reading is not to be trusted, then by name.
 * @param {Sensor} a
 * @param {Sensor} b
 */
export function compareSensors(a, b) {
  return (
    severityRank(a.severity) - severityRank(b.severity) ||
    Number(isTrusted(a.quality)) - Number(isTrusted(b.quality)) ||
    compareNames(a.sensor_id, b.sensor_id)
  );
}

/**
 * Worst first, then newest.
 * @param {Alarm} a
 * @param {Alarm} b
 */
export function compareAlarms(a, b) {
  return (
    severityRank(a.severity) - severityRank(b.severity) ||
    (a.since < b.since ? 1 : a.since > b.since ? -1 : 0) ||
    compareNames(a.alarm_id, b.alarm_id)
  );
}

/**
 * A symbol's change since the open of its newest day, in % of the open; null while nothing is known of it.
 * @param {TradedSymbol} row
 */
export function changeSinceOpen({ price, day }) {
  const open = day?.open_price ?? 0;
  return price === null || open === 0 ? null : ((price - open) / open) * 100;
}

/**
 * What moved most, up or down, since its open; then by name.
 * @param {TradedSymbol} a
 * @param {TradedSymbol} b
 */
export function compareMovers(a, b) {
  return Math.abs(changeSinceOpen(b) ?? 0) - Math.abs(changeSinceOpen(a) ?? 0) || compareNames(a.symbol, b.symbol);
}

/**
 * Keeps rows where they are and sorts them anew at most every few seconds, sooner when rows come or go, later while
 * somebody points at them. Rows that are new in between stand at the end.
 * @template Row
 */
export class SteadyOrder {
  /** @type {string[]} */
  #keys = [];
  #sortedMs = Number.NEGATIVE_INFINITY;
  #touchedMs = Number.NEGATIVE_INFINITY;
  #keyOf;
  #compare;

  /**
   * @param {(row: Row) => string} keyOf
   * @param {(a: Row, b: Row) => number} compare
   */
  constructor(keyOf, compare) {
    this.#keyOf = keyOf;
    this.#compare = compare;
  }

  /**
   * Somebody points at the rows.
   * @param {number} nowMs
   */
  touch(nowMs) {
    this.#touchedMs = nowMs;
  }

  /**
   * @param {readonly Row[]} rows
   * @param {number} nowMs
   * @returns {Row[]}
   */
  arrange(rows, nowMs) {
    const byKey = new Map(rows.map((row) => [this.#keyOf(row), row]));
    const arranged = this.#mayMove(byKey, nowMs) ? this.#sorted(rows, nowMs) : this.#asBefore(byKey);
    this.#keys = arranged.map(this.#keyOf);
    return arranged;
  }

  /**
   * @param {ReadonlyMap<string, Row>} byKey
   * @param {number} nowMs
   */
  #mayMove(byKey, nowMs) {
    const sortedAgoMs = nowMs - this.#sortedMs;
    if (nowMs - this.#touchedMs < QUIET_MS && sortedAgoMs < MAX_HELD_MS) return false;
    const sameRows = byKey.size === this.#keys.length && this.#keys.every((key) => byKey.has(key));
    return !sameRows || sortedAgoMs >= RESORT_MS;
  }

  /**
   * @param {readonly Row[]} rows
   * @param {number} nowMs
   */
  #sorted(rows, nowMs) {
    this.#sortedMs = nowMs;
    return [...rows].sort(this.#compare);
  }

  /** @param {Map<string, Row>} byKey */
  #asBefore(byKey) {
    /** @type {Row[]} */
    const arranged = [];
    for (const key of this.#keys) {
      const row = byKey.get(key);
      if (row === undefined) continue;
      arranged.push(row);
      byKey.delete(key);
    }
    return [...arranged, ...byKey.values()];
  }
}
