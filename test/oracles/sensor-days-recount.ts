/** A recount of sensor days, written apart from the domain code and from SQL. */
import type { OracleReading } from './data.ts';

export interface DayRules {
  /** Hours that the sensor's zone is ahead of UTC, all year. */
  readonly zoneHours: number;
  /** Smallest and largest plausible temperature, °C; humidity is judged where the sensor measures it. */
  readonly temperatureC: readonly [number, number];
  readonly measuresHumidity: boolean;
  readonly highC: number;
  readonly criticalC: number;
  readonly expectedIntervalMs: number;
}

export interface SensorDayTotals {
  readonly reading_count: number;
  readonly temperature_c_mean: number | null;
  readonly temperature_c_min: number | null;
  readonly temperature_c_max: number | null;
  readonly humidity_pct_mean: number | null;
  readonly humidity_pct_min: number | null;
  readonly humidity_pct_max: number | null;
  readonly ok_count: number;
  readonly nan_count: number;
  readonly range_count: number;
  readonly sentinel_count: number;
  readonly bit_shift_count: number;
  readonly minutes_high: number;
  readonly minutes_critical: number;
  readonly interval_count: number;
  readonly expected_interval_count: number;
  readonly completeness: number;
}

type Verdict = 'ok' | 'nan' | 'range' | 'bit_shift';

/** The recorded logs have no reading that a driver made up. */
function verdictOf({ temperatureC, humidityPct }: OracleReading, { temperatureC: [lowest, highest], measuresHumidity }: DayRules): Verdict {
  if (Number.isNaN(temperatureC) || (measuresHumidity && Number.isNaN(humidityPct))) return 'nan';
  if (measuresHumidity && humidityPct > 3_000) return 'bit_shift';
  if (measuresHumidity && !(humidityPct >= 0 && humidityPct <= 100)) return 'range';
  return temperatureC >= lowest && temperatureC <= highest ? 'ok' : 'range';
}

function totalsOf(readings: readonly OracleReading[], rules: DayRules): SensorDayTotals {
  const judged = readings.map((reading) => ({ reading, verdict: verdictOf(reading, rules) }));
  const count = (verdict: Verdict) => judged.filter((each) => each.verdict === verdict).length;
  const trusted = judged.filter(({ verdict }) => verdict === 'ok').map(({ reading }) => reading);
  const statistics = (values: readonly number[]) =>
    values.length === 0
      ? [null, null, null]
      : [values.reduce((sum, value) => sum + value) / values.length, Math.min(...values), Math.max(...values)];
  const [meanC, minC, maxC] = statistics(trusted.map(({ temperatureC }) => temperatureC));
  const [meanPct, minPct, maxPct] = statistics(rules.measuresHumidity ? trusted.map(({ humidityPct }) => humidityPct) : []);
  const distinct = (lengthMs: number, kept: (reading: OracleReading) => boolean = () => true) =>
    new Set(trusted.filter(kept).map(({ eventMs }) => Math.floor(eventMs / lengthMs))).size;
  const expected = Math.ceil(86_400_000 / rules.expectedIntervalMs);
  const found = distinct(rules.expectedIntervalMs);
  return {
    reading_count: trusted.length,
    temperature_c_mean: meanC!,
    temperature_c_min: minC!,
    temperature_c_max: maxC!,
    humidity_pct_mean: meanPct!,
    humidity_pct_min: minPct!,
    humidity_pct_max: maxPct!,
    ok_count: trusted.length,
    nan_count: count('nan'),
    range_count: count('range'),
    sentinel_count: 0,
    bit_shift_count: count('bit_shift'),
    minutes_high: distinct(60_000, ({ temperatureC }) => temperatureC >= rules.highC),
    minutes_critical: distinct(60_000, ({ temperatureC }) => temperatureC >= rules.criticalC),
    interval_count: found,
    expected_interval_count: expected,
    completeness: Math.min(1, found / expected),
  };
}

/** Totals of each day of the sensor's zone, `YYYY-MM-DD`. */
export function sensorDayTotals(readings: readonly OracleReading[], rules: DayRules): Map<string, SensorDayTotals> {
  const dayOf = ({ eventMs }: OracleReading) => new Date(eventMs + rules.zoneHours * 3_600_000).toISOString().slice(0, 10);
  return new Map([...Map.groupBy(readings, dayOf)].map(([day, inside]) => [day, totalsOf(inside, rules)]));
}
