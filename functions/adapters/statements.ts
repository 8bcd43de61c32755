/**
 * Writes of single items, each on its own condition, 25 a request: PartiQL statements in a batch. A request costs a function
 * far more than an item, and unlike a transaction a batch lets one item fail without the others.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.batching.html
 */
import { type AttributeValue, BatchExecuteStatementCommand, type BatchStatementError, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { forEachLimited } from './concurrency.ts';

export interface Statement {
  readonly text: string;
  readonly parameters: AttributeValue[];
}

export type Attributes = Readonly<Record<string, AttributeValue>>;
/** A statement's own failure: its condition does not hold (ConditionalCheckFailed, DuplicateItem), or something else. */
export type StatementError = BatchStatementError;

const STATEMENTS_A_REQUEST = 25;
const REQUESTS_IN_FLIGHT = 8;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 25;
const RETRYABLE = new Set(['ThrottlingError', 'ProvisionedThroughputExceeded', 'RequestLimitExceeded', 'InternalServerError']);

/** Creates an item; DuplicateItem when there is one of its keys. */
export function insertion(table: string, item: Attributes): Statement {
  const members = Object.keys(item).map((name) => `'${name}': ?`);
  return { text: `INSERT INTO "${table}" VALUE {${members.join(', ')}}`, parameters: Object.values(item) };
}

export interface Update {
  readonly set: Attributes;
  /** Only attributes that the item has. */
  readonly remove?: readonly string[];
  /** All key attributes. */
  readonly keys: Attributes;
  /** What must hold beside the item being there. */
  readonly condition: { readonly attribute: string; readonly operator: '=' | '<'; readonly value: AttributeValue };
}

/** Changes an item; ConditionalCheckFailed when it is not there or the condition does not hold. */
export function update(table: string, { set, remove = [], keys, condition }: Update): Statement {
  const clauses = [...Object.keys(set).map((name) => `SET "${name}" = ?`), ...remove.map((name) => `REMOVE "${name}"`)];
  const terms = [...Object.keys(keys).map((name) => `"${name}" = ?`), `"${condition.attribute}" ${condition.operator} ?`];
  return {
    text: `UPDATE "${table}" ${clauses.join(' ')} WHERE ${terms.join(' AND ')}`,
    parameters: [...Object.values(set), ...Object.values(keys), condition.value],
  };
}

/**
 * Executes the statements, no two of them on one item, in any order; answers with the error of each, null where it took effect. What
 * is throttled is tried again after a `pause`. Rejects when a request fails as a whole: then nothing is known of its statements.
 */
export async function executeAll(
  client: DynamoDBClient,
  statements: readonly Statement[],
  pause: (ms: number) => Promise<unknown>,
): Promise<(StatementError | null)[]> {
  const errors = new Array<StatementError | null>(statements.length).fill(null);
  const starts = Array.from({ length: Math.ceil(statements.length / STATEMENTS_A_REQUEST) }, (_, index) => index * STATEMENTS_A_REQUEST);
  await forEachLimited(starts, REQUESTS_IN_FLIGHT, async (start) => {
    let open = statements.slice(start, start + STATEMENTS_A_REQUEST).map((_, offset) => start + offset);
    for (let attempt = 1; open.length > 0 && attempt <= ATTEMPTS; attempt++) {
      if (attempt > 1) await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      const { Responses } = await client.send(
        new BatchExecuteStatementCommand({
          Statements: open.map((index) => ({ Statement: statements[index]!.text, Parameters: statements[index]!.parameters })),
        }),
      );
      for (const [at, index] of open.entries()) errors[index] = Responses![at]!.Error ?? null;
      open = open.filter((index) => RETRYABLE.has(errors[index]?.Code ?? ''));
    }
  });
  return errors;
}
