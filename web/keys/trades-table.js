/** The newest trades of a symbol, newest first, each with the change from the trade before it. */
import { ageCell, numberCell } from '../cells.js';
import { volumeDecimals } from '../charts/price-charts.js';
import { element, setLines, setShown, setText } from '../dom.js';
import { changeText, numberText, priceDecimals } from '../format.js';
import { Table } from '../table.js';
import { tableBox } from '../table-box.js';

/** @import { EventRow } from '../recent-rows.js' */

/** @typedef {EventRow & { price: number, size: number, absolute_price_change: number | null, percentage_change: number | null }} Trade */

/** @type {readonly (readonly [string, string])[]} */
const HEADS = [
  ['number price', 'Price'],
  ['number change', 'Change'],
  ['number percent', 'Change in %'],
  ['number size', 'Size'],
  ['number age', 'Traded'],
];

/** @returns {{ element: HTMLElement, show(trades: readonly Trade[] | null, nowMs: number): void }} */
export function tradesTable() {
  const title = element('h3', '', 'Newest trades');
  title.id = 'trades-heading';
  const note = element('p', 'note');
  const empty = element('div', 'empty');
  const { table: tableElement, box: list } = tableBox('trades', HEADS, title.id);
  const section = element('section', '', element('div', 'section-head', title, note), element('div', 'card', empty, list));
  section.setAttribute('aria-labelledby', title.id);
  /** As many for all of them: a column is read from top to bottom. */
  let decimals = 0;
  /** @type {Table<Trade>} */
  const table = new Table(tableElement, (trade) => trade.event_id ?? `pushed ${trade.event_time} ${trade.price} ${trade.size}`, [
    numberCell('price', ({ price }) => numberText(price, priceDecimals(price))),
    numberCell('change', (trade) => changeText(trade.absolute_price_change, priceDecimals(trade.price))),
    numberCell('percent', (trade) => changeText(trade.percentage_change, 3), '%'),
    numberCell('size', ({ size }) => numberText(size, decimals)),
    ageCell((trade) => trade.event_time),
  ]);
  return {
    element: section,
    show(trades, nowMs) {
      setLines(empty, [trades === null ? 'Waiting for the first answer of the API.' : 'No trade is known yet.']);
      setShown(empty, !trades?.length);
      setShown(list, Boolean(trades?.length));
      setText(note, trades?.length ? 'Newest first' : '');
      if (!trades) return;
      decimals = Math.max(0, ...trades.map(({ size }) => volumeDecimals(size)));
      table.show([...trades].reverse(), nowMs);
    },
  };
}
