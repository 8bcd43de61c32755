import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { type Clock, endedWithin } from '#adapters/clock.ts';
import type { Telemetry } from './telemetry.ts';

/** What a device proves itself with, PEM, where the broker asks for it. */
export interface DeviceCredentials {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface DeviceOptions {
  /** `mqtt://HOST:PORT` or `mqtts://HOST:PORT` */
  readonly mqttUrl: string;
  readonly credentials?: DeviceCredentials | undefined;
  /** Client id, thing name and level of the topic; `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  readonly telemetry: Telemetry;
  readonly intervalMs: number;
  /** Takes so many readings, then no more. @default without end */
  readonly readingCount?: number | undefined;
  /** Between two attempts to connect, ms. */
  readonly reconnectMs: number;
  readonly clock: Clock;
  /** Hears of everything that goes wrong, in few words. */
  readonly onTrouble: (trouble: string) => void;
  /** Hears of each reading that is taken. */
  readonly onTaken?: () => void;
}

/** Messages that wait for their acknowledgement; IoT Core allows as many. No further reading is taken. */
export const MAX_UNACKNOWLEDGED = 100;
const CONNECT_TIMEOUT_MS = 10_000;

/** One simulated device: its own MQTT connection, a reading every interval, published at least once (QoS 1). */
export class Device {
  readonly #options: DeviceOptions;
  #client: MqttClient | null = null;
  #cancelTick: () => void = () => {};
  #taken = 0;
  #unacknowledged = 0;
  /** Hears when no message waits any more. */
  #onDrained: () => void = () => {};

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** Connects and takes the first reading at `firstMs`, ms since the epoch. */
  start(firstMs: number): void {
    const { clock } = this.#options;
    this.#cancelTick = clock.after(Math.max(0, firstMs - clock.now()), () => {
      this.#client = this.#connect();
      this.#tick(firstMs);
    });
  }

  /** Takes no more readings, sends what was kept back, waits at most so long for acknowledgements, disconnects. Resolves to the messages that have none. */
  async stop(timeoutMs: number): Promise<number> {
    this.#cancelTick();
    const client = this.#client;
    if (!client) return 0;
    this.#publish(this.#options.telemetry.rest(this.#options.clock.now()));
    const drained = new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
    const acknowledged = this.#unacknowledged === 0 || (await endedWithin(this.#options.clock, timeoutMs, drained));
    // Only a connection that stands can say goodbye.
    await client.endAsync(!acknowledged || !client.connected);
    return this.#unacknowledged;
  }

  #connect(): MqttClient {
    const { mqttUrl, credentials, name, reconnectMs, onTrouble } = this.#options;
    const identity: IClientOptions = credentials ? { ...credentials } : {};
    const client = mqtt.connect(mqttUrl, {
      ...identity,
      clientId: name,
      protocolVersion: 4,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: reconnectMs,
      resubscribe: false,
    });
    // A refused connection is an aggregate error without a message of its own.
    client.on('error', (error) => onTrouble(error.message || ('code' in error ? String(error.code) : error.name)));
    client.on('offline', () => onTrouble('a device is offline'));
    return client;
  }

  #tick(dueMs: number): void {
    const { clock, intervalMs, readingCount = Number.POSITIVE_INFINITY } = this.#options;
    this.#take(clock.now());
    if (this.#taken >= readingCount) return;
    // What a sleeping machine missed is missed: the rhythm goes on from the next beat.
    const beats = Math.max(1, Math.floor((clock.now() - dueMs) / intervalMs) + 1);
    const nextMs = dueMs + beats * intervalMs;
    this.#cancelTick = clock.after(nextMs - clock.now(), () => this.#tick(nextMs));
  }

  #take(nowMs: number): void {
    const { telemetry, onTrouble, onTaken } = this.#options;
    if (this.#unacknowledged >= MAX_UNACKNOWLEDGED) {
      onTrouble(`a reading is not taken, ${MAX_UNACKNOWLEDGED} wait for their acknowledgement`);
      return;
    }
    this.#taken++;
    this.#publish(telemetry.take(nowMs));
    onTaken?.();
  }

  #publish(messages: readonly string[]): void {
    const { name, onTrouble } = this.#options;
    for (const message of messages) {
      this.#unacknowledged++;
      this.#client?.publish(`dht22/${name}/telemetry`, message, { qos: 1 }, (error) => {
        if (error) onTrouble(`a reading is lost: ${error.message}`);
        if (--this.#unacknowledged === 0) this.#onDrained();
      });
    }
  }
}
