/** When recorded rows arrive on event time, and as what: at their own time, late by a delay that a seed decides. */
import { type Random, seededRandom } from '../../../feed/random.ts';
import { TradeEncoder, type WireTrade } from '../../../feed/trade-encoder.ts';
import type { ReadingFile } from '../reading-file.ts';
import { payloadOf } from '../send-readings.ts';
import type { TradeFile } from '../trade-file.ts';

export interface ArrivalSettings {
  /** Every delay follows from it. */
  readonly seed: number;
  /** Mean of the exponential distribution of delays, ms, from 0; no delay is longer than ten times it. */
  readonly meanDelayMs: number;
  /** Whether readings carry boot and seq. */
  readonly numbered: boolean;
}

interface At {
  /** ms since the epoch. */
  readonly atMs: number;
  /** Rows of the recording in it. */
  readonly rows: number;
}

/** A record of the stream of trades. */
export interface TradeArrival extends At {
  readonly kind: 'trades';
  readonly symbol: string;
  readonly data: Uint8Array;
}

/** What a device published. */
export interface ReadingArrival extends At {
  readonly kind: 'reading';
  readonly device: string;
  readonly payload: string;
}

export type Arrival = TradeArrival | ReadingArrival;

/** The longest delay, in means. */
const LONGEST_DELAY_MEANS = 10;
/** The feed hands over what it received of a symbol in turns of this length, ms. */
const FEED_TURN_MS = 100;

/** All that arrives, in the order of arrival. What one connection sent arrives in the order in which it was sent: rows of a file never overtake. */
export function arrivalsOf(trades: readonly TradeFile[], readings: readonly ReadingFile[], settings: ArrivalSettings): Arrival[] {
  const arrivals = [
    ...trades.flatMap((file) => tradeArrivals(file, settings)),
    ...readings.flatMap((file) => readingArrivals(file, settings)),
  ];
  return arrivals.sort((a, b) => a.atMs - b.atMs);
}

/** A file's own sequence of delays: another file beside it changes nothing. */
function randomOf(identity: string, seed: number): Random {
  return seededRandom(seed ^ Number.parseInt(identity.slice(0, 8), 16));
}

/** Whole ms since the epoch at which rows with these event times arrive, never before the row in front of it. */
function* arrivalTimes(eventTimes: Iterable<number>, random: Random, meanDelayMs: number): Generator<number> {
  let atMs = Number.NEGATIVE_INFINITY;
  for (const eventMs of eventTimes) {
    // 1 - random() is in (0, 1]: its logarithm is finite.
    const delayMs = Math.min(-Math.log(1 - random()), LONGEST_DELAY_MEANS) * meanDelayMs;
    atMs = Math.max(atMs, Math.ceil(eventMs + delayMs));
    yield atMs;
  }
}

function tradeArrivals({ symbol, identity, trades }: TradeFile, { seed, meanDelayMs }: ArrivalSettings): TradeArrival[] {
  const encoder = new TradeEncoder(identity);
  const arrivals: TradeArrival[] = [];
  let turn: WireTrade[] = [];
  let turnMs = 0;
  const handOver = (): void => {
    for (const { data, tradeCount } of encoder.encode(turn, turnMs))
      arrivals.push({ kind: 'trades', atMs: turnMs, rows: tradeCount, symbol, data });
    turn = [];
  };
  const times = arrivalTimes(
    trades.map(({ t }) => t),
    randomOf(identity, seed),
    meanDelayMs,
  );
  for (const [index, atMs] of [...times].entries()) {
    const nextTurnMs = Math.ceil(atMs / FEED_TURN_MS) * FEED_TURN_MS;
    if (nextTurnMs !== turnMs) handOver();
    turnMs = nextTurnMs;
    turn.push(trades[index]!);
  }
  handOver();
  return arrivals;
}

function readingArrivals(
  { device, identity: boot, rows }: ReadingFile,
  { seed, meanDelayMs, numbered }: ArrivalSettings,
): ReadingArrival[] {
  const times = arrivalTimes(
    rows.map(({ eventMs }) => eventMs),
    randomOf(boot, seed),
    meanDelayMs,
  );
  return [...times].map((atMs, seq) => {
    const payload = payloadOf(rows[seq]!, numbered ? { boot, seq } : null);
    return { kind: 'reading', atMs, rows: 1, device, payload };
  });
}
