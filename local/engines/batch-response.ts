/** What a function's response says about the batch it was given (ReportBatchItemFailures). */

export type BatchOutcome =
  | { readonly kind: 'success' }
  /** Done up to, but not including, the record at this index. */
  | { readonly kind: 'partial'; readonly failedFrom: number }
  | { readonly kind: 'failure' };

const SUCCESS: BatchOutcome = { kind: 'success' };
const FAILURE: BatchOutcome = { kind: 'failure' };

/**
 * Reads the response as Lambda does: nothing, an empty object, or a list that is null or empty is success; the lowest of the named sequence
 * numbers is where the batch failed; an identifier that is empty, null, under another name or not in the batch fails the whole batch.
 * @param sequenceNumbers of the batch, ascending
 */
export function batchOutcome(response: string, sequenceNumbers: readonly string[]): BatchOutcome {
  const content = parse(response);
  if (content === null) return SUCCESS;
  if (typeof content !== 'object' || Array.isArray(content)) return FAILURE;
  const failures = (content as { batchItemFailures?: unknown }).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return FAILURE;
  if (failures.length === 0) return SUCCESS;
  const indexes = failures.map((failure: unknown) => sequenceNumbers.indexOf(identifierOf(failure)));
  return indexes.includes(-1) ? FAILURE : { kind: 'partial', failedFrom: Math.min(...indexes) };
}

function identifierOf(failure: unknown): string {
  const identifier = typeof failure === 'object' && failure !== null ? (failure as { itemIdentifier?: unknown }).itemIdentifier : undefined;
  return typeof identifier === 'string' ? identifier : '';
}

/** Undefined for what is not JSON. */
function parse(response: string): unknown {
  if (response === '') return null;
  try {
    return JSON.parse(response);
  } catch {
    return undefined;
  }
}
