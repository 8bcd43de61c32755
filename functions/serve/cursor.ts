/** Cursors: where a listing goes on. Opaque to who holds them, and never trusted: what comes back is checked like any input. */
import { badParameter } from './problem.ts';

const MAX_CURSOR_LENGTH = 1024;

/** `listing` names the listing and whatever its positions depend on: its cursors fit no other one. */
export function encodeCursor(listing: string, position: unknown): string {
  return Buffer.from(JSON.stringify([listing, position])).toString('base64url');
}

/** The position in a cursor of the listing; null without a cursor. Throws a problem for anything `isPosition` does not accept. */
export function decodeCursor<T>(listing: string, cursor: string | undefined, isPosition: (value: unknown) => value is T): T | null {
  if (cursor === undefined) return null;
  if (cursor.length <= MAX_CURSOR_LENGTH && /^[A-Za-z0-9_-]+$/.test(cursor)) {
    const content = parsed(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(content) && content.length === 2 && content[0] === listing && isPosition(content[1])) return content[1];
  }
  throw badParameter('cursor', cursor, 'the next_cursor of this listing, asked for with the same parameters');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Accepts an object with exactly these fields, each passing its check. */
export function isRecordOf<T>(checks: { readonly [K in keyof T]: (value: unknown) => boolean }): (value: unknown) => value is T {
  return (value): value is T => {
    if (typeof value !== 'object' || value === null) return false;
    const entries = Object.entries(value);
    const names = Object.keys(checks) as (keyof T & string)[];
    return entries.length === names.length && names.every((name) => name in value && checks[name](value[name as keyof typeof value]));
  };
}
