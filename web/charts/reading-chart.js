/** The chart of a sensor's newest readings: limits as lines, what is not to be believed as hollow marks. */

import { countText, numberText, timeOf } from '../format.js';
import { isTrusted, qualityWord } from '../severity.js';
import { Chart } from './chart.js';
import { drawBoundary, drawHollow, drawLimits } from './draw.js';
import { Frame } from './frame.js';
import { gapOf, heightOf, pointsOf } from './points.js';
import { color } from './theme.js';
import { crosshairText, settledText, spanText } from './time-text.js';

/** @import { Limit } from './draw.js' */
/** @import { Point } from './points.js' */
/** @import { Span } from './span.js' */
/** @import uPlot from './library.js' */

/**
 * @typedef {object} Reading
 * @property {string} [event_id] none while only pushed
 * @property {string} event_time
 * @property {number | null} temperature_c
 * @property {number | null} humidity_pct
 * @property {string} quality
 */

/** Shorter pauses are no gaps. */
const MIN_GAP_MS = 15_000;
const MIN_SPAN_MS = 60_000;
const HEIGHT = 220;
const AXIS_WIDTH = 76;
const EMPTY = [
  'No data: no reading of this sensor is known.',
  '`npm start` brings simulated sensors, `npm run replay -- readings FILE` recorded readings.',
];

/** @param {number | null} value */
const degrees = (value) => `${numberText(value, 1)}\u00a0°C`;
/** @param {Reading} row */
const msOf = (row) => timeOf(row.event_time) ?? 0;

/**
 * Its span is that of the readings: the API keeps few of them, which would be a dot in the span of the averages.
 * @param {string} crosshair
 * @param {() => void} requestShow
 * @returns {{ element: HTMLElement, show(rows: readonly Reading[] | null, known: { limits: readonly Limit[], boundaryMs: number | null }): void, close(): void }}
 */
export function readingChart(crosshair, requestShow) {
  /** @type {Frame<Reading>} */
  const frame = new Frame('Readings', (row) => row.event_id ?? row.event_time, [
    { head: 'Time', text: (row) => crosshairText(msOf(row)) },
    { head: 'Temperature', text: (row) => degrees(row.temperature_c) },
    { head: 'Humidity', text: (row) => `${numberText(row.humidity_pct, 1)}\u00a0%` },
    { head: 'Quality', text: (row) => qualityWord(row.quality) },
  ]);
  /** @type {readonly Point<Reading>[]} */
  let points = [];
  /** @type {readonly Reading[] | null} */
  let shown = null;
  /** @type {uPlot.AlignedData} */
  let columns = [[]];
  /** @type {readonly Limit[]} */
  let limits = [];
  /** @type {number | null} */
  let boundaryMs = null;
  /** @type {Span | null} */
  let zoom = null;
  const chart = new Chart(frame.plot, {
    label: 'Temperature of the newest readings',
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
    series: [{ stroke: () => color('--accent'), width: 1.75, points: { size: 4, fill: () => color('--accent') } }],
    over(plot) {
      drawLimits(plot, limits);
      const hollow = points.flatMap(({ timeMs, row }) => (row && !isTrusted(row.quality) ? [{ timeMs, value: row.temperature_c }] : []));
      drawHollow(plot, hollow);
      if (boundaryMs !== null) drawBoundary(plot, boundaryMs);
    },
    onPoint: point,
    onZoom(span) {
      zoom = span;
      requestShow();
    },
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
        points = pointsOf(rows, msOf, gapOf(rows.map(msOf), MIN_GAP_MS));
        columns = [points.map(({ timeMs }) => timeMs), points.map(({ row }) => trustedOf(row))];
      }
      ({ limits, boundaryMs } = known);
      const span = zoom ?? spanOfAll(rows);
      const untrusted = rows.filter(({ quality }) => !isTrusted(quality)).length;
      frame.show(rows, {
        note: zoom ? 'Zoomed: Escape or a double click ends it' : 'The newest ones, and those since this page was opened',
        summary: rows.length === 0 ? '' : [summaryOf(rows, untrusted, limits), settledText(span, boundaryMs)].filter(Boolean).join(' '),
        empty: rows.length === 0 ? EMPTY : null,
      });
      if (rows.length > 0) chart.show(columns, span, JSON.stringify([limits, boundaryMs]));
      const inSpan = rows.filter((row) => msOf(row) >= span.fromMs && msOf(row) <= span.toMs);
      frame.plot.dataset['points'] = String(inSpan.length);
      if (!chart.isPointed) point(null, false);
    },
    close: () => chart.close(),
  };
}

/** @param {Reading | null} row */
function trustedOf(row) {
  return row && isTrusted(row.quality) ? row.temperature_c : null;
}

/** @param {readonly Reading[]} rows */
function spanOfAll(rows) {
  const [fromMs = 0, toMs = 0] = [rows[0], rows.at(-1)].map((row) => (row ? msOf(row) : 0));
  const margin = Math.max(MIN_SPAN_MS - (toMs - fromMs), (toMs - fromMs) * 0.02) / 2;
  return { fromMs: fromMs - margin, toMs: toMs + margin };
}

/** @param {Reading | null} row */
function wordsOf(row) {
  if (!row) return '';
  const quality = isTrusted(row.quality) ? '' : `, not trusted: ${qualityWord(row.quality).toLowerCase()}`;
  const humidity = row.humidity_pct === null ? '' : `, ${numberText(row.humidity_pct, 1)}\u00a0%`;
  return `${crosshairText(msOf(row))}: ${degrees(row.temperature_c)}${humidity}${quality}`;
}

/**
 * @param {readonly Reading[]} rows
 * @param {number} untrusted
 * @param {readonly Limit[]} limits
 */
function summaryOf(rows, untrusted, limits) {
  const values = rows.flatMap((row) => trustedOf(row) ?? []);
  const [first = rows[0], last = rows[0]] = [rows[0], rows.at(-1)];
  const span = first && last ? spanText(msOf(first), msOf(last)) : '';
  const figures = values.length === 0 ? 'none to be trusted' : `${degrees(Math.min(...values))} to ${degrees(Math.max(...values))}`;
  const marks = untrusted === 0 ? '' : ` ${untrusted} not to be trusted: hollow marks.`;
  const lines = limits.length === 0 ? '' : ` Limits: ${limits.map(({ label }) => label).join(', ')}.`;
  return `${countText(rows.length, 'reading')}, ${span}: ${figures}.${marks}${lines}`;
}
