/** The chart of a key's days: highest to lowest as a band, one figure as a line, another one as bars under it; what still moves on a ground of its own. */
import { element, setAttribute, setShown, setText } from '../dom.js';
import { Chart } from './chart.js';
import { DAY_STEPS_MS, dayMs, dayText, placeOf, spanOfDays } from './day-axis.js';
import { drawBoundary, drawLimits, drawMoving, drawWhiskers } from './draw.js';
import uPlot from './library.js';
import { heightOf, pointsOf } from './points.js';
import { color } from './theme.js';

/** @import { Limit } from './draw.js' */
/** @import { Point } from './points.js' */
/** @import { Span } from './span.js' */

/** @typedef {{ day: string, layer: string }} Day */

/**
 * @template Row
 * @typedef {object} DayFigures
 * @property {string} what what the line is, as in a sentence
 * @property {(day: Row) => number | null} line
 * @property {(day: Row) => number | null} low
 * @property {(day: Row) => number | null} high
 * @property {(value: number) => string} valueText
 * @property {string} barsOf what the bars are, as in a sentence
 * @property {(day: Row) => number} bar
 * @property {(day: Row) => string} words a day in full
 */

const LINE_HEIGHT = 220;
const BAR_HEIGHT = 130;
const AXIS_WIDTH = 92;
const DAY_AND_A_HALF_MS = 129_600_000;
const FULL = 0.7;
const MAX_BAR = 40;

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/**
 * @template {Day} Row
 * @param {string} crosshair
 * @param {DayFigures<Row>} figures
 * @param {() => void} requestShow
 * @returns {{ element: HTMLElement, show(days: readonly Row[] | null, known: { settledDay: string | null, limits: readonly Limit[] }): void, close(): void }}
 */
export function dayChart(crosshair, figures, requestShow) {
  const readout = element('p', 'readout');
  const linePlot = element('div', 'plot');
  const barPlot = element('div', 'plot');
  const summary = element('p', 'foot');
  const whole = element('div', 'chart day-chart', readout, linePlot, barPlot, summary);
  /** @type {readonly Point<Row>[]} */
  let points = [];
  /** @type {readonly Row[]} */
  let shown = [];
  /** @type {{ line: uPlot.AlignedData, bar: uPlot.AlignedData }} */
  let columns = { line: [[]], bar: [[]] };
  /** @type {readonly Limit[]} */
  let limits = [];
  /** @type {string | null} */
  let settledDay = null;
  /** @type {Span | null} */
  let zoom = null;

  /** Away from the chart the newest day is told. @param {number | null} index @param {boolean} byKey */
  function point(index, byKey) {
    const row = (index === null ? points.at(-1) : points[index])?.row;
    setAttribute(readout, 'aria-live', byKey ? 'polite' : 'off');
    setText(readout, row ? `${dayText(row.day)}: ${figures.words(row)}, ${row.layer === 'batch' ? 'settled' : 'still moving'}` : 'No data');
  }
  /** @param {Span | null} span */
  function onZoom(span) {
    zoom = span;
    requestShow();
  }
  /** @param {uPlot} plot */
  function under(plot) {
    drawMoving(
      plot,
      shown.filter(({ layer }) => layer !== 'batch').map(({ day }) => placeOf(day)),
    );
  }
  const edge = { stroke: () => color('--chart-band-edge'), width: 1, points: { show: false } };
  const common = { axisWidth: AXIS_WIDTH, crosshair, stepsMs: DAY_STEPS_MS, under, onPoint: point, onZoom };
  const lineChart = new Chart(linePlot, {
    ...common,
    label: `${figures.what}, lowest and highest of each day`,
    height: LINE_HEIGHT,
    isAbove: true,
    valueText: figures.valueText,
    heightOf: (min, max) =>
      heightOf(
        min,
        max,
        limits.map(({ value }) => value),
      ),
    series: [{ stroke: () => color('--accent'), width: 2, points: { show: true, size: 5, fill: () => color('--accent') } }, edge, edge],
    bands: [{ series: [3, 2], fill: () => color('--chart-band') }],
    over(plot) {
      drawWhiskers(plot, points.flatMap(loneOf));
      drawLimits(plot, limits);
      if (settledDay !== null) drawBoundary(plot, placeOf(settledDay).toMs);
    },
  });
  const barChart = new Chart(barPlot, {
    ...common,
    label: `${figures.barsOf} of each day`,
    height: BAR_HEIGHT,
    valueText: (value) => compact.format(value),
    heightOf: (_min, max) => [0, (max ?? 1) * 1.08 || 1],
    series: [
      {
        paths: /** @type {NonNullable<typeof uPlot.paths.bars>} */ (uPlot.paths.bars)({ size: [FULL, MAX_BAR] }),
        fill: () => color('--chart-volume'),
        points: { show: false },
      },
    ],
  });

  /**
   * @param {Point<Row>} point
   * @param {number} index
   * @param {readonly Point<Row>[]} all
   */
  function loneOf({ timeMs, row }, index, all) {
    if (!row || all[index - 1]?.row || all[index + 1]?.row) return [];
    const [min, max] = [figures.low(row), figures.high(row)];
    return min === null || max === null ? [] : [{ timeMs, min, max }];
  }

  /** @param {readonly Row[]} days */
  function take(days) {
    shown = days;
    points = pointsOf(days, ({ day }) => dayMs(day), DAY_AND_A_HALF_MS);
    const times = points.map(({ timeMs }) => timeMs);
    /** @param {(row: Row) => number | null} pick */
    const column = (pick) => points.map(({ row }) => row && pick(row));
    columns = { line: [times, column(figures.line), column(figures.low), column(figures.high)], bar: [times, column(figures.bar)] };
  }

  return {
    element: whole,
    show(days, known) {
      setShown(whole, Boolean(days?.length));
      if (!days?.length) return;
      if (days !== shown) take(days);
      ({ limits, settledDay } = known);
      const span = zoom ?? spanOfDays(days);
      const besides = JSON.stringify([limits, settledDay]);
      lineChart.show(columns.line, span, besides);
      barChart.show(columns.bar, span, besides);
      linePlot.dataset['points'] = String(days.length);
      setText(
        summary,
        `Line: ${figures.what.toLowerCase()}, band: lowest to highest, bars: ${figures.barsOf.toLowerCase()}. ${settledText(days, settledDay)}`,
      );
      if (!lineChart.isPointed && !barChart.isPointed) point(null, false);
    },
    close() {
      lineChart.close();
      barChart.close();
    },
  };
}

/**
 * @param {readonly Day[]} days ascending
 * @param {string | null} settledDay
 */
function settledText(days, settledDay) {
  const settled = days.filter(({ layer }) => layer === 'batch').length;
  if (settled === days.length) return 'All of these days are settled.';
  const moving = days.length - settled;
  const ground = moving === 1 ? 'the shaded day still moves' : `${moving} shaded days still move`;
  if (settledDay === null || settled === 0)
    return `${ground.charAt(0).toUpperCase()}${ground.slice(1)}: the batch has not settled ${moving === 1 ? 'it' : 'them'} yet.`;
  return `Everything up to ${dayText(settledDay)} is settled; ${ground}.`;
}
