/** Symbols by name, each with its last price and the change from the trade before. */
import { ageCell, nameCell, numberCell } from './cells.js';
import { byId, setAttribute, setLines, setShown, setText } from './dom.js';
import { changeText, numberText, priceDecimals } from './format.js';
import { compareNames } from './order.js';
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
 */

const PERCENT_DECIMALS = 3;
const EMPTY = [
  'No trade has arrived yet.',
  '`npm start` brings a simulated market; with `FINNHUB_TOKEN` set, the real one.',
  '`npm run replay -- trades FILE` brings recorded trades.',
];

/** @param {TradedSymbol} row */
const keyOf = (row) => row.symbol;

/** @returns {{ show(symbols: readonly TradedSymbol[], partial: boolean, nowMs: number): void }} */
export function symbolsView() {
  const element = byId('symbols-table');
  const empty = byId('symbols-empty');
  const table = new Table(
    element,
    keyOf,
    [
      nameCell(keyOf),
      numberCell('price', ({ price }) => numberText(price, priceDecimals(price))),
      numberCell('change', (row) => changeText(row.absolute_price_change, priceDecimals(row.price))),
      numberCell('percent', (row) => changeText(row.percentage_change, PERCENT_DECIMALS), '%'),
      ageCell((row) => row.event_time),
    ],
    (row, symbol, nowMs) => setAttribute(row, 'data-silent', String(isSilent(symbol, nowMs))),
  );

  return {
    show(symbols, partial, nowMs) {
      table.show(
        [...symbols].sort((a, b) => compareNames(a.symbol, b.symbol)),
        nowMs,
      );
      setShown(element, symbols.length > 0);
      setShown(empty, symbols.length === 0);
      setLines(empty, EMPTY);
      setText(byId('symbols-count'), `${numberText(symbols.length)}${partial ? '+' : ''}`);
      setText(
        byId('symbols-note'),
        partial ? `The first ${numberText(symbols.length)} by name` : symbols.length > 0 ? 'Change from the trade before' : '',
      );
    },
  };
}
