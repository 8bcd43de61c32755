/** From a published message to the rules that take it. */
import type { Clock } from '#adapters/clock.ts';
import { RuleEvaluationError, type RuleMessage } from './rule-message.ts';
import { basicIngestOf } from './topic.ts';
import type { TopicRule } from './topic-rule.ts';

export interface PublishedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
}

export interface RulesEngineOptions {
  readonly rules: readonly TopicRule[];
  readonly clock: Clock;
  readonly newTraceId: () => string;
  readonly log: (line: string) => void;
}

/** Resolves when every rule that takes the message is done with it; rejects when one could not deliver it. */
export type RulesEngine = (message: PublishedMessage) => Promise<void>;

const DONE = Promise.resolve();

export function createRulesEngine({ rules, clock, newTraceId, log }: RulesEngineOptions): RulesEngine {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));

  function addressed(topic: string, clientId: string): { readonly topic: string; readonly rules: readonly TopicRule[] } {
    const basicIngest = basicIngestOf(topic);
    if (!basicIngest) return { topic, rules: rules.filter((rule) => rule.matches(topic)) };
    const rule = byName.get(basicIngest.ruleName);
    if (!rule) log(`RuleNotFound: ${basicIngest.ruleName}, addressed by ${clientId}`);
    return { topic: basicIngest.topic, rules: rule ? [rule] : [] };
  }

  async function run(rule: TopicRule, message: RuleMessage): Promise<void> {
    try {
      await rule.run(message);
    } catch (error) {
      if (!(error instanceof RuleEvaluationError)) throw error;
      // Sending it again would change nothing: as in AWS the message is acknowledged and the log has the reason.
      log(`rule ${rule.name} has no result for a message of ${message.clientId} on ${message.topic}: ${error.message}`);
    }
  }

  return ({ topic, payload, clientId }) => {
    const found = addressed(topic, clientId);
    const [first, ...others] = found.rules;
    if (!first) return DONE;
    const message = { topic: found.topic, payload, clientId, nowMs: Math.floor(clock.now()), traceId: newTraceId() };
    if (others.length === 0) return run(first, message);
    return Promise.all(found.rules.map((rule) => run(rule, message))).then(() => undefined);
  };
}
