import { describe, expect, it } from 'vitest';
import { alarmRowOf, alertOf } from '#domain/alerts.ts';
import type { AlarmOutput } from '#domain/outputs.ts';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { addMeasurement, newReadingWindow } from '#domain/windows.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const transition: AlarmOutput = {
  type: 'alarm',
  rule: 'temperature-instant',
  previousSeverity: 'HIGH',
  alarm: { state: 'ACTIVE', severity: 'CRITICAL', revision: 2, sinceMs: NOON, changedMs: NOON + 1500, value: 35.2, threshold: 35 },
};

describe('alerts', () => {
  it('of an alarm transition say what changed, when, and by which rule', () => {
    expect(alertOf('roof.left', transition, DEFAULT_SETTINGS)).toEqual({
      v: 1,
      kind: 'instant',
      alert_id: 'roof.left:temperature-instant#2',
      alarm_id: 'roof.left:temperature-instant',
      sensor_id: 'roof.left',
      rule: 'temperature-instant',
      rule_version: 1,
      state: 'ACTIVE',
      severity: 'CRITICAL',
      previous_severity: 'HIGH',
      event_time: '2026-06-01T12:00:01.500Z',
      value: 35.2,
      threshold: 35,
      revision: 2,
    });
    expect(alarmRowOf('roof.left', transition)).toMatchObject({
      alarm_id: 'roof.left:temperature-instant',
      since: '2026-06-01T12:00:00.000Z',
    });
  });

  it('of a closed window carry its figures, and the severity of its mean', () => {
    const window = { ...newReadingWindow(NOON), closed: true, revision: 3 };
    for (const value of [29, 31, 33]) addMeasurement(window.temperatureC, value);
    for (const value of [40, 50]) addMeasurement(window.humidityPct, value);
    expect(alertOf('roof', { type: 'window', window }, DEFAULT_SETTINGS)).toEqual({
      v: 1,
      kind: 'avg_temp',
      alert_id: `roof#${NOON}#3`,
      sensor_id: 'roof',
      window_start: '2026-06-01T12:00:00.000Z',
      window_end: '2026-06-01T12:05:00.000Z',
      reading_count: 3,
      temperature_c_mean: 31,
      temperature_c_min: 29,
      temperature_c_max: 33,
      humidity_pct_mean: 45,
      severity: 'HIGH',
      revision: 3,
      event_time: '2026-06-01T12:05:00.000Z',
    });
  });

  it('of a window without a trusted reading have no figures and no severity', () => {
    const window = { ...newReadingWindow(NOON), closed: true, revision: 1, untrustedCount: 4 };
    expect(alertOf('roof', { type: 'window', window }, DEFAULT_SETTINGS)).toMatchObject({
      reading_count: 0,
      temperature_c_mean: null,
      temperature_c_min: null,
      temperature_c_max: null,
      humidity_pct_mean: null,
      severity: 'NORMAL',
    });
  });
});
