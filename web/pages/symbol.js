/** The page of one symbol: as it stands, its price and volume, its newest trades, its days. */
import { numberCell } from '../cells.js';
import { dayChart } from '../charts/day-chart.js';
import { priceCharts, volumeDecimals } from '../charts/price-charts.js';
import { element } from '../dom.js';
import { countText, numberText, priceDecimals, timeOf } from '../format.js';
import { dayTable } from '../keys/day-table.js';
import { daysOf } from '../keys/days.js';
import { boundaryMsOf, keyFrame, shownRange } from '../keys/key-page.js';
import { symbolHead } from '../keys/symbol-head.js';
import { tradesTable } from '../keys/trades-table.js';
import { topicOf } from '../live.js';
import { compareCounted, LiveList, readOne } from '../live-list.js';
import { RecentRows } from '../recent-rows.js';
import { WindowRows } from '../window-rows.js';

/** @import { Bar } from '../charts/price-charts.js' */
/** @import { SymbolNow } from '../keys/symbol-head.js' */
/** @import { Trade } from '../keys/trades-table.js' */
/** @import { Context, OpenPage } from '../shell.js' */

/** @typedef {{ day: string, layer: string, revision?: number, price_update_count?: number | null, trade_count: number, volume: number, min_price: number, max_price: number, open_price: number, close_price: number, vwap: number | null, first_event_time?: string, last_event_time?: string }} TradeDay */

/** Trades kept while the page is open: as many as the API has. */
const MAX_TRADES = 32;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const COMMANDS = [
  '`npm start` brings a simulated market; with `FINNHUB_TOKEN` set, the real one.',
  '`npm run replay -- trades FILE` brings recorded trades.',
];
const CROSSHAIR = 'symbol';

/**
 * @param {HTMLElement} root
 * @param {string} key
 * @param {URLSearchParams} params `range`; `from` and `to` of a zoom
 * @param {Context} context
 * @returns {OpenPage}
 */
export function openPage(root, key, params, context) {
  const { live, requestShow } = context;
  const path = `/v1/symbols/${encodeURIComponent(key)}`;
  const topic = topicOf('symbols', key);
  const latest = new LiveList(
    {
      name: 'symbol',
      read: readOne(`${path}/latest`),
      topic,
      keyOf: (/** @type {SymbolNow} */ row) => row.symbol,
      compareAge: compareCounted,
    },
    live,
    requestShow,
  );
  /** @type {RecentRows<Trade>} */
  const trades = new RecentRows('trades', `${path}/trades`, { topic, rowOf: tradeOf, keep: MAX_TRADES }, live, requestShow);
  /** @type {WindowRows<Bar>} */
  const bars = new WindowRows('bars', `${path}/bars`, (bar) => bar.bar_start, live, requestShow);
  /** @type {ReturnType<typeof daysOf<TradeDay>>} */
  const days = daysOf(`${path}/daily`, requestShow);
  const offPush = live.subscribe(topic, () => bars.hurry());

  const frame = keyFrame({ key, kind: 'symbol', list: 'Symbols', commands: COMMANDS });
  const range = shownRange(params, context);
  const head = symbolHead();
  const charts = priceCharts(CROSSHAIR, range.zoomTo);
  const newest = tradesTable();
  const dayByDay = dayChart(`${CROSSHAIR} days`, FIGURES, requestShow);
  const dayFigures = daysOfSymbol(dayByDay.element);
  frame.body.append(
    head.element,
    range.element,
    element('div', 'columns', element('div', 'column', ...charts.elements), element('div', 'column', newest.element)),
    dayFigures.element,
  );
  root.append(...frame.elements);

  latest.open();

  return {
    show(nowMs) {
      const symbol = latest.rows?.[0];
      frame.show(symbol !== undefined, latest.error);
      if (!symbol) return;
      head.show(symbol, nowMs);
      const dayRows = days.rows(symbol.day);
      const newestMs = Math.max(timeOf(symbol.event_time) ?? nowMs, timeOf(bars.rows?.at(-1)?.bar_end) ?? 0);
      const { span, fromMs, note } = range.show(dayRows?.map(barsAtMost) ?? null, bars, newestMs, nowMs);
      if (fromMs !== null) bars.from(fromMs);
      charts.show(bars.rows, { span, boundaryMs: boundaryMsOf(bars.boundary), note });
      newest.show(trades.rows, nowMs);
      dayByDay.show(dayRows, { settledDay: days.settledDay, limits: [] });
      dayFigures.show(dayRows, days.partial, "Days in the exchange's zone.", nowMs);
    },
    close() {
      offPush();
      for (const part of [latest, trades, bars, days, charts, dayByDay]) part.close();
    },
  };
}

/**
 * The newest trade as the row of the symbol has it; null when it has none.
 * @param {SymbolNow} symbol
 * @returns {Trade | null}
 */
function tradeOf({ event_time, price, size, absolute_price_change, percentage_change }) {
  if (typeof event_time !== 'string' || typeof price !== 'number' || typeof size !== 'number') return null;
  return { event_time, price, size, absolute_price_change, percentage_change };
}

/**
 * How many bars a day may have: one a minute between its first and its last trade, all day long where these are not told.
 * @param {TradeDay} day
 */
function barsAtMost({ day, trade_count, first_event_time: first, last_event_time: last }) {
  const lengthMs = first === undefined || last === undefined ? DAY_MS : (timeOf(last) ?? 0) - (timeOf(first) ?? 0);
  return { day, atMost: Math.min(trade_count, Math.ceil(lengthMs / MINUTE_MS) + 1) };
}

/** @param {number} value */
const priceText = (value) => numberText(value, priceDecimals(value));

/** @type {import('../charts/day-chart.js').DayFigures<TradeDay>} */
const FIGURES = {
  what: 'Close',
  line: (day) => day.close_price,
  low: (day) => day.min_price,
  high: (day) => day.max_price,
  valueText: priceText,
  barsOf: 'Volume',
  bar: (day) => day.volume,
  words: (day) =>
    `close ${priceText(day.close_price)}, ${priceText(day.min_price)} to ${priceText(day.max_price)}, volume ${numberText(day.volume, volumeDecimals(day.volume))} in ${countText(day.trade_count, 'trade')}`,
};

/** @param {HTMLElement} chart */
function daysOfSymbol(chart) {
  /** @param {(day: TradeDay) => number | null} pick */
  const price = (pick) => numberCell('', (/** @type {TradeDay} */ day) => numberText(pick(day), priceDecimals(pick(day))));
  return dayTable(
    [
      { head: 'Trades', cell: numberCell('', (/** @type {TradeDay} */ { trade_count }) => numberText(trade_count)) },
      { head: 'Volume', cell: numberCell('', (/** @type {TradeDay} */ { volume }) => numberText(volume, volumeDecimals(volume))) },
      { head: 'Lowest', cell: price((day) => day.min_price) },
      { head: 'Highest', cell: price((day) => day.max_price) },
      { head: 'Open', cell: price((day) => day.open_price) },
      { head: 'Close', cell: price((day) => day.close_price) },
      { head: 'VWAP', cell: price((day) => day.vwap) },
      { head: 'Price updates', cell: numberCell('', (/** @type {TradeDay} */ day) => numberText(day.price_update_count)) },
    ],
    chart,
  );
}
