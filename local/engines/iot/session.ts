/** What one connection may do: its policy, asked once for each topic. */
import type { Authorizer } from './policy.ts';
import { filterRefusal, MAX_PAYLOAD_BYTES, topicRefusal } from './topic.ts';

/** Answers null, or why not. */
export interface Session {
  connect(): string | null;
  publish(message: {
    readonly topic: string;
    readonly payloadBytes: number;
    readonly qos: number;
    readonly retain: boolean;
  }): string | null;
  subscribe(filter: string, qos: number): string | null;
  receive(topic: string): string | null;
}

/** A device uses a handful of topics; one that uses more is asked again. */
const REMEMBERED_TOPICS = 64;
const BY_POLICY = 'not allowed by the policy';
const NO_QOS_2 = 'QoS 2 is not supported by IoT Core';

function remembering(decide: (topic: string) => string | null): (topic: string) => string | null {
  const known = new Map<string, string | null>();
  return (topic) => {
    const before = known.get(topic);
    if (before !== undefined) return before;
    const decision = decide(topic);
    if (known.size >= REMEMBERED_TOPICS) known.clear();
    known.set(topic, decision);
    return decision;
  };
}

/** `arnPrefix` is `arn:PARTITION:iot:REGION:ACCOUNT`. */
export function sessionOf(authorizer: Authorizer, arnPrefix: string, clientId: string): Session {
  const may = (action: string, kind: string, name: string): string | null =>
    authorizer(`iot:${action}`, `${arnPrefix}:${kind}/${name}`) ? null : BY_POLICY;
  const publish = remembering((topic) => topicRefusal(topic) ?? may('Publish', 'topic', topic));
  const receive = remembering((topic) => may('Receive', 'topic', topic));
  return {
    connect: () => may('Connect', 'client', clientId),
    publish({ topic, payloadBytes, qos, retain }) {
      if (qos > 1) return NO_QOS_2;
      if (payloadBytes > MAX_PAYLOAD_BYTES) return `a payload of ${payloadBytes} bytes, at most ${MAX_PAYLOAD_BYTES}`;
      return publish(topic) ?? (retain ? may('RetainPublish', 'topic', topic) : null);
    },
    subscribe: (filter, qos) => (qos > 1 ? NO_QOS_2 : (filterRefusal(filter) ?? may('Subscribe', 'topicfilter', filter))),
    receive,
  };
}
