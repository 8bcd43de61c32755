/** Active alarms, worst first, then newest. */
import { ageCell, linkCell, numberCell, severityCell, textCell } from './cells.js';
import { byId, setAttribute, setShown, setText } from './dom.js';
import { numberText } from './format.js';
import { compareAlarms, SteadyOrder } from './order.js';
import { Pager } from './pager.js';
import { hrefOf } from './router.js';
import { Table } from './table.js';

/**
 * @typedef {object} Alarm
 * @property {string} alarm_id
 * @property {string} sensor_id
 * @property {string} rule
 * @property {string} state
 * @property {string} severity
 * @property {string} since event time of the transition into the state
 * @property {string} event_time of the newest transition
 * @property {number} value in °C, at the newest transition
 * @property {number} threshold in °C
 * @property {number} revision
 */

/** Rows a page. */
const FEW = 10;
/** @type {Readonly<Record<string, string>>} */
const RULES = { 'temperature-instant': 'Reading', 'temperature-average': 'Average' };

/** @param {Alarm} alarm */
const keyOf = (alarm) => alarm.alarm_id;

/**
 * A rule in one word.
 * @param {string} rule
 */
export function ruleWord(rule) {
  return RULES[rule] ?? rule;
}

/**
 * The limit that was crossed, and on which side of it the value then was.
 * @param {Alarm} alarm
 */
export function limitText({ value, threshold }) {
  return `${value >= threshold ? '≥' : '<'}\u00a0${numberText(threshold, 1)}`;
}

/**
 * @param {number} page the first one shown
 * @param {(page: number) => void} onTurn
 * @returns {{ show(alarms: readonly Alarm[], partial: boolean, nowMs: number): void, touch(): void }}
 */
export function alarmsView(page, onTurn) {
  const element = byId('alarms-table');
  const empty = byId('alarms-empty');
  const order = new SteadyOrder(keyOf, compareAlarms);
  const pager = new Pager({ what: 'alarms', size: FEW, page, onTurn });
  element.after(pager.element);
  const table = new Table(
    element,
    keyOf,
    [
      severityCell((alarm) => alarm.severity),
      linkCell(
        (alarm) => alarm.sensor_id,
        (alarm) => hrefOf('alarm', alarm.alarm_id),
      ),
      textCell('rule', (alarm) => ruleWord(alarm.rule)),
      numberCell('value', (alarm) => numberText(alarm.value, 1), '°C'),
      numberCell('limit', limitText, '°C'),
      ageCell((alarm) => alarm.since),
    ],
    (row, alarm) => setAttribute(row, 'data-severity', alarm.severity),
  );

  return {
    show(alarms, partial, nowMs) {
      table.show(pager.slice(order.arrange(alarms, Date.now())), nowMs);
      setShown(element, alarms.length > 0);
      setShown(empty, alarms.length === 0);
      setText(empty, 'No alarm is active. A sensor that reaches its limit appears here.');
      setText(
        byId('alarms-note'),
        alarms.length === 0 ? '' : partial ? `The worst ${numberText(alarms.length)}; there are more` : 'Worst first',
      );
    },
    touch: () => order.touch(Date.now()),
  };
}
