/** The runtime's own routes on the API port, for the commands on the same machine: they exist locally only. */
import type { LocalContext } from '../resources/context.ts';

export interface LocalAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface LocalRequest {
  readonly method: string;
  /** With the leading `/_local/`. */
  readonly path: string;
  /** In lower case, without parameters; empty when there is none. */
  readonly contentType: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json';

function problem(status: number, title: string, detail: string): LocalAnswer {
  return { status, body: { type: 'about:blank', title, status, detail } };
}

function progressOf(context: LocalContext): unknown {
  return {
    streams: Object.fromEntries(context.kinesis.streams().map((stream) => [stream.name, stream.head()])),
    mappings: context.mappings.map(({ function: name, stream, shards }) => ({ function: name, stream, shards: shards() })),
  };
}

async function putSensors(context: LocalContext, { contentType, body }: LocalRequest): Promise<LocalAnswer> {
  // A page of another site can send a request, but not one of this type without being asked first.
  if (contentType !== JSON_TYPE) return problem(415, 'Unsupported Media Type', `the content type must be ${JSON_TYPE}`);
  let assignment: unknown;
  try {
    assignment = context.sensors.put(JSON.parse(body));
  } catch (error) {
    return problem(400, 'Bad Request', (error as Error).message);
  }
  await Promise.all(context.functions.all().map((each) => each.refreshEnvironment()));
  return { status: 200, body: assignment };
}

/** Answers the local routes: what runs here (`runtime`), how far its consumers are, and which sensor has which profile. */
export function createLocalRoutes(context: LocalContext, runtime: () => unknown): (request: LocalRequest) => Promise<LocalAnswer> {
  const routes: Readonly<Record<string, (request: LocalRequest) => LocalAnswer | Promise<LocalAnswer>>> = {
    'GET /_local/runtime': () => ({ status: 200, body: runtime() }),
    'GET /_local/progress': () => ({ status: 200, body: progressOf(context) }),
    'PUT /_local/sensors': (request) => putSensors(context, request),
  };
  return async (request) => {
    const route = routes[`${request.method} ${request.path}`];
    if (route) return await route(request);
    const isKnown = Object.keys(routes).some((name) => name.endsWith(` ${request.path}`));
    return isKnown
      ? problem(405, 'Method Not Allowed', `${request.method} is not for ${request.path}`)
      : problem(404, 'Not Found', `there is no ${request.path}`);
  };
}
