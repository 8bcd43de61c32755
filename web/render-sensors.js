/** Sensors, worst first. Of many only the first are shown until somebody asks for all. */
import { ageCell, nameCell, numberCell, qualityCell, severityCell } from './cells.js';
import { byId, setAttribute, setLines, setShown, setText } from './dom.js';
import { numberText } from './format.js';
import { compareSensors, SteadyOrder } from './order.js';
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

/** Rows shown unasked. */
const FEW = 50;
const EMPTY = [
  'No sensor has reported yet.',
  '`npm start` brings simulated sensors.',
  '`npm run replay -- readings FILE` brings recorded readings.',
];

/** @param {Sensor} sensor */
const keyOf = (sensor) => sensor.sensor_id;

/**
 * @param {() => void} onMore somebody wants to see more or fewer rows
 * @returns {{ show(sensors: readonly Sensor[], partial: boolean, nowMs: number): void, touch(): void }}
 */
export function sensorsView(onMore) {
  const element = byId('sensors-table');
  const empty = byId('sensors-empty');
  const more = byId('sensors-more');
  const order = new SteadyOrder(keyOf, compareSensors);
  const table = new Table(
    element,
    keyOf,
    [
      severityCell((sensor) => sensor.severity),
      nameCell((sensor) => sensor.sensor_id),
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

  let all = false;
  more.addEventListener('click', () => {
    all = !all;
    onMore();
  });

  return {
    show(sensors, partial, nowMs) {
      const arranged = order.arrange(sensors, Date.now());
      table.show(all ? arranged : arranged.slice(0, FEW), nowMs);
      setShown(element, sensors.length > 0);
      setShown(empty, sensors.length === 0);
      setLines(empty, EMPTY);
      setShown(more, sensors.length > FEW);
      setAttribute(more, 'aria-expanded', String(all));
      setText(more, all ? `Show only the worst ${FEW}` : `Show all ${numberText(sensors.length)} sensors`);
      setText(byId('sensors-count'), `${numberText(sensors.length)}${partial ? '+' : ''}`);
      setText(
        byId('sensors-note'),
        sensors.length === 0 ? '' : partial ? `Worst first, of the first ${numberText(sensors.length)} by name` : 'Worst first',
      );
    },
    touch: () => order.touch(Date.now()),
  };
}
