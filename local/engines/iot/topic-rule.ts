/** A topic rule at work: its SQL over a message, then its actions; what an action fails to take goes to the error action. */
import type { RuleMessage } from './rule-message.ts';
import { compileRule } from './rule-sql.ts';

/** Delivers what a rule selected. */
export interface RuleAction {
  /** For the error document: what failed, and where. */
  readonly action: string;
  readonly resource: string;
  /** Resolves when the target has taken it for good, rejects when it has not. */
  deliver(message: RuleMessage, bytes: Buffer): Promise<void>;
}

export interface TopicRule {
  readonly name: string;
  matches(topic: string): boolean;
  /**
   * Resolves when every action, or in its place the error action, has taken the message, or WHERE said no.
   * Rejects with RuleEvaluationError when the SQL cannot be evaluated for it, else because nothing took it.
   */
  run(message: RuleMessage): Promise<void>;
}

interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

/** @throws RuleSqlError when the SQL uses what is not run locally */
export function createTopicRule(name: string, sql: string, actions: readonly RuleAction[], errorAction: RuleAction | null): TopicRule {
  const rule = compileRule(sql);
  return {
    name,
    matches: rule.matches,
    async run(message) {
      const selected = rule.select(message);
      if (selected === undefined) return;
      const bytes = Buffer.isBuffer(selected) ? selected : Buffer.from(JSON.stringify(selected));
      const outcomes = await Promise.all(actions.map((action) => deliver(action, message, bytes)));
      const failures = outcomes.filter((outcome) => outcome !== null);
      if (failures.length === 0) return;
      const reasons = failures.map(
        ({ failedAction, failedResource, errorMessage }) => `${failedAction} ${failedResource}: ${errorMessage}`,
      );
      if (!errorAction) throw new Error(`rule ${name}: ${reasons.join('; ')}`);
      const failed = await deliver(errorAction, message, errorDocument(name, message, failures));
      if (failed)
        throw new Error(`rule ${name}: ${reasons.join('; ')}; and its error action ${failed.failedResource}: ${failed.errorMessage}`);
    },
  };
}

async function deliver(action: RuleAction, message: RuleMessage, bytes: Buffer): Promise<Failure | null> {
  try {
    await action.deliver(message, bytes);
    return null;
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error);
    return { failedAction: action.action, failedResource: action.resource, errorMessage };
  }
}

/** One document a rule and message, as AWS IoT documents it under "Error handling (error action)". */
function errorDocument(ruleName: string, { topic, traceId, clientId, payload }: RuleMessage, failures: readonly Failure[]): Buffer {
  const base64OriginalPayload = Buffer.from(payload).toString('base64');
  return Buffer.from(JSON.stringify({ ruleName, topic, cloudwatchTraceId: traceId, clientId, base64OriginalPayload, failures }));
}
