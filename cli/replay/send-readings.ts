/** Readings → the broker, as the device would publish them. */
import { connectAsync, type MqttClient } from 'mqtt';
import { messageOf, UserError } from '../shared/user-error.ts';
import { dueRuns, type Pace } from './pace.ts';
import type { ReadingFile, ReadingRow } from './reading-file.ts';

export interface SendReadingsOptions {
  /** `mqtt://127.0.0.1:PORT` */
  readonly broker: string;
  readonly pace: Pace;
  /** Whether a reading carries boot and seq. */
  readonly numbered: boolean;
  /** So many more rows were acknowledged by the broker. */
  readonly onSent: (rows: number) => void;
}

/** Published and not yet acknowledged, at most. */
const IN_FLIGHT = 256;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Publishes files with QoS 1, those of one device in the order given and different devices side by side. Resolves when every
 * reading is acknowledged, or when the pace's signal was aborted and those published are. Throws UserError when the broker
 * refuses or goes away; it never connects again by itself, since readings without numbers would then be sent twice.
 */
export async function sendReadings(files: readonly ReadingFile[], options: SendReadingsOptions): Promise<void> {
  const devices = Map.groupBy(files, ({ device }) => device);
  await Promise.all([...devices].map(([device, ofDevice]) => sendDevice(device, ofDevice, options)));
}

/** What the device publishes for a row. */
export function payloadOf(row: ReadingRow, identity: { readonly boot: string; readonly seq: number } | null): string {
  const { eventMs: timestamp, temperature, humidity } = row;
  return JSON.stringify({ timestamp, temperature, ...(humidity === undefined ? {} : { humidity }), ...identity });
}

async function sendDevice(device: string, files: readonly ReadingFile[], options: SendReadingsOptions): Promise<void> {
  const client = await connect(device, options.broker);
  const connection = new AbortController();
  const lost = (error: unknown) =>
    connection.abort(
      new UserError(`the broker at ${options.broker} ended the connection of ${device} (${messageOf(error)}); does its policy allow it?`),
    );
  const closed = () => lost('closed');
  client.on('error', lost).on('close', closed);
  try {
    await publishAll(client, device, files, { ...options, lost, gone: connection.signal });
    connection.signal.throwIfAborted();
  } finally {
    client.off('close', closed);
    await client.endAsync(connection.signal.aborted);
  }
}

async function connect(device: string, broker: string): Promise<MqttClient> {
  try {
    return await connectAsync(broker, { clientId: device, reconnectPeriod: 0, connectTimeout: CONNECT_TIMEOUT_MS }, false);
  } catch (error) {
    throw new UserError(`cannot connect to the broker at ${broker} as ${device}: ${messageOf(error)}`, { cause: error });
  }
}

interface Connected extends SendReadingsOptions {
  readonly lost: (error: unknown) => void;
  /** Aborted when the connection is lost. */
  readonly gone: AbortSignal;
}

/** Returns when all is acknowledged, or early when the connection is lost. */
async function publishAll(client: MqttClient, device: string, files: readonly ReadingFile[], options: Connected): Promise<void> {
  const { gone, lost, numbered, onSent } = options;
  const pace = { ...options.pace, signal: AbortSignal.any([options.pace.signal, gone]) };
  const topic = `dht22/${device}/telemetry`;
  let inFlight = 0;
  let moved = Promise.withResolvers<void>();
  const wake = () => {
    moved.resolve();
    moved = Promise.withResolvers();
  };
  gone.addEventListener('abort', wake);
  const publish = (payload: string) => {
    inFlight += 1;
    const acknowledged = () => {
      inFlight -= 1;
      onSent(1);
      wake();
    };
    client.publishAsync(topic, payload, { qos: 1 }).then(acknowledged, lost);
  };
  const atMost = async (number: number) => {
    while (inFlight > number && !gone.aborted) await moved.promise;
  };

  for (const { identity: boot, rows } of files) {
    let seq = 0;
    for await (const run of dueRuns(rows, (row) => row.eventMs, IN_FLIGHT, pace)) {
      for (const row of run) {
        await atMost(IN_FLIGHT - 1);
        if (pace.signal.aborted) break;
        publish(payloadOf(row, numbered ? { boot, seq } : null));
        seq += 1;
      }
    }
  }
  await atMost(0);
}
