import { describe, expect, it } from 'vitest';
import { INSTANT_RULE, moveAlarm, severityOf } from '#domain/alarms.ts';
import type { AlarmState, Severity } from '#domain/key-state.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';

const dht22 = DEFAULT_SETTINGS.profiles['dht22']!;

describe('severity with hysteresis (high 30, critical 35, hysteresis 0.5)', () => {
  it.each<[Severity, number, Severity]>([
    ['NORMAL', 29.9, 'NORMAL'],
    ['NORMAL', 30, 'HIGH'],
    ['NORMAL', 34.9, 'HIGH'],
    ['NORMAL', 35, 'CRITICAL'],
    ['HIGH', 29.5, 'HIGH'],
    ['HIGH', 29.4, 'NORMAL'],
    ['HIGH', 34.9, 'HIGH'],
    ['HIGH', 35, 'CRITICAL'],
    ['CRITICAL', 34.5, 'CRITICAL'],
    ['CRITICAL', 34.4, 'HIGH'],
    ['CRITICAL', 29.5, 'HIGH'],
    ['CRITICAL', 29.4, 'NORMAL'],
  ])('from %s at %s °C is %s', (current, temperatureC, severity) => {
    expect(severityOf(temperatureC, dht22, current)).toBe(severity);
  });
});

describe('an alarm', () => {
  it('changes only with its severity, numbers its transitions, and keeps the time it became active', () => {
    const alarms: Record<string, AlarmState> = {};
    const move = (temperatureC: number, eventMs: number) => moveAlarm(alarms, INSTANT_RULE, temperatureC, eventMs, dht22);
    expect(move(20, 1)).toBeNull();
    expect(alarms).toEqual({});
    expect(move(31, 2)).toMatchObject({
      previousSeverity: 'NORMAL',
      alarm: { state: 'ACTIVE', severity: 'HIGH', revision: 1, sinceMs: 2, threshold: 30 },
    });
    expect(move(31.5, 3)).toBeNull();
    expect(move(36, 4)).toMatchObject({
      previousSeverity: 'HIGH',
      alarm: { severity: 'CRITICAL', revision: 2, sinceMs: 2, changedMs: 4, threshold: 35, value: 36 },
    });
    expect(move(34, 5)).toMatchObject({ alarm: { severity: 'HIGH', revision: 3, sinceMs: 2, threshold: 35 } });
    expect(move(20, 6)).toMatchObject({ alarm: { state: 'NORMAL', severity: 'NORMAL', revision: 4, sinceMs: 6, threshold: 30 } });
  });
});
