/** Symbols, what moved most since its open first, each with its last price and the change from the trade before. */
import { ageCell, linkCell, numberCell } from './cells.js';
import { byId, setAttribute, setLines, setShown, setText } from './dom.js';
import { changeText, numberText, priceDecimals } from './format.js';
import { changeSinceOpen, compareMovers, SteadyOrder } from './order.js';
import { Pager } from './pager.js';
import { hrefOf } from './router.js';
import { isSilent } from './silence.js';
import { Table } from './table.js';

/**
 * @typedef {object} TradedSymbol
 * @property {string} symbol
 * @property {string | null} event_time
 * @property {string | null} ingest_time
 * @property {number | null} price
 * @property {number | null} absolute_price_change
 * @property {number | null} percentage_change in % of the price before
 * @property {{ open_price: number } | null} day the newest one
 */

/** Rows a page. */
const FEW = 10;
const CHANGE_DECIMALS = 3;
const DAY_DECIMALS = 2;
const EMPTY = [
  'No trade has arrived yet.',
  '`npm start` brings a simulated market; with `FINNHUB_TOKEN` set, the real one.',
  '`npm run replay -- trades FILE` brings recorded trades.',
];

/** @param {TradedSymbol} row */
const keyOf = (row) => row.symbol;

/**
 * @param {number} page the first one shown
 * @param {(page: number) => void} onTurn
 * @returns {{ show(symbols: readonly TradedSymbol[], partial: boolean, nowMs: number): void, touch(): void }}
 */
export function symbolsView(page, onTurn) {
  const element = byId('symbols-table');
  const empty = byId('symbols-empty');
  const order = new SteadyOrder(keyOf, compareMovers);
  const pager = new Pager({ what: 'symbols', size: FEW, page, onTurn });
  element.after(pager.element);
  const table = new Table(
    element,
    keyOf,
    [
      linkCell(keyOf, (row) => hrefOf('symbol', row.symbol)),
      numberCell('price', ({ price }) => numberText(price, priceDecimals(price))),
      numberCell('percent', (row) => changeText(row.percentage_change, CHANGE_DECIMALS), '%'),
      numberCell('since-open', (row) => changeText(changeSinceOpen(row), DAY_DECIMALS), '%'),
      ageCell((row) => row.event_time),
    ],
    (row, symbol, nowMs) => setAttribute(row, 'data-silent', String(isSilent(symbol, nowMs))),
  );

  return {
    show(symbols, partial, nowMs) {
      table.show(pager.slice(order.arrange(symbols, Date.now())), nowMs);
      setShown(element, symbols.length > 0);
      setShown(empty, symbols.length === 0);
      setLines(empty, EMPTY);
      const whole = partial ? `Of the first ${numberText(symbols.length)} by name` : 'Most since the open first';
      setText(byId('symbols-note'), symbols.length === 0 ? '' : whole);
    },
    touch: () => order.touch(Date.now()),
  };
}
