/** The errors that DynamoDB answers with, under AWS's own names. */
import { AwsError } from '../aws-error.ts';
import type { Item } from './attribute-value.ts';

/** A request that DynamoDB refuses as such. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** What AWS knows and this engine does not: said, never ignored. */
export function unsupported(what: string): AwsError {
  return invalid(`${what} is not supported by the local DynamoDB`);
}

export function noSuchTable(name: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}

/** A condition that did not hold. */
export class ConditionFailed extends AwsError {
  /** The item as it was, for those who asked for it. */
  readonly item: Item | undefined;

  constructor(item?: Item) {
    super('ConditionalCheckFailedException', 'The conditional request failed');
    this.item = item;
  }
}
