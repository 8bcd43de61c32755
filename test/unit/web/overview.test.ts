import { describe, expect, it } from 'vitest';
import { overviewOf } from '../../../web/render-overview.js';

const NOW = Date.UTC(2026, 0, 1);

function sensor(severity: string, quality: string | null = 'OK', silentMs = 0) {
  const time = new Date(NOW - silentMs).toISOString();
  return { sensor_id: 's', event_time: time, ingest_time: time, temperature_c: 20, humidity_pct: 50, quality, severity };
}

describe('the answer to "is anything wrong?"', () => {
  it('is about the worst first', () => {
    const sensors = [sensor('CRITICAL'), sensor('HIGH'), sensor('HIGH'), sensor('NORMAL')];
    expect(overviewOf(sensors, NOW)).toEqual({
      severity: 'CRITICAL',
      text: '1 critical, 2 high',
      detail: '4 sensors',
      title: '(1 critical, 2 high) Tidemark',
    });
    expect(overviewOf(sensors.slice(1), NOW)).toMatchObject({ severity: 'HIGH', text: '2 high' });
  });

  it('is all normal only when somebody is there to say so', () => {
    expect(overviewOf([sensor('NORMAL')], NOW)).toMatchObject({ severity: 'NORMAL', text: 'All normal', detail: '1 sensor' });
    expect(overviewOf([], NOW)).toMatchObject({ severity: 'none', text: 'No sensor has reported yet', detail: '' });
    expect(overviewOf([sensor('NORMAL', 'OK', 300_000)], NOW)).toMatchObject({ severity: 'none', text: 'All sensors are silent' });
  });

  it('counts what is untrusted and what is silent', () => {
    const sensors = [sensor('NORMAL'), sensor('NORMAL', 'NAN'), sensor('NORMAL', null, 299_999), sensor('NORMAL', 'OK', 300_000)];
    expect(overviewOf(sensors, NOW).detail).toBe('4 sensors · 1 with an untrusted reading · 1 silent for more than 5 min');
  });
});
