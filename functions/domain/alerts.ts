/** Records of the `alerts` stream: one alarm transition (`instant`) or one closed window of a sensor (`avg_temp`) each. */
import { RULES, severityOf } from './alarms.ts';
import type { AlarmState, ReadingWindow, Severity } from './key-state.ts';
import type { AlarmOutput, Output } from './outputs.ts';
import { profileOf, type Settings } from './settings.ts';
import { totalOf } from './sums.ts';

/** An alarm as the API and the alarm table show it; times ISO 8601 UTC, value and threshold in °C. */
export interface AlarmRow {
  readonly alarm_id: string;
  readonly sensor_id: string;
  readonly rule: string;
  readonly rule_version: number;
  readonly state: AlarmState['state'];
  readonly severity: Severity;
  readonly since: string;
  readonly event_time: string;
  readonly value: number;
  readonly threshold: number;
  /** Number of the transition that made the row, from 1. */
  readonly revision: number;
}

/** The transition that made an alarm row. */
export interface InstantAlert extends Omit<AlarmRow, 'since'> {
  readonly v: 1;
  readonly kind: 'instant';
  readonly alert_id: string;
  readonly previous_severity: Severity;
}

export interface AverageAlert {
  readonly v: 1;
  readonly kind: 'avg_temp';
  readonly alert_id: string;
  readonly sensor_id: string;
  readonly window_start: string;
  readonly window_end: string;
  readonly reading_count: number;
  readonly temperature_c_mean: number | null;
  readonly temperature_c_min: number | null;
  readonly temperature_c_max: number | null;
  readonly humidity_pct_mean: number | null;
  /** Severity of the mean by the profile's thresholds alone. */
  readonly severity: Severity;
  readonly revision: number;
  /** End of the window. */
  readonly event_time: string;
}

export type Alert = InstantAlert | AverageAlert;

export function alarmRowOf(sensorId: string, { rule, alarm }: AlarmOutput): AlarmRow {
  return {
    alarm_id: `${sensorId}:${rule}`,
    sensor_id: sensorId,
    rule,
    rule_version: RULES.find(({ id }) => id === rule)!.version,
    state: alarm.state,
    severity: alarm.severity,
    since: new Date(alarm.sinceMs).toISOString(),
    event_time: new Date(alarm.changedMs).toISOString(),
    value: alarm.value,
    threshold: alarm.threshold,
    revision: alarm.revision,
  };
}

function instantAlertOf(sensorId: string, output: AlarmOutput): InstantAlert {
  const { since: _since, ...row } = alarmRowOf(sensorId, output);
  return { v: 1, kind: 'instant', alert_id: `${row.alarm_id}#${row.revision}`, ...row, previous_severity: output.previousSeverity };
}

function averageAlertOf(sensorId: string, window: ReadingWindow, settings: Settings): AverageAlert {
  const { temperatureC, humidityPct, startMs, revision } = window;
  const meanC = temperatureC.count > 0 ? totalOf(temperatureC.sum) / temperatureC.count : null;
  const endTime = new Date(startMs + settings.readings.windowMs).toISOString();
  return {
    v: 1,
    kind: 'avg_temp',
    alert_id: `${sensorId}#${startMs}#${revision}`,
    sensor_id: sensorId,
    window_start: new Date(startMs).toISOString(),
    window_end: endTime,
    reading_count: temperatureC.count,
    temperature_c_mean: meanC,
    temperature_c_min: meanC === null ? null : temperatureC.min,
    temperature_c_max: meanC === null ? null : temperatureC.max,
    humidity_pct_mean: humidityPct.count > 0 ? totalOf(humidityPct.sum) / humidityPct.count : null,
    severity: meanC === null ? 'NORMAL' : severityOf(meanC, profileOf(sensorId, settings)),
    revision,
    event_time: endTime,
  };
}

/** The alert of an output of a sensor; its id is a function of the output alone, so that sending it again is recognised. */
export function alertOf(sensorId: string, output: Output, settings: Settings): Alert {
  return output.type === 'alarm' ? instantAlertOf(sensorId, output) : averageAlertOf(sensorId, output.window as ReadingWindow, settings);
}
