/** Sensors, worst first, a page of them at a time; a part of the name finds one. */
import { ageCell, linkCell, numberCell, qualityCell, severityCell } from './cells.js';
import { byId, setAttribute, setLines, setShown, setText } from './dom.js';
import { numberText } from './format.js';
import { compareSensors, SteadyOrder } from './order.js';
import { Pager } from './pager.js';
import { hrefOf } from './router.js';
import { isTrusted } from './severity.js';
import { isSilent } from './silence.js';
import { Table } from './table.js';

/**
 * @typedef {object} Sensor
 * @property {string} sensor_id
 * @property {string | null} event_time
 * @property {string | null} ingest_time
 * @property {number | null} temperature_c
 * @property {number | null} humidity_pct
 * @property {string | null} quality
 * @property {string} severity worst of the sensor's alarms
 */

/** Rows a page. */
const FEW = 25;
const EMPTY = [
  'No sensor has reported yet.',
  '`npm start` brings simulated sensors.',
  '`npm run replay -- readings FILE` brings recorded readings.',
];
const NO_MATCH = ['No sensor has such a name.', 'Empty the field to see all of them.'];

/** @param {Sensor} sensor */
const keyOf = (sensor) => sensor.sensor_id;

/**
 * @param {object} shown
 * @param {number} shown.page the first one shown
 * @param {string} shown.filter part of a name; empty for all
 * @param {(page: number) => void} shown.onTurn
 * @param {(filter: string) => void} shown.onFilter
 * @returns {{ show(sensors: readonly Sensor[], partial: boolean, nowMs: number): void, touch(): void }}
 */
export function sensorsView({ page, filter, onTurn, onFilter }) {
  const element = byId('sensors-table');
  const empty = byId('sensors-empty');
  const field = /** @type {HTMLInputElement} */ (byId('sensors-filter'));
  const order = new SteadyOrder(keyOf, compareSensors);
  const pager = new Pager({ what: 'sensors', size: FEW, page, onTurn });
  element.after(pager.element);
  const table = new Table(
    element,
    keyOf,
    [
      severityCell((sensor) => sensor.severity),
      linkCell(keyOf, (sensor) => hrefOf('sensor', sensor.sensor_id)),
      numberCell('temperature', (sensor) => numberText(sensor.temperature_c, 1), '°C'),
      numberCell('humidity', (sensor) => numberText(sensor.humidity_pct, 1), '%'),
      qualityCell((sensor) => sensor.quality),
      ageCell((sensor) => sensor.event_time),
    ],
    (row, sensor, nowMs) => {
      setAttribute(row, 'data-severity', sensor.severity);
      setAttribute(row, 'data-trusted', String(isTrusted(sensor.quality)));
      setAttribute(row, 'data-silent', String(isSilent(sensor, nowMs)));
    },
  );

  field.value = filter;
  field.addEventListener('input', () => {
    pager.reset();
    onFilter(field.value.trim());
  });

  return {
    show(sensors, partial, nowMs) {
      const part = field.value.trim().toLowerCase();
      const found = order.arrange(sensors, Date.now()).filter((sensor) => part === '' || sensor.sensor_id.toLowerCase().includes(part));
      table.show(pager.slice(found), nowMs);
      setShown(element, found.length > 0);
      setShown(empty, found.length === 0);
      setLines(empty, sensors.length === 0 ? EMPTY : NO_MATCH);
      setText(byId('sensors-note'), noteOf(found.length, sensors.length, partial, part !== ''));
    },
    touch: () => order.touch(Date.now()),
  };
}

/**
 * @param {number} found
 * @param {number} all
 * @param {boolean} partial
 * @param {boolean} isFiltered
 */
function noteOf(found, all, partial, isFiltered) {
  if (all === 0) return '';
  const known = partial ? `the first ${numberText(all)} by name` : numberText(all);
  if (isFiltered) return `${numberText(found)} of ${known}`;
  return partial ? `Worst first, of ${known}` : 'Worst first';
}
