import mqtt, { type MqttClient } from 'mqtt';
import { type Clock, endedWithin } from '#adapters/clock.ts';
import type { Dht22 } from './dht22.ts';

export interface DeviceOptions {
  readonly mqttUrl: string;
  /** Client id, thing name and level of the topic; `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  /** Names this start of the device; never used twice. */
  readonly boot: string;
  readonly sensor: Dht22;
  readonly intervalMs: number;
  /** Between two attempts to connect, ms. */
  readonly reconnectMs: number;
  readonly clock: Clock;
  /** Hears of everything that goes wrong, in few words. */
  readonly onTrouble: (trouble: string) => void;
}

/** Readings that wait for their acknowledgement; IoT Core allows as many. A further one is not taken. */
export const MAX_UNACKNOWLEDGED = 100;
const CONNECT_TIMEOUT_MS = 10_000;

/** One simulated device: its own MQTT connection, a reading every interval, published at least once (QoS 1). */
export class Device {
  readonly #options: DeviceOptions;
  #client: MqttClient | null = null;
  #cancelTick: () => void = () => {};
  #seq = 0;
  #unacknowledged = 0;
  /** Hears when no reading waits any more. */
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

  /** Takes no more readings, waits at most so long for acknowledgements, disconnects. Resolves to the readings that have none. */
  async stop(timeoutMs: number): Promise<number> {
    this.#cancelTick();
    const client = this.#client;
    if (!client) return 0;
    const drained = new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
    const acknowledged = this.#unacknowledged === 0 || (await endedWithin(this.#options.clock, timeoutMs, drained));
    // Only a connection that stands can say goodbye.
    await client.endAsync(!acknowledged || !client.connected);
    return this.#unacknowledged;
  }

  #connect(): MqttClient {
    const { mqttUrl, name, reconnectMs, onTrouble } = this.#options;
    const client = mqtt.connect(mqttUrl, {
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
    const { clock, intervalMs } = this.#options;
    this.#publish(clock.now());
    // What a sleeping machine missed is missed: the rhythm goes on from the next beat.
    const beats = Math.max(1, Math.floor((clock.now() - dueMs) / intervalMs) + 1);
    const nextMs = dueMs + beats * intervalMs;
    this.#cancelTick = clock.after(nextMs - clock.now(), () => this.#tick(nextMs));
  }

  #publish(nowMs: number): void {
    const { name, boot, sensor, onTrouble } = this.#options;
    const measured = sensor.read(nowMs);
    if (this.#unacknowledged >= MAX_UNACKNOWLEDGED) {
      onTrouble(`a reading is not taken, ${MAX_UNACKNOWLEDGED} wait for their acknowledgement`);
      return;
    }
    const payload = JSON.stringify({ timestamp: nowMs, ...measured, seq: this.#seq++, boot });
    this.#unacknowledged++;
    this.#client?.publish(`dht22/${name}/telemetry`, payload, { qos: 1 }, (error) => {
      if (error) onTrouble(`a reading is lost: ${error.message}`);
      if (--this.#unacknowledged === 0) this.#onDrained();
    });
  }
}
