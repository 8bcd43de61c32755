/** The Kinesis API on the wire. */
import { startJsonServer } from '../json-server.ts';
import type { WireServer } from '../wire-server.ts';
import type { KinesisEngine } from './engine.ts';
import { asInput } from './input.ts';
import { OPERATIONS } from './operations.ts';

/** 10 MiB of data in base64, 500 keys and the JSON around them. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Serves the engine on 127.0.0.1; port 0 takes a free one. Closing the server leaves the engine open. */
export function startKinesisServer(engine: KinesisEngine, { port }: { port: number }): Promise<WireServer> {
  const service = {
    name: 'the local Kinesis',
    targetPrefix: 'Kinesis_20131202.',
    maxBodyBytes: MAX_BODY_BYTES,
    operation(name: string) {
      const operation = OPERATIONS.get(name);
      return operation && ((input: unknown) => operation(engine, asInput(input)));
    },
  };
  return startJsonServer(service, port);
}
