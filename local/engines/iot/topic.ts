/** What a client may publish to and subscribe to, apart from its policy. Limits of IoT Core ("message broker and protocol limits and quotas"). */

export const MAX_PAYLOAD_BYTES = 128 * 1024;
const MAX_TOPIC_BYTES = 256;
const MAX_TOPIC_SLASHES = 7;
const BASIC_INGEST = /^\$aws\/rules\/([^/]+)(?:\/(.*))?$/s;

export interface BasicIngest {
  readonly ruleName: string;
  /** What topic() is for the rule: the topic behind the prefix. */
  readonly topic: string;
}

/** The rule that a topic addresses by Basic Ingest, null for any other topic. */
export function basicIngestOf(topic: string): BasicIngest | null {
  if (!topic.startsWith('$')) return null;
  const match = BASIC_INGEST.exec(topic);
  return match && { ruleName: match[1]!, topic: match[2] ?? '' };
}

/** Why IoT Core takes no message of this topic; null when it does. */
export function topicRefusal(topic: string): string | null {
  const basicIngest = basicIngestOf(topic);
  if (topic.startsWith('$') && !basicIngest)
    return 'topics that begin with $ belong to the broker; locally only $aws/rules/… takes messages';
  if (/[+#\0]/.test(topic)) return 'a topic holds no wildcard';
  return lengthRefusal(topic, basicIngest?.topic ?? topic);
}

/** Why IoT Core takes no subscription to this filter; null when it does. */
export function filterRefusal(filter: string): string | null {
  if (filter.startsWith('$')) return 'topics that begin with $ belong to the broker; locally nobody can subscribe to them';
  return lengthRefusal(filter, filter);
}

function lengthRefusal(whole: string, counted: string): string | null {
  const bytes = Buffer.byteLength(counted);
  if (bytes > MAX_TOPIC_BYTES) return `a topic of ${bytes} bytes, at most ${MAX_TOPIC_BYTES}`;
  const slashes = counted.split('/').length - 1;
  return slashes > MAX_TOPIC_SLASHES ? `the topic ${whole} has ${slashes} slashes, at most ${MAX_TOPIC_SLASHES}` : null;
}
