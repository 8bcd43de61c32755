import { describe, expect, it } from 'vitest';
import { Dht22, HEALTHY_MAX_C, type Measurement } from '../../../device-sim/dht22.ts';
import { deviceName, MAX_SENSORS, overheatingSensors, startFleet } from '../../../device-sim/fleet.ts';
import { DEVICE_NAME } from '../../../functions/domain/names.ts';
import { qualityOf } from '../../../functions/domain/quality.ts';
import { DEFAULT_SETTINGS } from '../../../functions/domain/settings.ts';

const NOW = Date.UTC(2026, 10, 5, 15);
const PROFILE = DEFAULT_SETTINGS.profiles['dht22']!;

function readingsOf(seed: number, overheats: boolean, hours: number, everyMs = 2000): Measurement[] {
  const sensor = new Dht22(seed, overheats);
  return Array.from({ length: (hours * 3_600_000) / everyMs }, (_, index) => sensor.read(NOW + index * everyMs));
}

describe('A simulated DHT22', () => {
  it('measures the same for the same seed, in steps of 0.1, all of it trusted', () => {
    const readings = readingsOf(5, true, 1);
    expect(readingsOf(5, true, 1)).toEqual(readings);
    expect(readingsOf(6, true, 1)).not.toEqual(readings);
    for (const { temperature, humidity } of readings) {
      expect([temperature, humidity]).toEqual([Number(temperature.toFixed(1)), Number(humidity.toFixed(1))]);
      expect(qualityOf({ temperatureC: temperature, humidityPct: humidity }, PROFILE)).toBe('OK');
    }
  });

  it('stays well below HIGH when it is healthy, and drifts over the day', () => {
    for (let seed = 0; seed < 40; seed++) {
      const temperatures = readingsOf(seed, false, 24, 60_000).map(({ temperature }) => temperature);
      expect(Math.max(...temperatures)).toBeLessThanOrEqual(HEALTHY_MAX_C);
      expect(Math.min(...temperatures)).toBeGreaterThan(10);
      expect(Math.max(...temperatures) - Math.min(...temperatures)).toBeGreaterThan(1);
    }
  });

  it('overheats within 20 to 45 s of its start through HIGH past CRITICAL, cools down and does it again', () => {
    for (let seed = 0; seed < 40; seed++) {
      const temperatures = readingsOf(seed, true, 1).map(({ temperature }) => temperature);
      const levels = temperatures.map((value) => (value >= PROFILE.criticalC ? 'C' : value >= PROFILE.highC ? 'H' : 'N')).join('');
      const firstCriticalMs = levels.indexOf('C') * 2000;
      expect(firstCriticalMs).toBeGreaterThan(8_000);
      expect(firstCriticalMs).toBeLessThan(45_000);
      expect(levels).toMatch(/^N+H+C+H+N+H+C/);
      expect(levels.replaceAll(/(.)\1+/g, '$1')).toMatch(/^(NHCH){8,30}N?$|^(NHCH){8,30}NH?C?$/);
    }
  });
});

describe('A fleet', () => {
  it('has at least one sensor of three that overheats, a few of many, the same for the same seed', () => {
    for (const [sensorCount, overheating] of [
      [0, 0],
      [2, 0],
      [3, 1],
      [8, 1],
      [24, 3],
      [1000, 10],
    ] as const) {
      expect(overheatingSensors(1, sensorCount).size).toBe(overheating);
    }
    expect(overheatingSensors(9, 100)).toEqual(overheatingSensors(9, 100));
    expect(Math.max(...overheatingSensors(9, 100))).toBeLessThan(100);
  });

  it('has names that a thing may have', () => {
    expect([deviceName(0), deviceName(999)]).toEqual(['sensor-0001', 'sensor-1000']);
    expect(deviceName(0)).toMatch(DEVICE_NAME);
  });

  it('fails on a size or an interval out of range', () => {
    const options = { mqttUrl: 'mqtt://127.0.0.1:1', seed: 1, log: () => {} };
    for (const sensorCount of [-1, 1.5, MAX_SENSORS + 1, Number.NaN]) {
      expect(() => startFleet({ ...options, sensorCount })).toThrow(`a fleet has 0 to 1000 sensors, not ${sensorCount}`);
    }
    expect(() => startFleet({ ...options, sensorCount: 1, intervalMs: 0 })).toThrow('more than 0 ms, not 0');
  });
});
