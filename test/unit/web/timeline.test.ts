import { describe, expect, it } from 'vitest';
import { stretchesOf } from '../../../web/timeline.js';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;

/** Transitions, newest first, each so many hours ago. */
function transitions(...changes: [severity: string, agoHours: number][]) {
  return changes.map(([severity, agoHours], index) => ({
    alarm_id: 'a:r',
    sensor_id: 'a',
    rule: 'r',
    state: 'ACTIVE',
    severity,
    since: '',
    event_time: new Date(NOW - agoHours * HOUR_MS).toISOString(),
    value: 1,
    threshold: 1,
    revision: changes.length - index,
  }));
}

describe('the strip of time of an alarm', () => {
  it('goes from the first transition until now, each stretch until the next one', () => {
    expect(stretchesOf(transitions(['HIGH', 1], ['CRITICAL', 2], ['HIGH', 4]), NOW)).toEqual({
      startMs: NOW - 4 * HOUR_MS,
      stretches: [
        { severity: 'HIGH', from: 0, to: 0.5 },
        { severity: 'CRITICAL', from: 0.5, to: 0.75 },
        { severity: 'HIGH', from: 0.75, to: 1 },
      ],
    });
  });

  it('goes back a day at most; what began before reaches in from its start, what ended before is left out', () => {
    expect(stretchesOf(transitions(['NORMAL', 6], ['HIGH', 30], ['NORMAL', 40]), NOW)).toEqual({
      startMs: NOW - 24 * HOUR_MS,
      stretches: [
        { severity: 'HIGH', from: 0, to: 0.75 },
        { severity: 'NORMAL', from: 0.75, to: 1 },
      ],
    });
  });

  it('is empty without transitions, and for one of this very moment or of a clock that goes fast', () => {
    expect(stretchesOf([], NOW).stretches).toEqual([]);
    expect(stretchesOf(transitions(['HIGH', 0]), NOW).stretches).toEqual([]);
    expect(stretchesOf(transitions(['HIGH', -1]), NOW).stretches).toEqual([]);
  });
});
