/** Checks of what a client sent, with AWS's error names and wording. */
import { AwsError } from '../aws-error.ts';

export type Input = Readonly<Record<string, unknown>>;

/** One record of a put, checked. */
export interface PutEntry {
  readonly partitionKey: string;
  readonly data: Buffer;
  readonly explicitHashKey: string | undefined;
}

const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
const MAX_RECORDS = 500;
const MAX_KEY_CHARACTERS = 256;
const HASH_KEY = /^(0|[1-9]\d{0,38})$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function invalid(member: string, value: unknown, constraint: string): AwsError {
  const shown = value === undefined || value === null ? 'null' : `'${String(value).slice(0, 100)}'`;
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

/** A text of the input, undefined where absent. */
export function optionalText(input: Input, field: string): string | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new AwsError('SerializationException', `${field} must be a string`);
  return value;
}

export function requiredText(input: Input, field: string): string {
  const value = optionalText(input, field);
  if (value === undefined) throw invalid(camel(field), value, 'not be null');
  return value;
}

/** A whole number of the input within the inclusive limits, `fallback` where absent. */
export function optionalInteger(input: Input, field: string, least: number, most: number, fallback: number): number {
  const value = input[field];
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new AwsError('SerializationException', `${field} must be a whole number`);
  if (value < least) throw invalid(camel(field), value, `have value greater than or equal to ${least}`);
  if (value > most) throw invalid(camel(field), value, `have value less than or equal to ${most}`);
  return value;
}

/** The record of a PutRecord, or one of a PutRecords; `at` names its place in the message. */
export function putEntry(input: Input, at = ''): PutEntry {
  const partitionKey = requiredText(input, 'PartitionKey');
  if (partitionKey.length < 1) throw invalid(`${at}partitionKey`, partitionKey, 'have length greater than or equal to 1');
  if (partitionKey.length > MAX_KEY_CHARACTERS)
    throw invalid(`${at}partitionKey`, partitionKey, `have length less than or equal to ${MAX_KEY_CHARACTERS}`);
  const base64 = requiredText(input, 'Data');
  if (base64.length % 4 !== 0 || !BASE64.test(base64)) throw new AwsError('SerializationException', `${at}data is not base64`);
  const data = Buffer.from(base64, 'base64');
  const bytes = data.length + Buffer.byteLength(partitionKey);
  if (bytes > MAX_RECORD_BYTES) {
    throw invalid(`${at}data`, `${bytes} bytes with its partition key`, `have length less than or equal to ${MAX_RECORD_BYTES}`);
  }
  const explicitHashKey = optionalText(input, 'ExplicitHashKey');
  if (explicitHashKey !== undefined && (!HASH_KEY.test(explicitHashKey) || BigInt(explicitHashKey) >= 1n << 128n)) {
    throw new AwsError(
      'InvalidArgumentException',
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicitHashKey}`,
    );
  }
  return { partitionKey, data, explicitHashKey };
}

/** The records of a PutRecords: 1 to 500 of them, together at most 10 MiB. */
export function putEntries(input: Input): PutEntry[] {
  const records = input['Records'];
  if (!Array.isArray(records)) throw invalid('records', null, 'not be null');
  if (records.length < 1) throw invalid('records', '[]', 'have length greater than or equal to 1');
  if (records.length > MAX_RECORDS)
    throw invalid('records', `${records.length} records`, `have length less than or equal to ${MAX_RECORDS}`);
  const entries = records.map((record: unknown, index) => putEntry(asInput(record), `records.${index + 1}.member.`));
  const bytes = entries.reduce((sum, entry) => sum + entry.data.length + Buffer.byteLength(entry.partitionKey), 0);
  if (bytes > MAX_REQUEST_BYTES) throw new AwsError('InvalidArgumentException', `Records size exceeds 10 MB limit: ${bytes} bytes`);
  return entries;
}

/** @throws AwsError SerializationException unless it is a JSON object */
export function asInput(value: unknown): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AwsError('SerializationException', 'expected a JSON object');
  return value as Input;
}

function camel(field: string): string {
  return field.charAt(0).toLowerCase() + field.slice(1);
}
