/** The runtime's own routes on the API port, for the commands on the same machine: they exist locally only. */
import type { LocalRoute } from '../engines/http-front/front.ts';
import type { LocalContext } from '../resources/context.ts';

function progressOf(context: LocalContext): object {
  return {
    streams: Object.fromEntries(context.kinesis.streams().map((stream) => [stream.name, stream.head()])),
    mappings: context.mappings.map(({ function: name, stream, shards }) => ({ function: name, stream, shards: shards() })),
  };
}

/** By `METHOD /path`: what runs here (`runtime`), how far its consumers are, and which sensor has which profile. */
export function localRoutes(context: LocalContext, runtime: () => object): Readonly<Record<string, LocalRoute>> {
  return {
    'GET /_local/runtime': async () => ({ status: 200, body: runtime() }),
    'GET /_local/progress': async () => ({ status: 200, body: progressOf(context) }),
    async 'PUT /_local/sensors'(given) {
      let assignment: object;
      try {
        assignment = context.sensors.put(given);
      } catch (error) {
        const { message } = error as Error;
        return { status: 400, body: { type: 'about:blank', title: 'Bad Request', status: 400, detail: message } };
      }
      await Promise.all(context.functions.all().map((each) => each.refreshEnvironment()));
      return { status: 200, body: assignment };
    },
  };
}
