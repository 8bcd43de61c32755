/** Devices that publish over MQTT at QoS 1, each on a connection of its own, from the process that measures. */
import mqtt, { type MqttClient } from 'mqtt';

/** Publishes that wait for their acknowledgement on one connection; IoT Core allows 100. */
const MAX_UNACKNOWLEDGED = 50;

export interface Publisher {
  readonly name: string;
  /** Resolves with the acknowledgement, rejects when the message is lost. */
  publish(payload: string): Promise<void>;
}

/** Connects the devices, calls `work`, and disconnects them. */
export async function withPublishers<Result>(
  mqttUrl: string,
  names: readonly string[],
  work: (publishers: readonly Publisher[]) => Promise<Result>,
): Promise<Result> {
  const clients: MqttClient[] = [];
  try {
    for (const clientId of names) clients.push(await mqtt.connectAsync(mqttUrl, { clientId, protocolVersion: 4, reconnectPeriod: 0 }));
    return await work(
      clients.map((client, index) => ({
        name: names[index]!,
        publish: async (payload) => {
          await client.publishAsync(`dht22/${names[index]}/telemetry`, payload, { qos: 1 });
        },
      })),
    );
  } finally {
    await Promise.all(clients.map((client) => client.endAsync(true)));
  }
}

/** Publishes `count` payloads one after the other as fast as acknowledgements allow; resolves when the last one is acknowledged. */
export async function publishAll(publisher: Publisher, count: number, payloadOf: (index: number) => string): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await publisher.publish(payloadOf(next++));
  };
  await Promise.all(Array.from({ length: Math.min(MAX_UNACKNOWLEDGED, count) }, worker));
}
