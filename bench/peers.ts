/** What other stacks reached at the same work, measured apart from Tidemark, and how a report's figures stand to it. */
import type { Statistics } from './statistics.ts';

/** The machine, versions and settings of all peers' figures. */
export const PEERS_SOURCE = [
  'Measured 2026-11-21 on an AMD EPYC (VM), 2 cores, 24 GiB, Linux, in the calmest runs of that machine; load generator, broker, job and consumer shared the cores',
  'Kafka 4.3.1 (KRaft, one node, 2 partitions a topic, acks 1); PySpark 4.2.0 `local[2]`, shuffle partitions 2; Kafka Streams 4.3.1, 2 threads, in-memory window store with changelog; PostgreSQL 15 by JDBC; Python 3.11 with orjson',
  'Input: 100 sensors, each reading uniform from 20 to 100 °C, 1,000,000 readings over one hour → alerts and 5-minute averages; 1,000,000 one-trade messages, 50 symbols',
];

/** Which of a report's statistics a peer's figure stands beside. */
type Statistic = keyof Omit<Statistics, 'n'>;

export interface PeerFigure {
  /** Scenario and figure of a report that did the same work. */
  readonly scenario: string;
  readonly figure: string;
  readonly statistic: Statistic;
  readonly peer: string;
  /** Lowest and highest of its runs, in the unit of the report's figure. */
  readonly range: readonly [low: number, high: number];
  readonly isLessBetter: boolean;
}

const DRAINED = 'readings drained';
const PER_CPU_SECOND = 'per CPU second, start included';
const PER_CPU_SECOND_WARM = 'per CPU second from ready on';
const AT_1000 = 'publish to alert readable at 1000/s';
const AT_100 = 'publish to alert readable at 100/s';

function rate(scenario: string, figure: string, peer: string, low: number, high = low): PeerFigure {
  return { scenario, figure, statistic: 'median', peer, range: [low, high], isLessBetter: false };
}

function cost(scenario: string, figure: string, statistic: Statistic, peer: string, low: number, high = low): PeerFigure {
  return { scenario, figure, statistic, peer, range: [low, high], isLessBetter: true };
}

export const PEER_FIGURES: readonly PeerFigure[] = [
  rate('drain-readings-speed', DRAINED, 'Kafka Streams, fresh JVM', 83_900, 88_200),
  rate('drain-readings-speed', DRAINED, 'Kafka Streams, second half of a run', 135_000, 180_000),
  rate('drain-readings-speed', DRAINED, 'plain Python consumer, nothing durable', 196_000, 254_000),
  rate('drain-readings-speed', PER_CPU_SECOND, 'Kafka Streams, JIT included', 63_000, 65_000),
  rate('drain-readings', DRAINED, 'Spark, alerts + averages + raw Parquet, cold', 26_000),
  rate('drain-readings', DRAINED, 'Spark, the same, warm', 52_000, 53_500),
  rate('drain-readings', PER_CPU_SECOND_WARM, 'Spark, the same, warm', 53_000, 66_000),
  rate('drain-single-trades', 'trades drained', 'Spark → PostgreSQL, cold', 32_600),
  rate('drain-single-trades', 'trades drained', 'Spark → PostgreSQL, warm', 76_800, 85_800),
  rate('drain-single-trades', PER_CPU_SECOND_WARM, 'Spark → PostgreSQL, warm', 49_000, 58_000),
  cost('latency', AT_1000, 'median', 'Spark micro-batch', 73, 136),
  cost('latency', AT_1000, 'median', 'Spark real-time mode (alerts alone)', 2.1),
  cost('latency', AT_1000, 'median', 'Kafka Streams', 1.4, 1.9),
  cost('latency', AT_1000, 'p99', 'Spark micro-batch', 387, 728),
  cost('latency', AT_1000, 'p99', 'Spark real-time mode (alerts alone)', 68, 147),
  cost('latency', AT_1000, 'p99', 'Kafka Streams', 6.1, 24),
  cost('latency', AT_100, 'median', 'Spark micro-batch', 61, 67),
  cost('latency', AT_100, 'median', 'Kafka Streams', 2.2, 2.7),
  cost('latency', AT_100, 'p99', 'Spark micro-batch', 282, 400),
  cost('latency', AT_100, 'p99', 'Kafka Streams', 4.5, 5.4),
  cost('start', 'process start to first alert readable', 'median', 'Kafka + Spark', 17_900, 20_400),
  cost('start', 'process start to first alert readable', 'median', 'Kafka + Kafka Streams', 5_200, 5_800),
  cost('start', 'memory at rest', 'median', 'Kafka + Spark', 993),
  cost('start', 'memory at rest', 'median', 'Kafka + Kafka Streams', 531),
  cost('long', 'memory at the end', 'median', 'Kafka + Spark, after the latency runs', 2_391),
  cost('long', 'memory at the end', 'median', 'Kafka + Kafka Streams, after the latency runs', 1_497),
];

export interface Ratio extends PeerFigure {
  readonly unit: string;
  readonly ours: number;
  /** Above 1: Tidemark is so many times better than the worst and the best run of the peer. */
  readonly times: readonly [toWorst: number, toBest: number];
}

interface Reported {
  readonly id: string;
  readonly figures: readonly (Statistics & { readonly name: string; readonly unit: string })[];
}

/** The figures of a report beside those of the peers; what was not measured is left out. */
export function ratiosOf(scenarios: readonly Reported[]): Ratio[] {
  return PEER_FIGURES.flatMap((peer) => {
    const found = scenarios.find(({ id }) => id === peer.scenario)?.figures.find(({ name }) => name === peer.figure);
    if (!found) return [];
    const ours = found[peer.statistic];
    const [low, high] = peer.range;
    return [{ ...peer, unit: found.unit, ours, times: peer.isLessBetter ? [high / ours, low / ours] : [ours / low, ours / high] }];
  });
}
