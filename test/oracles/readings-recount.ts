/** A recount of sensor windows and an independent model of the alarms, written apart from the domain code. */
import type { OracleReading } from './data.ts';

export interface WindowTotals {
  readonly reading_count: number;
  readonly temperature_c_mean: number;
  readonly temperature_c_min: number;
  readonly temperature_c_max: number;
}

/** Five-minute windows of the readings that `trusted` lets through, by start in ms. */
export function windowTotals(readings: readonly OracleReading[], trusted: (reading: OracleReading) => boolean): Map<number, WindowTotals> {
  const windows = Map.groupBy(readings.filter(trusted), ({ eventMs }) => eventMs - (eventMs % 300_000));
  return new Map(
    [...windows].map(([start, inside]) => {
      const values = inside.map(({ temperatureC }) => temperatureC);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [
        start,
        {
          reading_count: values.length,
          temperature_c_mean: mean,
          temperature_c_min: Math.min(...values),
          temperature_c_max: Math.max(...values),
        },
      ];
    }),
  );
}

export interface Transition {
  readonly atMs: number;
  readonly severity: 'NORMAL' | 'HIGH' | 'CRITICAL';
}

/**
 * A model of a two-level alarm as two independent latches, one a threshold: set at the threshold, reset below it minus
 * the hysteresis. Severity is CRITICAL when the upper latch is set, else HIGH when the lower one is.
 */
export function alarmTransitions(
  values: readonly { atMs: number; value: number }[],
  high: number,
  critical: number,
  hysteresis: number,
): Transition[] {
  const transitions: Transition[] = [];
  let highLatch = false;
  let criticalLatch = false;
  let severity: Transition['severity'] = 'NORMAL';
  for (const { atMs, value } of values) {
    highLatch = highLatch ? !(value < high - hysteresis) : value >= high;
    criticalLatch = criticalLatch ? !(value < critical - hysteresis) : value >= critical;
    const next = criticalLatch ? 'CRITICAL' : highLatch ? 'HIGH' : 'NORMAL';
    if (next !== severity) transitions.push({ atMs, severity: next });
    severity = next;
  }
  return transitions;
}

/**
 * What the alarm on averages sees of readings in their order of arrival: the mean of each window when it closes (a reading 30 s
 * behind its end was heard), and again when a reading comes after that, unless a newer window was looked at before.
 */
export function closingMeans(readings: readonly OracleReading[]): { atMs: number; value: number }[] {
  const windowMs = 300_000;
  const graceMs = 30_000;
  const seen: { atMs: number; value: number }[] = [];
  const valuesByEnd = new Map<number, number[]>();
  const open = new Set<number>();
  let newestMs = -Infinity;
  const look = (endMs: number): void => {
    const values = valuesByEnd.get(endMs)!;
    if ((seen.at(-1)?.atMs ?? -Infinity) <= endMs)
      seen.push({ atMs: endMs, value: values.reduce((sum, value) => sum + value) / values.length });
  };
  for (const { eventMs, temperatureC } of readings) {
    const endMs = eventMs - (eventMs % windowMs) + windowMs;
    const values = valuesByEnd.get(endMs);
    if (!values) open.add(endMs);
    valuesByEnd.set(endMs, [...(values ?? []), temperatureC]);
    if (!open.has(endMs)) look(endMs);
    newestMs = Math.max(newestMs, eventMs);
    for (const end of [...open].filter((end) => end + graceMs <= newestMs).sort((a, b) => a - b)) {
      open.delete(end);
      look(end);
    }
  }
  return seen;
}
