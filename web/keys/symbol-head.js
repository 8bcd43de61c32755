/** A symbol as it stands: the last price large, its change from the trade before, how old it is, and what counts about it. */
import { ageCell, numberCell, textCell } from '../cells.js';
import { volumeDecimals } from '../charts/price-charts.js';
import { element, setAttribute } from '../dom.js';
import { changeText, countText, numberText, priceDecimals } from '../format.js';
import { isSilent } from '../silence.js';
import { reasonsText } from './sensor-head.js';

/** @import { Cell } from '../cells.js' */

/**
 * @typedef {object} SymbolNow
 * @property {string} symbol
 * @property {string | null} event_time
 * @property {string | null} ingest_time
 * @property {number | null} price
 * @property {number | null} size
 * @property {number | null} absolute_price_change
 * @property {number | null} percentage_change
 * @property {{ day: string, trade_count: number, volume: number, min_price: number, max_price: number, open_price: number, close_price: number, vwap: number | null } | null} day
 * @property {{ received: number, duplicate: number, late: Record<string, number>, quarantined: Record<string, number>, quality: Record<string, number> }} counters
 */

/** @type {readonly [string, Cell<SymbolNow>][]} */
const FACTS = [
  ['Last size', numberCell('', ({ size }) => numberText(size, volumeDecimals(size ?? 0)))],
  ['This day', textCell('', dayText)],
  ['Since it opened', textCell('', sinceOpenText)],
  ['Late', textCell('', ({ counters }) => reasonsText(counters.late))],
  ['Refused', textCell('', ({ counters }) => reasonsText(counters.quarantined))],
  ['Received', numberCell('', ({ counters }) => numberText(counters.received), 'trades')],
];

/** @returns {{ element: HTMLElement, show(symbol: SymbolNow, nowMs: number): void }} */
export function symbolHead() {
  /** @type {((symbol: SymbolNow, nowMs: number) => void)[]} */
  const updates = [];
  /** @param {'p' | 'span' | 'dd'} tag @param {Cell<SymbolNow>} cell */
  function part(tag, { className, mount }) {
    const made = element(tag, className);
    updates.push(mount(made));
    return made;
  }
  const main = element(
    'div',
    'now-main',
    part(
      'p',
      numberCell('price now-value', ({ price }) => numberText(price, priceDecimals(price))),
    ),
    element(
      'div',
      'now-signs',
      part('span', textCell('change', changeOf)),
      part(
        'span',
        ageCell(({ event_time }) => event_time),
      ),
    ),
  );
  const facts = element('dl', 'facts');
  for (const [term, cell] of FACTS) facts.append(element('dt', '', term), part('dd', cell));
  return {
    element: element('div', 'card now', main, facts),
    show(symbol, nowMs) {
      setAttribute(main, 'data-silent', String(isSilent(symbol, nowMs)));
      for (const update of updates) update(symbol, nowMs);
    },
  };
}

/** @param {SymbolNow} symbol */
function changeOf({ price, absolute_price_change: change, percentage_change: percent }) {
  if (change === null) return 'No trade before it';
  return `${changeText(change, priceDecimals(price))} (${changeText(percent, 3)}\u00a0%) from the trade before`;
}

/** @param {SymbolNow} symbol */
function dayText({ day }) {
  if (!day) return '–';
  /** @param {number} price */
  const text = (price) => numberText(price, priceDecimals(price));
  return `${day.day}: ${text(day.min_price)} to ${text(day.max_price)}, ${countText(day.trade_count, 'trade')}`;
}

/** @param {SymbolNow} symbol */
function sinceOpenText({ day, price }) {
  if (!day || price === null) return '–';
  const change = price - day.open_price;
  return `${changeText(change, priceDecimals(price))} (${changeText((change / day.open_price) * 100, 2)}\u00a0%)`;
}
