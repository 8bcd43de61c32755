/** A topic rule at work: its SQL over a message, then its actions; what an action fails to take goes to the error action. */
import type { RuleMessage } from './rule-expression.ts';
import { compileRule } from './rule-sql.ts';

/** Delivers what a rule selected. Rejects when the target did not take it. */
export interface RuleAction {
  /** For the error document: what failed, and where. */
  readonly action: string;
  readonly resource: string;
  deliver(message: RuleMessage, bytes: Buffer): Promise<void>;
}

export interface TopicRule {
  readonly name: string;
  matches(topic: string): boolean;
  /** Resolves when every action, or in its place the error action, has taken the message. */
  run(message: RuleMessage): Promise<void>;
}

/** Throws when the SQL uses what is not supported locally. */
export function createTopicRule(name: string, sql: string, actions: readonly RuleAction[], errorAction: RuleAction | null): TopicRule {
  const rule = compileRule(sql);
  return {
    name,
    matches: rule.matches,
    async run(message) {
      const selected = rule.select(message);
      if (selected === undefined) return;
      const bytes = Buffer.from(JSON.stringify(selected));
      const outcomes = await Promise.allSettled(actions.map((action) => action.deliver(message, bytes)));
      const failures = outcomes.flatMap((outcome, index) =>
        outcome.status === 'rejected'
          ? [{ failedAction: actions[index]!.action, failedResource: actions[index]!.resource, errorMessage: String(outcome.reason) }]
          : [],
      );
      if (failures.length === 0) return;
      if (!errorAction) throw new Error(`rule ${name}: ${failures.map(({ errorMessage }) => errorMessage).join('; ')}`);
      await errorAction.deliver(message, errorDocument(name, message, failures));
    },
  };
}

/** One document a rule and message, as AWS IoT documents it under "Error handling (error action)". */
function errorDocument(ruleName: string, { topic, traceId, clientId, payload }: RuleMessage, failures: readonly object[]): Buffer {
  const base64OriginalPayload = Buffer.from(payload).toString('base64');
  return Buffer.from(JSON.stringify({ ruleName, topic, cloudwatchTraceId: traceId, clientId, base64OriginalPayload, failures }));
}
