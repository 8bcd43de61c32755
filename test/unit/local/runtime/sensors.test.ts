import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, profileNameOf, type Settings, zoneOf } from '../../../../functions/domain/settings.ts';
import type { DataFolder } from '../../../../local/runtime/data-folder.ts';
import { openSensors } from '../../../../local/runtime/sensors.ts';

function memoryFolder(): Pick<DataFolder, 'readJson' | 'writeJson'> {
  const files = new Map<string, string>();
  return {
    readJson: (name) => (files.has(name) ? JSON.parse(files.get(name)!) : undefined),
    writeJson: (name, content) => void files.set(name, JSON.stringify(content)),
  };
}

const declared = { SETTINGS: JSON.stringify({ ...DEFAULT_SETTINGS, sensors: [{ match: '*', profile: 'dht22', zone: 'UTC' }] }), A: '1' };

function opened(folder = memoryFolder()) {
  const sensors = openSensors(folder);
  const settings = (): Settings => JSON.parse(sensors.applyTo(declared)['SETTINGS']!) as Settings;
  settings();
  return { sensors, settings };
}

describe('local sensor assignments', () => {
  it('come before those of the template, the newest first, and a function reads them so', () => {
    const { sensors, settings } = opened();
    sensors.put({ match: 'machine*', profile: 'dht22', zone: 'UTC' });
    sensors.put({ match: 'machine-1', profile: 'industrial', zone: 'Europe/Berlin' });
    expect(settings().sensors.map(({ match }) => match)).toEqual(['machine-1', 'machine*', '*']);
    expect(profileNameOf('machine-1', settings())).toBe('industrial');
    expect(zoneOf('readings', 'machine-1', settings())).toBe('Europe/Berlin');
    expect(profileNameOf('other', settings())).toBe('dht22');
    expect(sensors.applyTo(declared)['A']).toBe('1');
  });

  it('leave an environment without SETTINGS as it is', () => {
    const environment = { A: '1' };
    expect(opened().sensors.applyTo(environment)).toBe(environment);
  });

  it('replace one of the same match and are found again after a restart', () => {
    const folder = memoryFolder();
    const first = opened(folder).sensors;
    first.put({ match: 'a', profile: 'dht22', zone: 'UTC' });
    first.put({ match: 'b', profile: 'dht22', zone: 'UTC' });
    first.put({ match: 'a', profile: 'industrial', zone: 'UTC' });
    expect(opened(folder).sensors.list()).toEqual([
      { match: 'a', profile: 'industrial', zone: 'UTC' },
      { match: 'b', profile: 'dht22', zone: 'UTC' },
    ]);
  });

  it.each([
    [null, 'match must be'],
    ['text', 'match must be'],
    [{ match: '', profile: 'dht22', zone: 'UTC' }, 'match must be'],
    [{ match: 'a b', profile: 'dht22', zone: 'UTC' }, 'not "a b"'],
    [{ match: 'a', profile: 'nobody', zone: 'UTC' }, 'profile must be one of dht22, industrial, not "nobody"'],
    [{ match: 'a', profile: 'dht22' }, 'zone must be an IANA time zone such as Europe/Berlin, not absent'],
    [{ match: 'a', profile: 'dht22', zone: 'Mars/Base' }, 'zone must be'],
    [{ match: 'a', profile: 'dht22', zone: 'UTC', more: 1 }, 'more is no field'],
  ])('fails on %j', (given, message) => {
    const { sensors } = opened();
    expect(() => sensors.put(given)).toThrow(message);
    expect(sensors.list()).toEqual([]);
  });

  it('fails beyond 1,000 assignments', () => {
    const { sensors } = opened();
    for (let index = 0; index < 1000; index += 1) sensors.put({ match: `s${index}`, profile: 'dht22', zone: 'UTC' });
    expect(() => sensors.put({ match: 'more', profile: 'dht22', zone: 'UTC' })).toThrow('at most 1000');
    sensors.put({ match: 's1', profile: 'industrial', zone: 'UTC' });
  });
});
