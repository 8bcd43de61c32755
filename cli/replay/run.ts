/** One replay: read the files, send their rows, wait until they are processed, sum up. */

import type { Clock } from '#adapters/clock.ts';
import type { SensorAssignment, SourceName } from '#domain/settings.ts';
import { kinesisPort } from '../../feed/kinesis-port.ts';
import { awaitPassed } from '../shared/await-passed.ts';
import type { Endpoints } from '../shared/instance.ts';
import { assignSensor, getCounters, getProgress } from '../shared/local-api.ts';
import { patiently } from '../shared/patiently.ts';
import { type Summary, summarize } from '../shared/summary.ts';
import { INTERRUPTED, UserError } from '../shared/user-error.ts';
import { readInputFile } from './file-identity.ts';
import type { ReplayOptions } from './options.ts';
import type { Pace } from './pace.ts';
import type { ProgressDisplay } from './progress-display.ts';
import { type ReadingFile, readReadingFile } from './reading-file.ts';
import { sendReadings } from './send-readings.ts';
import { sendTrades } from './send-trades.ts';
import { readTradeFile, type TradeFile } from './trade-file.ts';

/** What a replay will send, read and checked before anything is sent. */
export interface Recording {
  readonly source: SourceName;
  /** Symbols or sensors the rows belong to. */
  readonly keys: readonly string[];
  readonly rows: number;
  /** Earliest event time, ms since the epoch. */
  readonly originMs: number;
  readonly trades: readonly TradeFile[];
  readonly readings: readonly ReadingFile[];
  /** Of the sensors, when one was given. */
  readonly profile: string | undefined;
}

export interface Surroundings {
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly display: ProgressDisplay;
  readonly log: (line: string) => void;
}

/** What says which files are read, and how. */
export type RecordingOptions = Pick<ReplayOptions, 'source' | 'files' | 'symbol' | 'columns' | 'device' | 'profile' | 'zone'>;

/** Reads all files. Throws UserError for the first one that cannot be replayed. */
export async function readRecording(options: RecordingOptions): Promise<Recording> {
  const inputs = await Promise.all(options.files.map(readInputFile));
  const isTrades = options.source === 'trades';
  const trades = isTrades ? inputs.map((input) => readTradeFile(input, options.symbol)) : [];
  const readings = isTrades ? [] : inputs.map((input) => readReadingFile(input, options));
  const times = [
    ...trades.flatMap((file) => file.trades.map(({ t }) => t)),
    ...readings.flatMap((file) => file.rows.map((row) => row.eventMs)),
  ];
  return {
    source: options.source,
    keys: [...new Set([...trades.map(({ symbol }) => symbol), ...readings.map(({ device }) => device)])],
    rows: times.length,
    originMs: times.reduce((earliest, time) => Math.min(earliest, time), Number.POSITIVE_INFINITY),
    trades,
    readings,
    profile: options.profile,
  };
}

/** Sends a recording and waits for its end. Throws UserError with exit code 130 when it was interrupted. */
export async function replay(recording: Recording, options: ReplayOptions, surroundings: Surroundings): Promise<Summary> {
  const { endpoints, clock, signal, display } = surroundings;
  const { source, keys } = recording;
  const getBusyProgress = () => patiently(() => getProgress(endpoints.api), clock, signal);
  const stream = { getProgress: getBusyProgress, stream: source, clock, signal, onBehind: display.waitingFor };
  const countersOf = () => Promise.all(keys.map((key) => patiently(() => getCounters(endpoints.api, source, key), clock, signal)));
  let sent = 0;
  const stopWhenInterrupted = () => {
    if (!signal.aborted) return;
    const again = options.numbered ? '; replay again to go on: what was delivered is recognised' : '';
    throw new UserError(`interrupted after ${sent} of ${recording.rows} rows${again}`, { exitCode: INTERRUPTED });
  };

  for (const assignment of assignmentsOf(recording)) await assignSensor(endpoints.api, assignment);
  // Rows of an earlier, interrupted replay may still be on their way; they are not this one's.
  await awaitPassed({ ...stream, functions: /speed/i });
  stopWhenInterrupted();
  const before = await countersOf();
  const startMs = clock.now();
  const pace: Pace = { clock, speed: options.speed, originMs: recording.originMs, startMs, signal };
  const onSent = (rows: number) => {
    sent += rows;
    display.sent(rows);
  };
  await send(recording, options, { ...surroundings, pace, onSent });
  stopWhenInterrupted();
  await awaitPassed(stream);
  stopWhenInterrupted();
  const elapsedMs = clock.now() - startMs;
  const after = await countersOf();
  return summarize(
    keys.map((_, index) => ({ before: before[index], after: after[index] })),
    elapsedMs,
  );
}

/** What the sensors of a recording have to be assigned to. */
export function assignmentsOf({ readings, profile }: Recording): SensorAssignment[] {
  const files = new Map(readings.map((file) => [file.device, file]));
  return [...files.values()]
    .filter(({ isZoneKnown }) => isZoneKnown || profile !== undefined)
    .map(({ device, zone }) => ({ match: device, profile: profile ?? 'dht22', zone }));
}

interface Sending extends Surroundings {
  readonly pace: Pace;
  readonly onSent: (rows: number) => void;
}

async function send({ source, trades, readings }: Recording, { numbered }: ReplayOptions, sending: Sending): Promise<void> {
  if (source === 'readings') {
    await sendReadings(readings, { ...sending, broker: sending.endpoints.mqtt, numbered });
    return;
  }
  const port = kinesisPort(source, {
    endpoint: sending.endpoints.kinesis,
    region: sending.endpoints.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    await sendTrades(trades, { ...sending, port });
  } finally {
    port.close();
  }
}
