/** What both decoders check alike. */
import type { Decoded, DecodedEvent, Refusal, RefusalReason } from './events.ts';
import type { Settings } from './settings.ts';

/** Before 2001 no source existed: a clock that was never set starts in 1970, one that was reset in 2000. */
const EPOCH_CLOCK_BEFORE_MS = Date.UTC(2001, 0, 1);

export function refuse(name: string, reason: RefusalReason, detail: string): Refusal {
  return { name, reason, detail };
}

const NO_REFUSALS: readonly Refusal[] = [];

function isEvent(element: DecodedEvent | Refusal): element is DecodedEvent {
  return 'type' in element;
}

/** What the elements of a record became, in its order. Nearly always nothing is refused: then no list is made anew. */
export function decodedOf(elements: readonly (DecodedEvent | Refusal)[]): Decoded {
  if (elements.every(isEvent)) return { events: elements, refusals: NO_REFUSALS };
  return { events: elements.filter(isEvent), refusals: elements.filter((element) => 'reason' in element) };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An impossible clock is refused here, so that it never moves a watermark. Exactly `clockSkewMs` ahead is allowed. */
export function clockRefusal(name: string, eventMs: number, arrivalMs: number, settings: Settings): Refusal | null {
  if (eventMs < EPOCH_CLOCK_BEFORE_MS) return refuse(name, 'CLOCK_EPOCH', `event time ${eventMs} ms is before 2001`);
  if (eventMs > arrivalMs + settings.clockSkewMs) {
    return refuse(
      name,
      'CLOCK_FUTURE',
      `event time ${eventMs} ms is more than ${settings.clockSkewMs} ms after its arrival at ${arrivalMs}`,
    );
  }
  return null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Parses UTF-8 JSON; a refusal says which step failed. */
export function parseJson(bytes: Uint8Array, name: string, maxBytes: number): { value: unknown } | Refusal {
  if (bytes.length === 0) return refuse(name, 'EMPTY', 'no bytes');
  if (bytes.length > maxBytes) return refuse(name, 'TOO_LARGE', `${bytes.length} bytes, at most ${maxBytes}`);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refuse(name, 'BAD_UTF8', 'not UTF-8');
  }
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return refuse(name, 'BAD_JSON', error instanceof Error ? error.message : 'not JSON');
  }
}
