import type { Dht22 } from './dht22.ts';

/** What a device has to say: messages, as text, for its telemetry topic. */
export interface Telemetry {
  /** Takes a reading at `nowMs`, ms since the epoch; gives the messages that go out now, in order. */
  take(nowMs: number): readonly string[];
  /** What was kept back and goes out at `nowMs`, before the device ends. */
  rest(nowMs: number): readonly string[];
}

/** One numbered message a reading, nothing kept back. `boot` names this start of the device and is never used twice. */
export function plainTelemetry(sensor: Dht22, boot: string): Telemetry {
  let seq = 0;
  return {
    take: (nowMs) => [JSON.stringify({ timestamp: nowMs, ...sensor.read(nowMs), seq: seq++, boot })],
    rest: () => [],
  };
}
