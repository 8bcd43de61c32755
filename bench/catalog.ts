import type { Scenario } from './scenario.ts';
import { archive } from './scenarios/archive.ts';
import { drainEpisodes, drainReadingsBoth, drainReadingsSpeed } from './scenarios/drain-readings.ts';
import { drainSingleTrades, drainTrades } from './scenarios/drain-trades.ts';
import { fold } from './scenarios/fold.ts';
import { lake } from './scenarios/lake.ts';
import { latency, liveLatency } from './scenarios/latency.ts';
import { long } from './scenarios/long.ts';
import { mqttEndToEnd } from './scenarios/mqtt.ts';
import { start } from './scenarios/start.ts';

/** Run when none is named. */
export const USUAL: readonly Scenario[] = [
  drainTrades,
  drainReadingsSpeed,
  drainReadingsBoth,
  drainEpisodes,
  drainSingleTrades,
  mqttEndToEnd,
  latency,
  liveLatency,
  fold,
  archive,
  lake,
  start,
];

/** Every scenario; the long run only when it is named. */
export const SCENARIOS: readonly Scenario[] = [...USUAL, long];
