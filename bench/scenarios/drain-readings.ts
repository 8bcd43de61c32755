import { measureDrain } from '../drain.ts';
import { hourBefore, type Pattern, readingEntries, SENSORS } from '../input.ts';
import { type Scenario, scaled } from '../scenario.ts';

const READINGS = 1_000_000;

function drainReadings(id: string, pattern: Pattern, withArchive: boolean, how: string): Scenario {
  return {
    id,
    part: 'b',
    title: `Drain of preloaded readings, ${SENSORS} sensors, 25 % above the threshold ${how}, through speed ${withArchive ? 'and archive' : 'alone'}`,
    run(conditions) {
      const events = scaled(READINGS, conditions.scale);
      const entries = () => readingEntries({ seed: conditions.seed, count: events, pattern, startMs: hourBefore(Date.now()) });
      return measureDrain({ source: 'readings', withArchive, events, entries }, conditions);
    },
  };
}

const UNIFORM = '(each reading uniform from 20 to 100 °C)';

/** The input of the peers' figures: nearly every second reading is an alarm transition. */
export const drainReadingsSpeed = drainReadings('drain-readings-speed', 'uniform', false, UNIFORM);
export const drainReadingsBoth = drainReadings('drain-readings', 'uniform', true, UNIFORM);
/** The same share above the threshold, as sensors do it: in one piece. */
export const drainEpisodes = drainReadings('drain-episodes', 'episodes', true, '(5 of every 20 minutes)');
