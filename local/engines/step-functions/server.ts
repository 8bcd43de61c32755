/** The Step Functions API on the wire. */
import { startJsonServer } from '../json-server.ts';
import type { WireServer } from '../wire-server.ts';
import type { StepFunctionsEngine } from './engine.ts';
import { OPERATIONS } from './operations.ts';

/** AWS's own limit of a request: 1 MB and what stands around it. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Serves the engine on 127.0.0.1; port 0 takes a free one. Closing the server leaves the engine open. */
export function startStepFunctionsServer(engine: StepFunctionsEngine, port: number): Promise<WireServer> {
  const service = {
    name: 'the local Step Functions',
    version: '1.0' as const,
    targetPrefix: 'AWSStepFunctions.',
    maxBodyBytes: MAX_BODY_BYTES,
    operation(name: string) {
      const operation = OPERATIONS.get(name);
      return operation && ((input: unknown) => operation(engine, input));
    },
  };
  return startJsonServer(service, port);
}
