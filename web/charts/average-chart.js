/** The chart of a sensor's averages: mean as a line, minimum to maximum as a band, what is still moving on a ground of its own. */
import { countText, numberText, timeOf } from '../format.js';
import { Chart } from './chart.js';
import { drawBoundary, drawCorrected, drawLimits, drawMoving, drawWhiskers } from './draw.js';
import { Frame } from './frame.js';
import { heightOf, pointsOf } from './points.js';
import { color } from './theme.js';
import { crosshairText, settledText, spanText } from './time-text.js';

/** @import { Limit } from './draw.js' */
/** @import { Point } from './points.js' */
/** @import { Span } from './span.js' */
/** @import uPlot from './library.js' */

/**
 * @typedef {object} AverageWindow
 * @property {string} window_start
 * @property {string} window_end
 * @property {number} reading_count
 * @property {number | null} temperature_c_mean
 * @property {number | null} temperature_c_min
 * @property {number | null} temperature_c_max
 * @property {number | null} humidity_pct_mean
 * @property {number} revision 0 while open, 1 at the close, more after each correction
 * @property {boolean} closed
 */

const HEIGHT = 300;
const AXIS_WIDTH = 76;
/** Revisions from here on are corrections of what was told as closed. */
const CORRECTED = 2;

/** @param {number | null} value */
const degrees = (value) => `${numberText(value, 1)}\u00a0°C`;
/** @param {AverageWindow} row */
const startOf = (row) => timeOf(row.window_start) ?? 0;
/** @param {AverageWindow} row */
const endOf = (row) => timeOf(row.window_end) ?? 0;
/** @param {AverageWindow} row */
const middleOf = (row) => (startOf(row) + endOf(row)) / 2;

/**
 * @param {string} crosshair
 * @param {(span: Span | null) => void} onZoom
 * @returns {{ element: HTMLElement, show(rows: readonly AverageWindow[] | null, known: { span: Span, limits: readonly Limit[], boundaryMs: number | null, note: string }): void, close(): void }}
 */
export function averageChart(crosshair, onZoom) {
  /** @type {Frame<AverageWindow>} */
  const frame = new Frame('Averages', (row) => row.window_start, [
    { head: 'From', text: (row) => crosshairText(startOf(row)) },
    { head: 'Mean', text: (row) => degrees(row.temperature_c_mean) },
    { head: 'Lowest', text: (row) => degrees(row.temperature_c_min) },
    { head: 'Highest', text: (row) => degrees(row.temperature_c_max) },
    { head: 'Readings', text: (row) => numberText(row.reading_count) },
    { head: 'State', text: stateText },
  ]);
  /** @type {readonly Point<AverageWindow>[]} */
  let points = [];
  /** @type {readonly AverageWindow[] | null} */
  let shown = null;
  /** @type {uPlot.AlignedData} */
  let columns = [[]];
  /** @type {readonly Limit[]} */
  let limits = [];
  /** @type {number | null} */
  let boundaryMs = null;
  const line = { stroke: () => color('--accent'), width: 2, points: { size: 5, fill: () => color('--accent') } };
  const edge = { stroke: () => color('--chart-band-edge'), width: 1, points: { show: false } };
  const chart = new Chart(frame.plot, {
    label: 'Mean, lowest and highest temperature of each window',
    height: HEIGHT,
    axisWidth: AXIS_WIDTH,
    crosshair,
    valueText: degrees,
    heightOf: (min, max) =>
      heightOf(
        min,
        max,
        limits.map(({ value }) => value),
      ),
    series: [line, edge, edge],
    bands: [{ series: [3, 2], fill: () => color('--chart-band') }],
    under(plot) {
      drawMoving(
        plot,
        (shown ?? []).flatMap((row) => (row.closed ? [] : [{ fromMs: startOf(row), toMs: endOf(row) }])),
      );
    },
    over(plot) {
      drawWhiskers(plot, points.flatMap(loneOf));
      drawLimits(plot, limits);
      drawCorrected(
        plot,
        (shown ?? []).flatMap((row) =>
          isCorrected(row) && row.temperature_c_mean !== null ? [{ timeMs: middleOf(row), value: row.temperature_c_mean }] : [],
        ),
      );
      if (boundaryMs !== null) drawBoundary(plot, boundaryMs);
    },
    onPoint: point,
    onZoom,
  });

  /** Away from the chart the newest point is told. @param {number | null} index @param {boolean} byKey */
  function point(index, byKey) {
    const pointed = index === null ? points.at(-1) : points[index];
    frame.point(pointed && !pointed.row ? `${crosshairText(pointed.timeMs)}: no data` : wordsOf(pointed?.row ?? null), byKey);
  }

  return {
    element: frame.element,
    show(rows, known) {
      if (rows === null) return;
      if (rows !== shown) {
        shown = rows;
        const [first] = rows;
        points = pointsOf(rows, middleOf, first ? (endOf(first) - startOf(first)) * 1.5 : 0);
        columns = [
          points.map(({ timeMs }) => timeMs),
          points.map(({ row }) => row?.temperature_c_mean ?? null),
          points.map(({ row }) => row?.temperature_c_min ?? null),
          points.map(({ row }) => row?.temperature_c_max ?? null),
        ];
      }
      ({ limits, boundaryMs } = known);
      const { span } = known;
      const inSpan = rows.filter((row) => endOf(row) > span.fromMs && startOf(row) < span.toMs);
      frame.show(rows, {
        note: known.note,
        summary: [summaryOf(inSpan), settledText(span, boundaryMs)].filter(Boolean).join(' '),
        empty: inSpan.length === 0 ? [`No data from ${spanText(span.fromMs, span.toMs)}. A longer range may have some.`] : null,
      });
      if (inSpan.length === 0) return;
      chart.show(columns, span, JSON.stringify([limits, boundaryMs]));
      frame.plot.dataset['points'] = String(inSpan.length);
      if (!chart.isPointed) point(null, false);
    },
    close: () => chart.close(),
  };
}

/**
 * A point without a neighbour, as minimum and maximum.
 * @param {Point<AverageWindow>} point
 * @param {number} index
 * @param {readonly Point<AverageWindow>[]} points
 */
function loneOf({ timeMs, row }, index, points) {
  if (!row || points[index - 1]?.row || points[index + 1]?.row) return [];
  const { temperature_c_min: min, temperature_c_max: max } = row;
  return min === null || max === null ? [] : [{ timeMs, min, max }];
}

/** @param {AverageWindow} row */
function isCorrected(row) {
  return row.revision >= CORRECTED;
}

/** @param {AverageWindow} row */
function stateText(row) {
  if (!row.closed) return 'Still moving';
  return isCorrected(row) ? `Closed, corrected (revision ${row.revision})` : 'Closed';
}

/** @param {AverageWindow | null} row */
function wordsOf(row) {
  if (!row) return '';
  const { temperature_c_mean: mean, temperature_c_min: min, temperature_c_max: max } = row;
  const state = row.closed && !isCorrected(row) ? '' : `, ${stateText(row).toLowerCase()}`;
  return `${crosshairText(startOf(row))}: mean ${degrees(mean)}, ${degrees(min)} to ${degrees(max)}, ${countText(row.reading_count, 'reading')}${state}`;
}

/** @param {readonly AverageWindow[]} rows */
function summaryOf(rows) {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return '';
  const lows = rows.flatMap(({ temperature_c_min: min }) => min ?? []);
  const highs = rows.flatMap(({ temperature_c_max: max }) => max ?? []);
  const moving = rows.filter(({ closed }) => !closed).length;
  const corrected = rows.filter(isCorrected).length;
  return [
    `${countText(rows.length, 'window')}, ${spanText(startOf(first), endOf(last))}: ${degrees(min(lows))} to ${degrees(max(highs))}.`,
    moving > 0 ? `${moving} still moving (shaded).` : '',
    corrected > 0 ? `${corrected} corrected by late readings (ringed).` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** @param {readonly number[]} values */
function min(values) {
  return values.length === 0 ? null : Math.min(...values);
}

/** @param {readonly number[]} values */
function max(values) {
  return values.length === 0 ? null : Math.max(...values);
}
