/** The HTTP API of the message broker: `POST /topics/{topic}?qos=`. Signatures must be there but are not checked. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { readBody, startWireServer, type WireRequest, type WireServer } from '../wire-server.ts';
import { MAX_PAYLOAD_BYTES, topicRefusal } from './topic.ts';

/** Publishes to who subscribed, after the rules; rejects when a rule could not deliver. */
export type PublishToBroker = (topic: string, payload: Buffer, qos: 0 | 1) => Promise<void>;

export interface DataPlane extends WireServer {
  /** Until it has a broker, it answers that the service is unavailable. */
  attach(publish: PublishToBroker): void;
}

const TOPICS = '/topics/';

/** Starts it on 127.0.0.1; port 0 takes a free one. */
export async function startDataPlane(port: number): Promise<DataPlane> {
  let broker: PublishToBroker | null = null;
  const server = await startWireServer(port, async (request, response) => {
    const traceId = randomUUID();
    response.setHeader('content-type', 'application/json');
    try {
      await publish(request, broker);
      response.end(JSON.stringify({ message: 'OK', traceId }));
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('InternalFailureException', String(error), 500);
      response.statusCode = known.statusCode;
      response.setHeader('x-amzn-errortype', known.code);
      response.end(JSON.stringify({ message: known.message, traceId }));
    }
  });
  return {
    ...server,
    attach(publishToBroker) {
      broker = publishToBroker;
    },
  };
}

async function publish(request: WireRequest, broker: PublishToBroker | null): Promise<void> {
  const body = await readBody(request, MAX_PAYLOAD_BYTES);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (!pathname.startsWith(TOPICS)) throw new AwsError('ResourceNotFoundException', `there is no ${pathname}`, 404);
  if (request.method !== 'POST') {
    throw new AwsError('MethodNotAllowedException', `${request.method} is not run locally for topics, only POST is`, 405);
  }
  if (request.headers['authorization'] === undefined) throw new AwsError('UnauthorizedException', 'the request carries no signature', 401);
  for (const name of searchParams.keys()) {
    if (name !== 'qos' && name !== 'retain') throw invalid(`the parameter ${name} is not run locally`);
  }
  const qos = searchParams.get('qos') ?? '0';
  if (qos !== '0' && qos !== '1') throw invalid(`qos ${qos} must be 0 or 1`);
  if ((searchParams.get('retain') ?? 'false') !== 'false') throw invalid('retained messages are not run locally');
  const topic = topicOf(pathname);
  const refusal = topic === '' ? 'the topic is empty' : topicRefusal(topic);
  if (refusal !== null) throw invalid(refusal);
  if (body === null) throw new AwsError('RequestEntityTooLargeException', `a payload has at most ${MAX_PAYLOAD_BYTES} bytes`, 413);
  if (broker === null) throw new AwsError('ServiceUnavailableException', 'the broker has not started yet', 503);
  await broker(topic, body, qos === '1' ? 1 : 0);
}

function topicOf(pathname: string): string {
  try {
    return decodeURIComponent(pathname.slice(TOPICS.length));
  } catch {
    throw invalid('the topic is not percent-encoded UTF-8');
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidRequestException', message);
}
