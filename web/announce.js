/** What a screen reader is told unasked. */
import { byId, setText } from './dom.js';
import { countText, numberText } from './format.js';
import { severityWord } from './severity.js';

/** @import { Alarm } from './render-alarms.js' */

/** More names than this say less than their number. */
const MAX_ANNOUNCED = 3;

/** @param {Alarm} alarm */
const signOf = (alarm) => `${alarm.alarm_id} ${alarm.severity}`;

/**
 * Says it when the reader has a moment.
 * @param {string} text
 */
export function announce(text) {
  setText(byId('announcer'), text);
}

/** A function that tells which alarms are new or worse since it was called before; at first only how many there are. */
export function alarmAnnouncer() {
  /** @type {Set<string> | null} */
  let known = null;
  return (/** @type {readonly Alarm[]} */ alarms) => {
    const before = known;
    known = new Set(alarms.map(signOf));
    const fresh = alarms.filter((alarm) => !before?.has(signOf(alarm)));
    if (fresh.length === 0) return;
    const isMany = before === null || fresh.length > MAX_ANNOUNCED;
    announce(isMany ? `${countText(fresh.length, before === null ? 'active alarm' : 'new alarm')}.` : fresh.map(sentence).join(' '));
  };
}

/** @param {Alarm} alarm */
function sentence({ severity, sensor_id, value }) {
  return `${severityWord(severity)} alarm: ${sensor_id}, ${numberText(value, 1)} °C.`;
}
