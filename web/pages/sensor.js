/** The page of one sensor: as it stands, its averages, its newest readings, what its alarms did, its days. */
import { isList, reader } from '../api.js';
import { numberCell } from '../cells.js';
import { averageChart } from '../charts/average-chart.js';
import { dayChart } from '../charts/day-chart.js';
import { readingChart } from '../charts/reading-chart.js';
import { element } from '../dom.js';
import { countText, numberText, timeOf } from '../format.js';
import { alarmHistory } from '../keys/alarm-history.js';
import { dayTable } from '../keys/day-table.js';
import { daysOf } from '../keys/days.js';
import { boundaryMsOf, keyFrame, shownRange } from '../keys/key-page.js';
import { sensorHead } from '../keys/sensor-head.js';
import { topicOf } from '../live.js';
import { compareCounted, LiveList, readOne } from '../live-list.js';
import { Poller } from '../poller.js';
import { RecentRows } from '../recent-rows.js';
import { WindowRows } from '../window-rows.js';

/** @import { AverageWindow } from '../charts/average-chart.js' */
/** @import { Limit } from '../charts/draw.js' */
/** @import { Reading } from '../charts/reading-chart.js' */
/** @import { SensorNow } from '../keys/sensor-head.js' */
/** @import { EventRow } from '../recent-rows.js' */
/** @import { Context, OpenPage } from '../shell.js' */

/** @typedef {{ rule: string, profiles: Record<string, { high_c: number, critical_c: number }> }} Rule */
/** @typedef {{ day: string, layer: string, reading_count: number, temperature_c_mean: number | null, temperature_c_min: number | null, temperature_c_max: number | null, humidity_pct_mean: number | null, revision?: number } & Partial<Record<'nan_count' | 'range_count' | 'sentinel_count' | 'bit_shift_count' | 'minutes_high' | 'minutes_critical' | 'completeness', number | null>>} SensorDay */

/** Readings kept while the page is open. */
const MAX_READINGS = 2000;
/** Windows a day at most, of five minutes or longer. */
const WINDOWS_A_DAY = 300;
const COMMANDS = ['`npm start` brings simulated sensors.', '`npm run replay -- readings FILE` brings recorded readings.'];
const CROSSHAIR = 'sensor';

/**
 * @param {HTMLElement} root
 * @param {string} key
 * @param {URLSearchParams} params `range`; `from` and `to` of a zoom
 * @param {Context} context
 * @returns {OpenPage}
 */
export function openPage(root, key, params, context) {
  const { live, requestShow } = context;
  const path = `/v1/sensors/${encodeURIComponent(key)}`;
  const topic = topicOf('sensors', key);
  const latest = new LiveList(
    {
      name: 'sensor',
      read: readOne(`${path}/latest`),
      topic,
      keyOf: (/** @type {SensorNow} */ row) => row.sensor_id,
      compareAge: compareCounted,
    },
    live,
    requestShow,
  );
  /** @type {RecentRows<Reading & EventRow>} */
  const readings = new RecentRows('readings', `${path}/readings`, { topic, rowOf: readingOf, keep: MAX_READINGS }, live, requestShow);
  /** @type {WindowRows<AverageWindow>} */
  const windows = new WindowRows('averages', `${path}/windows`, (row) => row.window_start, live, requestShow);
  /** @type {ReturnType<typeof daysOf<SensorDay>>} */
  const days = daysOf(`${path}/daily`, requestShow);
  const rules = new Poller('rules', reader('/v1/rules', isList), requestShow, () => true);
  const offPush = live.subscribe(topic, () => windows.hurry());

  const frame = keyFrame({ key, kind: 'sensor', list: 'Sensors', commands: COMMANDS });
  const range = shownRange(params, context);
  const head = sensorHead();
  const averages = averageChart(CROSSHAIR, range.zoomTo);
  const newest = readingChart(CROSSHAIR, requestShow);
  const history = alarmHistory(key, live, requestShow);
  const dayByDay = dayChart(`${CROSSHAIR} days`, FIGURES, requestShow);
  const dayFigures = daysOfSensor(dayByDay.element);
  const charts = element('div', 'column', averages.element, newest.element);
  frame.body.append(
    head.element,
    range.element,
    element('div', 'columns', charts, element('div', 'column', history.element)),
    dayFigures.element,
  );
  root.append(...frame.elements);

  latest.open();
  rules.wake();

  return {
    show(nowMs) {
      const sensor = latest.rows?.[0];
      frame.show(sensor !== undefined, latest.error);
      if (!sensor) return;
      head.show(sensor, nowMs);
      const limits = limitsOf(rules.answer?.data, sensor.profile);
      const newestMs = Math.max(timeOf(sensor.event_time) ?? nowMs, timeOf(windows.rows?.at(-1)?.window_end) ?? 0);
      const dayRows = days.rows(sensor.day);
      const { span, fromMs, note } = range.show(
        dayRows?.map(({ day, reading_count }) => ({ day, atMost: Math.min(reading_count, WINDOWS_A_DAY) })) ?? null,
        windows,
        newestMs,
        nowMs,
      );
      if (fromMs !== null) windows.from(fromMs);
      const boundaryMs = boundaryMsOf(windows.boundary);
      averages.show(windows.rows, { span, limits, boundaryMs, note });
      newest.show(readings.rows, { limits, boundaryMs });
      history.show(rules.answer?.data.map(({ rule }) => rule) ?? [], sensor.severity, nowMs);
      dayByDay.show(dayRows, { settledDay: days.settledDay, limits });
      dayFigures.show(dayRows, days.partial, `Days in ${sensor.zone}.`, nowMs);
    },
    close() {
      offPush();
      for (const part of [latest, readings, windows, days, averages, newest, history, dayByDay]) part.close();
      rules.rest();
    },
  };
}

/**
 * The newest reading as the row of the sensor has it; null when it has none.
 * @param {SensorNow} sensor
 * @returns {(Reading & EventRow) | null}
 */
function readingOf({ event_time, temperature_c, humidity_pct, quality }) {
  return typeof event_time !== 'string' || typeof quality !== 'string' ? null : { event_time, temperature_c, humidity_pct, quality };
}

/**
 * @param {readonly Rule[] | undefined} rules
 * @param {string} profile
 * @returns {Limit[]}
 */
function limitsOf(rules, profile) {
  const limits = rules?.[0]?.profiles[profile];
  if (!limits) return [];
  return [
    { value: limits.high_c, label: `HIGH from ${numberText(limits.high_c, 1)}\u00a0°C`, token: '--high' },
    { value: limits.critical_c, label: `CRITICAL from ${numberText(limits.critical_c, 1)}\u00a0°C`, token: '--critical' },
  ];
}

/** @param {number | null} value */
const degreesText = (value) => `${numberText(value, 1)}\u00a0°C`;

/** @type {import('../charts/day-chart.js').DayFigures<SensorDay>} */
const FIGURES = {
  what: 'Mean',
  line: (day) => day.temperature_c_mean,
  low: (day) => day.temperature_c_min,
  high: (day) => day.temperature_c_max,
  valueText: degreesText,
  barsOf: 'Readings',
  bar: (day) => day.reading_count,
  words: (day) =>
    `mean ${degreesText(day.temperature_c_mean)}, ${degreesText(day.temperature_c_min)} to ${degreesText(day.temperature_c_max)}, ${countText(day.reading_count, 'reading')}`,
};

/** Readings that were not believed; of a day that still moves they are not told. @param {SensorDay} day */
function untrustedOf({ nan_count: nan, range_count: range, sentinel_count: sentinel, bit_shift_count: shifted }) {
  return typeof nan === 'number' ? nan + (range ?? 0) + (sentinel ?? 0) + (shifted ?? 0) : null;
}

/** @param {HTMLElement} chart */
function daysOfSensor(chart) {
  /** @param {(day: SensorDay) => number | null} pick */
  const degrees = (pick) => numberCell('', (/** @type {SensorDay} */ day) => numberText(pick(day), 1), '°C');
  return dayTable(
    [
      { head: 'Readings', cell: numberCell('', (/** @type {SensorDay} */ { reading_count }) => numberText(reading_count)) },
      { head: 'Mean', cell: degrees((day) => day.temperature_c_mean) },
      { head: 'Lowest', cell: degrees((day) => day.temperature_c_min) },
      { head: 'Highest', cell: degrees((day) => day.temperature_c_max) },
      { head: 'Humidity', cell: numberCell('', (/** @type {SensorDay} */ { humidity_pct_mean }) => numberText(humidity_pct_mean, 1), '%') },
      { head: 'Untrusted', cell: numberCell('', (/** @type {SensorDay} */ day) => numberText(untrustedOf(day))) },
      { head: 'HIGH or above', cell: numberCell('', (/** @type {SensorDay} */ { minutes_high }) => numberText(minutes_high), 'min') },
      { head: 'CRITICAL', cell: numberCell('', (/** @type {SensorDay} */ { minutes_critical }) => numberText(minutes_critical), 'min') },
      {
        head: 'Complete',
        cell: numberCell(
          '',
          (/** @type {SensorDay} */ { completeness }) => numberText(typeof completeness === 'number' ? 100 * completeness : null, 1),
          '%',
        ),
      },
    ],
    chart,
  );
}
