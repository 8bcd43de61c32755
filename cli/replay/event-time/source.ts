/** Hands arrivals to a runtime in the same process: trades to their stream, readings to the topic rules. */
import { randomUUID } from 'node:crypto';
import { createRulesEngine } from '../../../local/engines/iot/rules-engine.ts';
import type { LocalContext } from '../../../local/resources/context.ts';
import type { Arrival } from './arrivals.ts';

/** Resolves when every stream has taken its share, in this order, each record as of the instant at which it arrived. */
export type Source = (arrivals: readonly Arrival[]) => Promise<void>;

const TRADES_STREAM = 'trades';

export function sourceOf({ kinesis, iot, clock }: LocalContext, log: (line: string) => void): Source {
  const trades = kinesis.stream(TRADES_STREAM);
  let arrivingMs = 0;
  const arriving = { now: () => arrivingMs, after: clock.after.bind(clock) };
  const publish = createRulesEngine({ rules: iot.rules, clock: arriving, newTraceId: randomUUID, log });
  return async (arrivals) => {
    const records = arrivals.filter((arrival) => arrival.kind === 'trades');
    const taken = trades.append(records.map(({ symbol, data, atMs }) => ({ partitionKey: symbol, data, arrivalMs: atMs })));
    const published = arrivals
      .filter((arrival) => arrival.kind === 'reading')
      .map(({ device, payload, atMs }) => {
        arrivingMs = atMs;
        return publish({ topic: `dht22/${device}/telemetry`, payload: Buffer.from(payload), clientId: device });
      });
    await Promise.all([taken, ...published]);
  };
}
