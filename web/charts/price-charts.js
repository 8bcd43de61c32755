/** Candles of one-minute bars, and their volume under them. */
import { countText, numberText, priceDecimals, timeOf } from '../format.js';
import { Chart } from './chart.js';
import { drawBoundary, drawCandles, drawCorrected, drawMoving } from './draw.js';
import { Frame } from './frame.js';
import uPlot from './library.js';
import { heightOf } from './points.js';
import { color } from './theme.js';
import { crosshairText, settledText, spanText } from './time-text.js';

/** @import { Span } from './span.js' */

/**
 * @typedef {object} Bar
 * @property {string} bar_start
 * @property {string} bar_end
 * @property {number} open_price
 * @property {number} high_price
 * @property {number} low_price
 * @property {number} close_price
 * @property {number} volume
 * @property {number} trade_count
 * @property {number} revision 0 while open, 1 at the close, more after each correction
 * @property {boolean} closed
 */

const PRICE_HEIGHT = 300;
const VOLUME_HEIGHT = 130;
const AXIS_WIDTH = 92;
const CORRECTED = 2;
/** Bars of volume leave this share of their minute free. */
const FULL = 0.8;

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
/** Nothing is drawn of a series: the candles are drawn over it. */
const NO_PATH = { paths: () => null, points: { show: false } };

/** @param {Bar} bar */
const startOf = (bar) => timeOf(bar.bar_start) ?? 0;
/** @param {Bar} bar */
const lengthOf = (bar) => (timeOf(bar.bar_end) ?? 0) - startOf(bar);
/** @param {Bar} bar */
const middleOf = (bar) => startOf(bar) + lengthOf(bar) / 2;

/**
 * @param {string} crosshair
 * @param {(span: Span | null) => void} onZoom
 * @returns {{ elements: HTMLElement[], show(bars: readonly Bar[] | null, known: { span: Span, boundaryMs: number | null, note: string }): void, close(): void }}
 */
export function priceCharts(crosshair, onZoom) {
  /** @type {readonly Bar[]} */
  let bars = [];
  /** @type {uPlot.AlignedData} */
  let priceColumns = [[]];
  /** @type {uPlot.AlignedData} */
  let volumeColumns = [[]];
  /** @type {number | null} */
  let boundaryMs = null;
  /** @param {number} price */
  const priceText = (price) => numberText(price, priceDecimals(price));
  /** @type {Frame<Bar>} */
  const prices = new Frame('Price', (bar) => bar.bar_start, [
    { head: 'From', text: (bar) => crosshairText(startOf(bar)) },
    { head: 'Open', text: (bar) => priceText(bar.open_price) },
    { head: 'Highest', text: (bar) => priceText(bar.high_price) },
    { head: 'Lowest', text: (bar) => priceText(bar.low_price) },
    { head: 'Close', text: (bar) => priceText(bar.close_price) },
    { head: 'Volume', text: (bar) => numberText(bar.volume, volumeDecimals(bar.volume)) },
    { head: 'Trades', text: (bar) => numberText(bar.trade_count) },
    { head: 'State', text: stateText },
  ]);
  const volumePlot = element();
  prices.plot.after(volumePlot);

  /** @param {number | null} index @param {boolean} byKey */
  function point(index, byKey) {
    const bar = index === null ? bars.at(-1) : bars[index];
    prices.point(bar ? wordsOf(bar, priceText) : '', byKey);
  }
  /** @param {uPlot} plot */
  function under(plot) {
    drawMoving(
      plot,
      bars.flatMap((bar) => (bar.closed ? [] : [{ fromMs: startOf(bar), toMs: startOf(bar) + lengthOf(bar) }])),
    );
  }
  /** @param {uPlot} plot */
  function overPrices(plot) {
    const { min: fromMs = 0, max: toMs = 0 } = plot.scales['x'] ?? {};
    const seen = bars.filter((bar) => middleOf(bar) >= fromMs && middleOf(bar) <= toMs);
    const [first] = seen;
    if (first) drawCandles(plot, seen.map(candleOf), lengthOf(first));
    drawCorrected(
      plot,
      seen.flatMap((bar) => (isCorrected(bar) ? [{ timeMs: middleOf(bar), value: bar.high_price }] : [])),
    );
    if (boundaryMs !== null) drawBoundary(plot, boundaryMs);
  }

  const priceChart = new Chart(prices.plot, {
    label: 'Price in bars of one minute',
    height: PRICE_HEIGHT,
    axisWidth: AXIS_WIDTH,
    isAbove: true,
    crosshair,
    valueText: priceText,
    heightOf: (min, max) => heightOf(min, max),
    series: [NO_PATH, NO_PATH, { ...NO_PATH, stroke: () => color('--accent') }],
    under,
    over: overPrices,
    onPoint: point,
    onZoom,
  });
  const volumeChart = new Chart(volumePlot, {
    label: 'Volume in bars of one minute',
    height: VOLUME_HEIGHT,
    axisWidth: AXIS_WIDTH,
    crosshair,
    valueText: (volume) => compact.format(volume),
    heightOf: (_min, max) => [0, (max ?? 1) * 1.08 || 1],
    series: [
      {
        paths: /** @type {NonNullable<typeof uPlot.paths.bars>} */ (uPlot.paths.bars)({ size: [FULL, 14] }),
        fill: () => color('--chart-volume'),
        points: { show: false },
      },
    ],
    under,
    onPoint: point,
    onZoom,
  });

  return {
    elements: [prices.element],
    show(rows, known) {
      if (rows === null) return;
      if (rows !== bars) {
        bars = rows;
        const times = rows.map(middleOf);
        priceColumns = [times, rows.map((bar) => bar.low_price), rows.map((bar) => bar.high_price), rows.map((bar) => bar.close_price)];
        volumeColumns = [times, rows.map((bar) => bar.volume)];
      }
      ({ boundaryMs } = known);
      const { span } = known;
      const inSpan = rows.filter((bar) => middleOf(bar) >= span.fromMs && middleOf(bar) <= span.toMs);
      prices.show(rows, {
        note: known.note,
        summary: [summaryOf(inSpan, priceText), settledText(span, boundaryMs)].filter(Boolean).join(' '),
        empty: inSpan.length === 0 ? [`No data: no trade from ${spanText(span.fromMs, span.toMs)}. A longer range may have some.`] : null,
      });
      volumePlot.hidden = inSpan.length === 0;
      if (inSpan.length === 0) return;
      priceChart.show(priceColumns, span, boundaryMs);
      volumeChart.show(volumeColumns, span, null);
      prices.plot.dataset['points'] = String(inSpan.length);
      if (!priceChart.isPointed && !volumeChart.isPointed) point(null, false);
    },
    close() {
      priceChart.close();
      volumeChart.close();
    },
  };
}

function element() {
  const plot = document.createElement('div');
  plot.className = 'plot';
  return plot;
}

/** @param {Bar} bar */
function candleOf(bar) {
  const { open_price: open, high_price: high, low_price: low, close_price: close } = bar;
  return { timeMs: startOf(bar), open, high, low, close, isOpen: !bar.closed };
}

/** @param {Bar} bar */
function isCorrected(bar) {
  return bar.revision >= CORRECTED;
}

/** @param {number} volume fractions of a coin are traded, and whole shares */
export function volumeDecimals(volume) {
  return Number.isInteger(volume) ? 0 : 4;
}

/** @param {Bar} bar */
function stateText(bar) {
  if (!bar.closed) return 'Still moving';
  return isCorrected(bar) ? `Closed, corrected (revision ${bar.revision})` : 'Closed';
}

/**
 * @param {Bar} bar
 * @param {(price: number) => string} priceText
 */
function wordsOf(bar, priceText) {
  const prices = `open ${priceText(bar.open_price)}, high ${priceText(bar.high_price)}, low ${priceText(bar.low_price)}, close ${priceText(bar.close_price)}`;
  const state = bar.closed && !isCorrected(bar) ? '' : `, ${stateText(bar).toLowerCase()}`;
  return `${crosshairText(startOf(bar))}: ${prices}, volume ${numberText(bar.volume, volumeDecimals(bar.volume))} in ${countText(bar.trade_count, 'trade')}${state}`;
}

/**
 * @param {readonly Bar[]} bars
 * @param {(price: number) => string} priceText
 */
function summaryOf(bars, priceText) {
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last) return '';
  const low = Math.min(...bars.map((bar) => bar.low_price));
  const high = Math.max(...bars.map((bar) => bar.high_price));
  const moving = bars.filter(({ closed }) => !closed).length;
  const corrected = bars.filter(isCorrected).length;
  return [
    `${countText(bars.length, 'bar')}, ${spanText(startOf(first), startOf(last) + lengthOf(last))}: ${priceText(low)} to ${priceText(high)}.`,
    'Rising bars are hollow, falling ones filled.',
    moving > 0 ? `${moving} still moving (shaded).` : '',
    corrected > 0 ? `${corrected} corrected by late trades (ringed).` : '',
  ]
    .filter(Boolean)
    .join(' ');
}
