/** The Glue API on the wire: AWS JSON 1.1. */
import { startJsonServer } from '../json-server.ts';
import type { WireServer } from '../wire-server.ts';
import type { GlueCatalog } from './catalog.ts';
import { OPERATIONS } from './operations.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Serves the catalogue on 127.0.0.1; port 0 takes a free one. */
export function startGlueServer(catalog: GlueCatalog, { port }: { port: number }): Promise<WireServer> {
  const service = {
    name: 'the local Glue',
    targetPrefix: 'AWSGlue.',
    maxBodyBytes: MAX_BODY_BYTES,
    operation(name: string) {
      const operation = OPERATIONS.get(name);
      return operation && ((input: unknown) => operation(catalog, input));
    },
  };
  return startJsonServer(service, port);
}
