/** The Athena API on the wire: AWS JSON 1.1. */
import { startJsonServer } from '../json-server.ts';
import type { WireServer } from '../wire-server.ts';
import type { AthenaEngine } from './engine.ts';
import { OPERATIONS } from './operations.ts';

/** A query of 262,144 bytes, with its parameters. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Serves the engine on 127.0.0.1; port 0 takes a free one. Closing the server leaves the engine open. */
export function startAthenaServer(engine: AthenaEngine, { port }: { port: number }): Promise<WireServer> {
  const service = {
    name: 'the local Athena',
    targetPrefix: 'AmazonAthena.',
    maxBodyBytes: MAX_BODY_BYTES,
    operation(name: string) {
      const operation = OPERATIONS.get(name);
      return operation && ((input: unknown) => operation(engine, input));
    },
  };
  return startJsonServer(service, port);
}
