/** Sensor assignments given to a running instance: they come before those of the template in every function's SETTINGS. */
import type { SensorAssignment, Settings } from '../../functions/domain/settings.ts';
import type { DataFolder } from './data-folder.ts';

const FILE = 'sensors.json';
const MATCH = /^[A-Za-z0-9_.*-]{1,129}$/;
const MOST_ASSIGNMENTS = 1_000;

export interface Sensors {
  /** The newest first. */
  list(): readonly SensorAssignment[];
  /** `environment` with these assignments put first in SETTINGS, when it has SETTINGS. */
  applyTo(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /** Puts an assignment first (in place of one of the same `match`) and keeps it. Throws on a wrong one, naming what is allowed. */
  put(assignment: unknown): SensorAssignment;
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Checks what somebody sent: `{match, profile, zone}`. */
function assignmentOf(given: unknown, profiles: ReadonlySet<string>): SensorAssignment {
  const { match, profile, zone, ...rest } = (given ?? {}) as Record<string, unknown>;
  const wrong = (name: string, allowed: string, value: unknown): Error =>
    new Error(`${name} must be ${allowed}, not ${JSON.stringify(value) ?? 'absent'}`);
  if (typeof match !== 'string' || !MATCH.test(match)) throw wrong('match', 'a sensor id, * for any run of characters', match);
  if (typeof profile !== 'string' || !profiles.has(profile)) throw wrong('profile', `one of ${[...profiles].sort().join(', ')}`, profile);
  if (typeof zone !== 'string' || !isZone(zone)) throw wrong('zone', 'an IANA time zone such as Europe/Berlin', zone);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`${unknown} is no field of a sensor assignment; known are match, profile, zone`);
  return { match, profile, zone };
}

/** The assignments kept in `folder`. */
export function openSensors(folder: Pick<DataFolder, 'readJson' | 'writeJson'>): Sensors {
  let assignments = (folder.readJson(FILE) ?? []) as readonly SensorAssignment[];
  const profiles = new Set<string>();
  return {
    list: () => assignments,
    applyTo(environment) {
      const text = environment['SETTINGS'];
      if (text === undefined) return environment;
      const settings = JSON.parse(text) as Settings;
      for (const name of Object.keys(settings.profiles)) profiles.add(name);
      return { ...environment, SETTINGS: JSON.stringify({ ...settings, sensors: [...assignments, ...settings.sensors] }) };
    },
    put(given) {
      const assignment = assignmentOf(given, profiles);
      const others = assignments.filter(({ match }) => match !== assignment.match);
      if (others.length >= MOST_ASSIGNMENTS)
        throw new Error(`there are ${others.length} sensor assignments already; at most ${MOST_ASSIGNMENTS} are kept`);
      assignments = [assignment, ...others];
      folder.writeJson(FILE, assignments);
      return assignment;
    },
  };
}
