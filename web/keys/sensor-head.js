/** A sensor as it stands: the newest value large, whether it may be believed, how old it is, and what counts about it. */
import { ageCell, numberCell, qualityCell, severityCell, textCell } from '../cells.js';
import { element, setAttribute } from '../dom.js';
import { countText, numberText } from '../format.js';
import { isTrusted, qualityWord } from '../severity.js';
import { isSilent } from '../silence.js';

/** @import { Cell } from '../cells.js' */

/**
 * @typedef {object} SensorNow
 * @property {string} sensor_id
 * @property {string} profile
 * @property {string} zone
 * @property {string | null} event_time
 * @property {string | null} ingest_time
 * @property {number | null} temperature_c
 * @property {number | null} humidity_pct
 * @property {string | null} quality
 * @property {string} severity
 * @property {{ day: string, reading_count: number, temperature_c_mean: number | null, temperature_c_min: number | null, temperature_c_max: number | null } | null} day
 * @property {{ received: number, duplicate: number, late: Record<string, number>, quarantined: Record<string, number>, quality: Record<string, number> }} counters
 */

/** @type {readonly [string, Cell<SensorNow>][]} */
const FACTS = [
  ['Humidity', numberCell('humidity', ({ humidity_pct }) => numberText(humidity_pct, 1), '%')],
  ['This day', textCell('', dayText)],
  ['Untrusted', textCell('', ({ counters }) => reasonsText(counters.quality, 'OK', qualityWord))],
  ['Late', textCell('', ({ counters }) => reasonsText(counters.late))],
  ['Refused', textCell('', ({ counters }) => reasonsText(counters.quarantined))],
  ['Received', numberCell('', ({ counters }) => numberText(counters.received), 'readings')],
  ['Profile', textCell('', ({ profile, zone }) => `${profile}, days in ${zone}`)],
];

/** @returns {{ element: HTMLElement, show(sensor: SensorNow, nowMs: number): void }} */
export function sensorHead() {
  /** @type {((sensor: SensorNow, nowMs: number) => void)[]} */
  const updates = [];
  /** @param {string} tag @param {Cell<SensorNow>} cell */
  function part(tag, { className, mount }) {
    const made = element(/** @type {'p'} */ (tag), className);
    updates.push(mount(made));
    return made;
  }
  const value = part(
    'p',
    numberCell('temperature now-value', ({ temperature_c }) => numberText(temperature_c, 1), '°C'),
  );
  const signs = element(
    'div',
    'now-signs',
    part(
      'span',
      severityCell(({ severity }) => severity),
    ),
    part(
      'span',
      qualityCell(({ quality }) => quality),
    ),
    part(
      'span',
      ageCell(({ event_time }) => event_time),
    ),
  );
  const facts = element('dl', 'facts');
  for (const [term, cell] of FACTS) facts.append(element('dt', '', term), part('dd', cell));
  const card = element('div', 'card now', element('div', 'now-main', value, signs), facts);
  return {
    element: card,
    show(sensor, nowMs) {
      for (const target of [value.parentElement, signs]) {
        setAttribute(/** @type {HTMLElement} */ (target), 'data-severity', sensor.severity);
        setAttribute(/** @type {HTMLElement} */ (target), 'data-trusted', String(isTrusted(sensor.quality)));
        setAttribute(/** @type {HTMLElement} */ (target), 'data-silent', String(isSilent(sensor, nowMs)));
      }
      for (const update of updates) update(sensor, nowMs);
    },
  };
}

/** @param {SensorNow} sensor */
function dayText({ day }) {
  if (!day) return '–';
  const { reading_count: count, temperature_c_mean: mean, temperature_c_min: min, temperature_c_max: max } = day;
  return `${day.day}: mean ${numberText(mean, 1)}\u00a0°C, ${numberText(min, 1)} to ${numberText(max, 1)}\u00a0°C, ${countText(count, 'reading')}`;
}

/**
 * `253: 249 not a number, 4 bit shift`.
 * @param {Record<string, number>} counts
 * @param {string} [usual] what need not be told
 * @param {(reason: string) => string} [word]
 */
export function reasonsText(counts, usual, word = (reason) => reason.replaceAll('_', ' ')) {
  const told = Object.entries(counts).filter(([reason, count]) => reason !== usual && count > 0);
  if (told.length === 0) return 'None';
  const all = told.reduce((sum, [, count]) => sum + count, 0);
  const reasons = told.sort(([, a], [, b]) => b - a).map(([reason, count]) => `${numberText(count)}\u00a0${word(reason).toLowerCase()}`);
  return `${numberText(all)}: ${reasons.join(', ')}`;
}
