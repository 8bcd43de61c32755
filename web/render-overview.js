/** Is anything wrong? The answer in one line that is read from two metres. */
import { byId, setAttribute, setIcon, setText } from './dom.js';
import { countText, numberText } from './format.js';
import { isTrusted, severityIcon } from './severity.js';
import { isSilent, SILENT_MS } from './silence.js';

/** @import { Sensor } from './render-sensors.js' */

/** @typedef {{ severity: string, text: string, detail: string, title: string }} Overview */

/**
 * What is said of these sensors. Pure.
 * @param {readonly Sensor[]} sensors
 * @param {number} nowMs
 * @returns {Overview}
 */
export function overviewOf(sensors, nowMs) {
  const count = (/** @type {(sensor: Sensor) => boolean} */ holds) => sensors.filter(holds).length;
  const critical = count(({ severity }) => severity === 'CRITICAL');
  const high = count(({ severity }) => severity === 'HIGH');
  const untrusted = count(({ quality }) => quality !== null && !isTrusted(quality));
  const silent = count((sensor) => isSilent(sensor, nowMs));
  const details = [
    countText(sensors.length, 'sensor'),
    untrusted > 0 && `${numberText(untrusted)} with an untrusted reading`,
    silent > 0 && `${numberText(silent)} silent for more than ${SILENT_MS / 60_000} min`,
  ];
  const detail = sensors.length === 0 ? '' : details.filter(Boolean).join(' · ');
  const wrong = [critical > 0 && `${numberText(critical)} critical`, high > 0 && `${numberText(high)} high`].filter(Boolean).join(', ');
  if (wrong) return { severity: critical > 0 ? 'CRITICAL' : 'HIGH', text: wrong, detail, title: `(${wrong}) Tidemark` };
  if (sensors.length === 0) return { severity: 'none', text: 'No sensor has reported yet', detail, title: 'Tidemark' };
  if (silent === sensors.length) return { severity: 'none', text: 'All sensors are silent', detail, title: 'Tidemark' };
  return { severity: 'NORMAL', text: 'All normal', detail, title: 'Tidemark' };
}

/** Shows it; `show` gives the title that the page should have. @returns {{ show(sensors: readonly Sensor[], nowMs: number): string }} */
export function overviewView() {
  const verdict = byId('verdict');
  return {
    show(sensors, nowMs) {
      const { severity, text, detail, title } = overviewOf(sensors, nowMs);
      setAttribute(verdict, 'data-severity', severity);
      setIcon(byId('verdict-icon'), severity === 'none' ? 'none' : severityIcon(severity));
      setText(byId('verdict-text'), text);
      setText(byId('verdict-detail'), detail);
      return title;
    },
  };
}
