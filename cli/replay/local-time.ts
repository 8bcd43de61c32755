/** Times as recorded files write them → ms since the epoch. Naive local times are read on the clock of a zone. */

const DAY_MS = 86_400_000;
/** A number below this is in seconds since the epoch, else in ms: the rule of the readings contract. */
const SECONDS_BELOW = 1e11;
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Whether the runtime knows an IANA zone of this name. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** How far the zone's clock is ahead of UTC at an instant, ms. */
function offsetMs(zone: string, instantMs: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instantMs)) parts[type] = value;
  const { year, month, day, hour, minute, second } = parts;
  const wallMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return wallMs - Math.floor(instantMs / 1000) * 1000;
}

/**
 * The instant at which the zone's clock shows `wallMs` (a wall time written as if it were UTC). A time that the clock shows
 * twice is its first occurrence; one that it skips is read with the offset before the gap: New York 2013-03-10 02:30 is
 * 03:30 EDT. (The rule `compatible` of Temporal and of RFC 5545.)
 */
export function instantOf(wallMs: number, zone: string): number {
  const before = offsetMs(zone, wallMs - DAY_MS);
  const after = offsetMs(zone, wallMs + DAY_MS);
  const early = wallMs - before;
  if (before === after || offsetMs(zone, early) === before) return early;
  const late = wallMs - after;
  return offsetMs(zone, late) === after ? late : early;
}

const TEXT = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads `2020/6/29 17:31`, `2013-12-02 21:15:00`, ISO 8601 with or without an offset, or a number of s or ms since the epoch.
 * What has no offset is on the clock of `zone`. Undefined for anything else, and for a date that no calendar has.
 */
export function parseTime(text: string, zone: string): number | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    return Math.round(number < SECONDS_BELOW ? number * 1000 : number);
  }
  const match = TEXT.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const whole = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(whole);
  const isReal = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal) return undefined;
  const wallMs = whole + Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = match[8];
  if (offset === undefined) return instantOf(wallMs, zone);
  if (offset === 'Z') return wallMs;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return wallMs - (offset[0] === '-' ? -1 : 1) * minutes * 60_000;
}
