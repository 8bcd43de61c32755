/** What a rule works on. */

/** A published message, as a rule sees it. */
export interface RuleMessage {
  /** Without the prefix of Basic Ingest. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  /** When the rules engine took it, whole ms since the epoch. */
  readonly nowMs: number;
  readonly traceId: string;
}

/** This message cannot be evaluated by this rule, now or later: AWS logs it, and neither the actions nor the error action see it. */
export class RuleEvaluationError extends Error {
  override readonly name = 'RuleEvaluationError';
}

/** A message while one rule works on it: its payload is parsed when first needed, and once. */
export class Scope {
  readonly message: RuleMessage;
  #json: { readonly value: unknown } | undefined;

  constructor(message: RuleMessage) {
    this.message = message;
  }

  /** The payload without a copy. */
  get bytes(): Buffer {
    const { payload } = this.message;
    return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }

  /** @throws RuleEvaluationError when the payload is no JSON */
  get json(): unknown {
    this.#json ??= { value: parse(this.bytes.toString('utf8')) };
    return this.#json.value;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RuleEvaluationError(`the payload is no JSON: ${(error as Error).message}`, { cause: error });
  }
}
