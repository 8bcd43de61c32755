/** Key attributes in the form in which they are kept. */
import { type AttributeValue, type KeyPart, keyPartOf } from './attribute-value.ts';
import { invalid } from './errors.ts';
import type { KeyAttribute } from './schema.ts';

const MOST_HASH_BYTES = 2048;
const MOST_RANGE_BYTES = 1024;

/** Throws ValidationException when the attribute, hash key (position 0) or range key (1), is empty or too long. */
export function checkedPart({ name, type }: KeyAttribute, value: AttributeValue, position: number, indexName?: string): KeyPart {
  const part = keyPartOf(type, value);
  if (part.length === 0) {
    const what = `cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value.`;
    throw invalid(
      indexName === undefined
        ? `One or more parameter values are not valid. The AttributeValue for a key attribute ${what} Key: ${name}`
        : `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute ${what} IndexName: ${indexName}, IndexKey: ${name}`,
    );
  }
  const bytes = Buffer.byteLength(part);
  if (position === 0 && bytes > MOST_HASH_BYTES) {
    throw invalid(
      `One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of${MOST_HASH_BYTES} bytes`,
    );
  }
  if (position === 1 && bytes > MOST_RANGE_BYTES) {
    throw invalid(
      `One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of ${MOST_RANGE_BYTES} bytes`,
    );
  }
  return part;
}
