/** Hears what a dashboard hears: the live messages of all sensors, by MQTT over the websocket that `/v1/live` names. */
import mqtt from 'mqtt';
import { getJson } from '../cli/shared/local-api.ts';

/** What is used of a sensor's `latest` row. */
export interface LiveRow {
  readonly sensor_id: string;
  readonly event_time: string;
}

export interface LiveListener {
  /** Ends the connection. Throws when it ended before. */
  stop(): Promise<void>;
}

/** Resolves once the subscription is granted; `onRow` is called with each message. */
export async function listenLive(api: string, onRow: (row: LiveRow) => void): Promise<LiveListener> {
  const { data } = (await getJson(`${api}/v1/live`)) as { data: { url: string; client_id: string } };
  const client = await mqtt.connectAsync(data.url, { clientId: data.client_id, protocolVersion: 4, reconnectPeriod: 0 });
  let isOpen = true;
  client.on('close', () => {
    isOpen = false;
  });
  client.on('message', (_topic, payload) => onRow(JSON.parse(payload.toString()) as LiveRow));
  await client.subscribeAsync('live/sensors/#', { qos: 0 });
  return {
    async stop() {
      if (!isOpen) throw new Error('the connection that hears live messages ended during the run');
      await client.endAsync(true);
    },
  };
}

export interface Shown {
  readonly sentMs: number;
  readonly atMs: number;
}

/** Readings on their way to the page: a message of a sensor shows its reading, and settles those before it, which it stands for. */
export class ReadingsUnderway {
  /** Readings that a message named. */
  readonly named: Shown[] = [];
  /** All readings, each with the first message that showed it or a newer one of its sensor. */
  readonly settled: Shown[] = [];
  readonly #underway = new Map<string, { eventMs: number; sentMs: number }[]>();

  /** The readings of a sensor come in ascending event time. */
  published(sensor: string, eventMs: number, sentMs: number): void {
    const queue = this.#underway.get(sensor) ?? [];
    queue.push({ eventMs, sentMs });
    this.#underway.set(sensor, queue);
  }

  heard(sensor: string, eventMs: number, atMs: number): void {
    const queue = this.#underway.get(sensor) ?? [];
    const later = queue.findIndex((reading) => reading.eventMs > eventMs);
    const done = queue.splice(0, later < 0 ? queue.length : later);
    this.settled.push(...done.map(({ sentMs }) => ({ sentMs, atMs })));
    const last = done.at(-1);
    if (last?.eventMs === eventMs) this.named.push({ sentMs: last.sentMs, atMs });
  }
}
