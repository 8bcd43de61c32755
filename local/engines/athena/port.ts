/** Athena as state machines call it: inputs and answers are those of its API, without the wire. */
import type { JsonObject } from '../../template/json.ts';
import type { AthenaPort } from '../step-functions/tasks.ts';
import type { AthenaEngine } from './engine.ts';
import { OPERATIONS } from './operations.ts';

export function athenaPort(engine: AthenaEngine): AthenaPort {
  const call = async (operation: string, input: object): Promise<JsonObject> => {
    const answer = await OPERATIONS.get(operation)?.(engine, input);
    // As it would come over the wire: what is undefined is not there.
    return JSON.parse(JSON.stringify(answer));
  };
  return {
    async start(input) {
      return String((await call('StartQueryExecution', input))['QueryExecutionId']);
    },
    async ended(id) {
      await engine.ended(id);
      return (await call('GetQueryExecution', { QueryExecutionId: id }))['QueryExecution'] as JsonObject;
    },
    async stop(id) {
      engine.stop(id);
    },
    results: (input) => call('GetQueryResults', input),
  };
}
