/** The page of one alarm: what, where, since when, the value against its limit, whether it is still so, and what became of it before. */
import { ageCell, numberCell, severityCell, textCell } from '../cells.js';
import { byId, element, openTemplate, setAttribute, setShown, setText } from '../dom.js';
import { durationText, numberText, timeOf } from '../format.js';
import { topicOf } from '../live.js';
import { compareCounted, compareRevisions, LiveList, readList, readOne } from '../live-list.js';
import { limitText, ruleWord } from '../render-alarms.js';
import { hrefOf } from '../router.js';
import { Table } from '../table.js';
import { timeline } from '../timeline.js';

/** @import { Cell } from '../cells.js' */
/** @import { Alarm } from '../render-alarms.js' */
/** @import { Sensor } from '../render-sensors.js' */
/** @import { Context, OpenPage } from '../shell.js' */

/** Transitions asked for. */
const HISTORY = 100;
/** @type {Readonly<Record<string, string>>} */
const RULES = {
  'temperature-instant': 'Each reading that can be trusted is held against the limits of the sensor.',
  'temperature-average': 'The mean temperature of each closed window is held against the limits of the sensor.',
};
const WAITING = 'Waiting for the first answer of the API.';
const ABSENT = 'Nothing is known of this alarm: it appears here when it changes for the first time.';

/** @typedef {{ alarm: Alarm, sensor: Sensor | undefined }} Standing */
/** @typedef {{ alarm: Alarm, untilMs: number | null }} Transition */

/**
 * @param {HTMLElement} root
 * @param {string} key
 * @param {URLSearchParams} _params
 * @param {Pick<Context, 'live' | 'requestShow'>} context
 * @returns {OpenPage}
 */
export function openPage(root, key, _params, { live, requestShow }) {
  openTemplate('alarm-page', root);
  const path = `/v1/alarms/${encodeURIComponent(key)}`;
  const [sensorId = '', rule = ''] = key.split(':');
  const current = new LiveList(
    {
      name: 'alarm',
      read: readOne(path),
      topic: topicOf('alarms', key),
      keyOf: (/** @type {Alarm} */ alarm) => alarm.alarm_id,
      compareAge: compareRevisions,
    },
    live,
    requestShow,
  );
  const history = new LiveList(
    {
      name: 'history of the alarm',
      read: readList(`${path}/history?limit=${HISTORY}`),
      topic: topicOf('alarms', key),
      keyOf: (/** @type {Alarm} */ alarm) => String(alarm.revision),
      compareAge: compareRevisions,
    },
    live,
    requestShow,
  );
  const sensor = new LiveList(
    {
      name: 'sensor',
      read: readOne(`/v1/sensors/${encodeURIComponent(sensorId)}/latest`),
      topic: topicOf('sensors', sensorId),
      keyOf: (/** @type {Sensor} */ row) => row.sensor_id,
      compareAge: compareCounted,
    },
    live,
    requestShow,
  );
  const lists = [current, history, sensor];
  setText(byId('alarm-heading'), `${sensorId}: ${ruleWord(rule).toLowerCase()}`);
  const showFacts = factsView(sensorId);
  const strip = timeline();
  byId('alarm-history').before(strip.element);
  const table = historyTable();
  for (const list of lists) list.open();

  return {
    show(nowMs) {
      const alarm = current.rows?.[0];
      setText(byId('alarm-empty'), current.error && !alarm ? ABSENT : WAITING);
      setShown(byId('alarm-empty'), !alarm);
      setShown(byId('alarm-body'), Boolean(alarm));
      if (alarm) showFacts({ alarm, sensor: sensor.rows?.[0] }, nowMs);
      if (history.rows) {
        const transitions = transitionsOf(history.rows);
        table.show(transitions, nowMs);
        strip.show(
          transitions.map((transition) => transition.alarm),
          nowMs,
        );
      }
      setText(byId('alarm-history-note'), history.partial ? `The newest ${HISTORY} changes` : 'Newest first');
    },
    close() {
      for (const list of lists) list.close();
    },
  };
}

/**
 * Newest first, each with when the next one ended it. Pure.
 * @param {readonly Alarm[]} alarms
 * @returns {Transition[]}
 */
export function transitionsOf(alarms) {
  const newestFirst = [...alarms].sort((a, b) => compareRevisions(b, a));
  return newestFirst.map((alarm, index) => ({ alarm, untilMs: timeOf(newestFirst[index - 1]?.event_time) }));
}

/**
 * @param {string} sensorId
 * @returns {(standing: Standing, nowMs: number) => void}
 */
function factsView(sensorId) {
  const link = element('a', '', sensorId);
  link.href = hrefOf('sensor', sensorId);
  /** @type {readonly [string, Cell<Standing>][]} */
  const facts = [
    ['Severity', severityCell(({ alarm }) => alarm.severity)],
    ['State', textCell('state-word', ({ alarm }) => stateWord(alarm.state))],
    ['Since', ageCell(({ alarm }) => alarm.since)],
    ['Value then', numberCell('value', ({ alarm }) => numberText(alarm.value, 1), '°C')],
    ['Limit', numberCell('limit', ({ alarm }) => limitText(alarm), '°C')],
    ['Newest reading', numberCell('value-now', ({ sensor }) => numberText(sensor?.temperature_c, 1), '°C')],
    ['Measured', ageCell(({ sensor }) => sensor?.event_time ?? null)],
    ['Rule', textCell('rule-text', ({ alarm }) => RULES[alarm.rule] ?? alarm.rule)],
  ];
  const list = byId('alarm-facts');
  list.append(element('dt', '', 'Sensor'), element('dd', '', link));
  const updates = facts.map(([term, { className, mount }]) => {
    const value = element('dd', className);
    list.append(element('dt', '', term), value);
    return mount(value);
  });
  return (standing, nowMs) => {
    setAttribute(list, 'data-severity', standing.alarm.severity);
    for (const update of updates) update(standing, nowMs);
  };
}

function historyTable() {
  /** @type {Table<Transition>} */
  const table = new Table(
    byId('alarm-history'),
    ({ alarm }) => String(alarm.revision),
    [
      { ...severityCell(({ alarm }) => alarm.severity), tag: 'th' },
      numberCell('value', ({ alarm }) => numberText(alarm.value, 1), '°C'),
      numberCell('limit', ({ alarm }) => limitText(alarm), '°C'),
      lastedCell(),
      ageCell(({ alarm }) => alarm.event_time),
    ],
    (row, { alarm }) => setAttribute(row, 'data-severity', alarm.severity),
  );
  return table;
}

/** @returns {Cell<Transition>} */
function lastedCell() {
  return {
    tag: 'td',
    className: 'number lasted',
    mount(cell) {
      const text = document.createTextNode('');
      cell.append(text);
      return ({ alarm, untilMs }, nowMs) => {
        const lastedMs = Math.max(0, (untilMs ?? nowMs) - (timeOf(alarm.event_time) ?? nowMs));
        setText(text, untilMs === null ? `${durationText(lastedMs)} so far` : durationText(lastedMs));
      };
    },
  };
}

/** @param {string} state `ACTIVE`, `NORMAL` … */
function stateWord(state) {
  return state.charAt(0) + state.slice(1).toLowerCase().replaceAll('_', ' ');
}
