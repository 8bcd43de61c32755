/** Active alarms, worst first; new ones are read out by a screen reader. */
import { ageCell, nameCell, numberCell, severityCell, textCell } from './cells.js';
import { byId, setAttribute, setShown, setText } from './dom.js';
import { countText, numberText } from './format.js';
import { compareAlarms, SteadyOrder } from './order.js';
import { severityWord } from './severity.js';
import { Table } from './table.js';

/**
 * @typedef {object} Alarm
 * @property {string} alarm_id
 * @property {string} sensor_id
 * @property {string} rule
 * @property {string} severity
 * @property {string} since event time of the transition into the state
 * @property {number} value in °C, at the newest transition
 * @property {number} threshold in °C
 */

/** @type {Readonly<Record<string, string>>} */
const RULES = { 'temperature-instant': 'Reading', 'temperature-average': 'Average' };
/** More names than this say less than their number. */
const MAX_ANNOUNCED = 3;

/** @param {Alarm} alarm */
const keyOf = (alarm) => alarm.alarm_id;
/** @param {Alarm} alarm */
const signOf = (alarm) => `${alarm.alarm_id} ${alarm.severity}`;

/** @returns {{ show(alarms: readonly Alarm[], partial: boolean, nowMs: number): void, touch(): void }} */
export function alarmsView() {
  const element = byId('alarms-table');
  const empty = byId('alarms-empty');
  const order = new SteadyOrder(keyOf, compareAlarms);
  const table = new Table(
    element,
    keyOf,
    [
      severityCell((alarm) => alarm.severity),
      nameCell((alarm) => alarm.sensor_id),
      textCell('rule', (alarm) => RULES[alarm.rule] ?? alarm.rule),
      numberCell('value', (alarm) => numberText(alarm.value, 1), '°C'),
      numberCell('limit', (alarm) => `≥\u00a0${numberText(alarm.threshold, 1)}`, '°C'),
      ageCell((alarm) => alarm.since),
    ],
    (row, alarm) => setAttribute(row, 'data-severity', alarm.severity),
  );
  const announce = announcer();

  return {
    show(alarms, partial, nowMs) {
      table.show(order.arrange(alarms, Date.now()), nowMs);
      setShown(element, alarms.length > 0);
      setShown(empty, alarms.length === 0);
      setText(empty, 'No alarm is active. A sensor that reaches its limit appears here.');
      setText(byId('alarms-count'), `${numberText(alarms.length)}${partial ? '+' : ''}`);
      setText(
        byId('alarms-note'),
        alarms.length === 0 ? '' : partial ? `The worst ${numberText(alarms.length)}; there are more` : 'Worst first',
      );
      announce(alarms);
    },
    touch: () => order.touch(Date.now()),
  };
}

/** Says which alarms are new or worse since the picture before; of the first picture only how many there are. */
function announcer() {
  const element = byId('announcer');
  /** @type {Set<string> | null} */
  let known = null;
  return (/** @type {readonly Alarm[]} */ alarms) => {
    const before = known;
    known = new Set(alarms.map(signOf));
    const fresh = alarms.filter((alarm) => !before?.has(signOf(alarm)));
    if (fresh.length === 0) return;
    setText(
      element,
      before === null || fresh.length > MAX_ANNOUNCED ? countSentence(fresh.length, before !== null) : fresh.map(sentence).join(' '),
    );
  };
}

/**
 * @param {number} count
 * @param {boolean} isNew
 */
function countSentence(count, isNew) {
  return `${countText(count, isNew ? 'new alarm' : 'active alarm')}.`;
}

/** @param {Alarm} alarm */
function sentence({ severity, sensor_id, value }) {
  return `${severityWord(severity)} alarm: ${sensor_id}, ${numberText(value, 1)} °C.`;
}
