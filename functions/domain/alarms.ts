/** Threshold alarms: one state machine per (rule, sensor), with hysteresis. Alarm times are event times. */
import type { AlarmState, Severity } from './key-state.ts';
import type { SensorProfile } from './settings.ts';

export interface Rule {
  readonly id: 'temperature-instant' | 'temperature-average';
  readonly version: number;
  /** What the rule looks at, for a person. */
  readonly on: string;
}

/** Looks at each trusted reading that is not older than the newest one of its sensor. */
export const INSTANT_RULE: Rule = { id: 'temperature-instant', version: 1, on: 'each trusted reading' };
/** Looks at the mean of each closed window that is not older than the newest one it looked at. */
export const AVERAGE_RULE: Rule = { id: 'temperature-average', version: 1, on: 'the mean temperature of each closed window' };
export const RULES: readonly Rule[] = [INSTANT_RULE, AVERAGE_RULE];

/** One change of severity; decided once, numbered by `alarm.revision`. */
export interface AlarmTransition {
  readonly rule: Rule['id'];
  readonly previousSeverity: Severity;
  readonly alarm: AlarmState;
}

/**
 * Severity of a temperature coming from `current`: a threshold is reached at its value (30.0 is HIGH with 30) and left
 * only below it minus the hysteresis (with 0.5: at 29.5 still HIGH, at 29.4 no longer).
 */
export function severityOf(temperatureC: number, profile: SensorProfile, current: Severity = 'NORMAL'): Severity {
  const { highC, criticalC, hysteresisC } = profile;
  if (temperatureC >= criticalC || (current === 'CRITICAL' && temperatureC >= criticalC - hysteresisC)) return 'CRITICAL';
  if (temperatureC >= highC || (current !== 'NORMAL' && temperatureC >= highC - hysteresisC)) return 'HIGH';
  return 'NORMAL';
}

/** The threshold that separates two severities, °C. */
function thresholdBetween(from: Severity, to: Severity, profile: SensorProfile): number {
  return to === 'CRITICAL' || (from === 'CRITICAL' && to === 'HIGH') ? profile.criticalC : profile.highC;
}

/** Moves the alarm of a rule; null when the severity stays. The sensor has no alarm of a rule before its first transition. */
export function moveAlarm(
  alarms: Record<string, AlarmState>,
  rule: Rule,
  temperatureC: number,
  eventMs: number,
  profile: SensorProfile,
): AlarmTransition | null {
  const before = alarms[rule.id];
  const previousSeverity = before?.severity ?? 'NORMAL';
  const severity = severityOf(temperatureC, profile, previousSeverity);
  if (severity === previousSeverity) return null;
  const state = severity === 'NORMAL' ? 'NORMAL' : 'ACTIVE';
  const alarm: AlarmState = {
    state,
    severity,
    revision: (before?.revision ?? 0) + 1,
    sinceMs: before?.state === state ? before.sinceMs : eventMs,
    changedMs: eventMs,
    value: temperatureC,
    threshold: thresholdBetween(previousSeverity, severity, profile),
  };
  alarms[rule.id] = alarm;
  return { rule: rule.id, previousSeverity, alarm };
}
