/** Thresholds and expected interval of every sensor on one day, as rows that SQL can match sensor ids with. */
import { dayInterval } from './calendar.ts';
import { DEFAULT_ASSIGNMENT, type Settings } from './settings.ts';

/** The first row, by rank, whose pattern a sensor id matches is the sensor's; the last one matches all. */
export interface SensorLimits {
  readonly rank: number;
  /** As SQL's LIKE has it, with `\` as escape. */
  readonly pattern: string;
  readonly profile: string;
  readonly high_c: number;
  readonly critical_c: number;
  readonly expected_interval_ms: number;
  /** Length of the day in the sensor's zone. */
  readonly day_ms: number;
}

/** The rows of an event day `YYYY-MM-DD`. Throws when an assignment names a profile that is not configured. */
export function sensorLimits(day: string, settings: Settings): SensorLimits[] {
  return [...settings.sensors, { match: '*', ...DEFAULT_ASSIGNMENT }].map(({ match, profile, zone }, index) => {
    const limits = settings.profiles[profile];
    if (!limits) throw new Error(`sensors ${match} are assigned to profile "${profile}", which is not configured`);
    const { startMs, endMs } = dayInterval(zone, day);
    return {
      rank: index + 1,
      pattern: match.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%'),
      profile,
      high_c: limits.highC,
      critical_c: limits.criticalC,
      expected_interval_ms: limits.expectedIntervalMs,
      day_ms: endMs - startMs,
    };
  });
}
