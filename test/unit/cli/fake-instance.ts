/** A Tidemark of pretence: a broker, a counter and a position for readings, behind the routes a replay asks. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';

export interface FakeInstance {
  readonly url: string;
  readonly mqtt: string;
  /** Bodies of PUT /_local/sensors. */
  readonly assignments: unknown[];
  /** What GET /_local/runtime answers. */
  runtime: unknown;
  readonly published: number;
  /** Called with each publish, before its acknowledgement. */
  onPublish: () => void;
  close(): Promise<void>;
}

const NOTHING = { duplicate: 0, late: {}, quarantined: {}, claimedDeviceId: 0 };

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

/** @param known readings of the device that were applied before */
export async function fakeInstance(known: number): Promise<FakeInstance> {
  let published = 0;
  let archived = 0;
  const assignments: unknown[] = [];
  const aedes = await Aedes.createBroker({
    authorizePublish(_client, _packet, done) {
      published += 1;
      instance.onPublish();
      done(null);
    },
  });
  const broker = createServer(aedes.handle);
  const mqtt = `mqtt://127.0.0.1:${await listening(broker)}`;

  const answer = async (request: IncomingMessage): Promise<[status: number, body: unknown]> => {
    switch (`${request.method} ${request.url}`) {
      case 'GET /_local/runtime':
        return [200, instance.runtime];
      case 'GET /_local/progress': {
        // The archive is one look behind.
        const shards = (position: number) => ({ s0: position === 0 ? null : String(position) });
        const mappings = [
          { function: 'speed', stream: 'readings', shards: shards(published) },
          { function: 'archive', stream: 'readings', shards: shards(archived) },
        ];
        archived = published;
        return [200, { streams: { readings: shards(published) }, mappings }];
      }
      case 'PUT /_local/sensors': {
        const body = await bodyOf(request);
        assignments.push(body);
        const { profile } = body as { profile: string };
        return profile === 'oven' ? [400, { title: 'Bad request', detail: 'profile must be one of dht22' }] : [204, null];
      }
      case 'GET /v1/sensors/d-1/latest': {
        const applied = known + published;
        if (applied === 0) return [404, { title: 'Not found' }];
        return [200, { data: { counters: { ...NOTHING, received: applied, applied, quality: { OK: applied } } } }];
      }
      default:
        return [404, { title: `no route ${request.method} ${request.url}` }];
    }
  };
  const http = createHttpServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(body === null ? '' : JSON.stringify(body));
    });
  });
  const url = `http://127.0.0.1:${await listening(http)}`;

  const instance: FakeInstance = {
    url,
    mqtt,
    assignments,
    runtime: {
      pid: 1,
      api: url,
      mqtt,
      mqtt_ws: '',
      region: 'us-east-1',
      aws: { kinesis: 'http://127.0.0.1:1', dynamodb: 'http://127.0.0.1:1', sfn: 'http://127.0.0.1:1', athena: 'http://127.0.0.1:1' },
    },
    get published() {
      return published;
    },
    onPublish: () => {},
    async close() {
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      await Promise.all([broker, http].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
  return instance;
}
