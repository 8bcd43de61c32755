/** Puts what the template declares for HTTP on the one port: its distribution, or its API where it has none. */
import { buffer } from 'node:stream/consumers';
import { AwsError } from '../engines/aws-error.ts';
import { httpApi } from '../engines/http-front/api-gateway.ts';
import { type Front, type FrontContent, type Origin, type StaticObject, startHttpFront } from '../engines/http-front/front.ts';
import type { Distribution, HttpOrigin, LocalContext } from '../resources/context.ts';
import { localRoutes } from './local-routes.ts';

const UNKNOWN_CONTENT = 'application/octet-stream';
const ALL_METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'];

async function readObject({ s3 }: LocalContext, bucket: string, key: string): Promise<StaticObject | null> {
  try {
    const { info, body } = await s3.getObject(bucket, key);
    return { body: await buffer(body), contentType: info.headers.contentType ?? UNKNOWN_CONTENT, etag: info.etag };
  } catch (error) {
    // Whatever is wrong with the name: there is no such page.
    if (error instanceof AwsError && error.statusCode < 500) return null;
    throw error;
  }
}

function originOf(context: LocalContext, origin: HttpOrigin): Origin {
  if ('bucket' in origin) return { readObject: (key) => readObject(context, origin.bucket, key) };
  const { api } = origin;
  const routes = api.routes.map(({ routeKey, integration }) => ({ routeKey, invoke: (payload: string) => integration.invoke(payload) }));
  // Without a stage nothing of an API is deployed.
  return { handle: httpApi(api.id, context.accountId, api.hasStage ? routes : [], (line) => context.log.error('http', line)) };
}

function distributionOf({ http }: LocalContext): Distribution {
  const [distribution, another] = http.distributions;
  if (another) throw new Error(`the template has ${http.distributions.length} distributions; one is run locally`);
  if (distribution) return distribution;
  const apis = [...http.apis.values()];
  const behaviors = apis.slice(0, 1).map((api) => ({ pathPattern: '*', origin: { api }, headers: {}, methods: ALL_METHODS }));
  return { rootObject: '', behaviors };
}

/** What the front shows of a template whose resources exist. */
export function frontContentOf(context: LocalContext, runtime: () => object, upgrade: FrontContent['upgrade']): FrontContent {
  const { rootObject, behaviors } = distributionOf(context);
  return {
    rootObject,
    behaviors: behaviors.map((behavior) => ({ ...behavior, origin: originOf(context, behavior.origin) })),
    localRoutes: localRoutes(context, runtime),
    upgrade,
    clock: context.clock,
    log: (line) => context.log.error('http', line),
  };
}

/** Takes the port on 127.0.0.1. Throws when it is in use, saying what helps. */
export async function startFront(port: number): Promise<Front> {
  try {
    return await startHttpFront(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new Error(`port ${port} is in use: stop what listens there, or take a free one with --port 0`);
    if (code === 'EACCES') throw new Error(`port ${port} is not allowed for this user: take one above 1023, or a free one with --port 0`);
    throw error;
  }
}
