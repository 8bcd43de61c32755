/** Calendar days of a zone as half-open intervals of time. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface DayInterval {
  /** First instant of the day (included), ms since the epoch. */
  readonly startMs: number;
  /** First instant of the next day (excluded). A day has 23 to 25 hours where clocks change. */
  readonly endMs: number;
}

interface Zone {
  readonly localDate: Intl.DateTimeFormat;
  readonly starts: Map<string, number>;
  /** The day found last: neighbours in a stream nearly always share it. */
  last: DayInterval & { readonly day: string };
}

const zones = new Map<string, Zone>();

function zoneNamed(name: string): Zone {
  let zone = zones.get(name);
  if (!zone) {
    const localDate = new Intl.DateTimeFormat('en-CA', {
      timeZone: name,
      calendar: 'iso8601',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    zone = { localDate, starts: new Map(), last: { day: '', startMs: 0, endMs: 0 } };
    zones.set(name, zone);
  }
  return zone;
}

/** `YYYY-MM-DD` shifted by whole calendar days. */
export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** First instant at which the zone's local date is `day`; zones lie within 16 hours of UTC. */
function startOf(zone: Zone, day: string): number {
  let start = zone.starts.get(day);
  if (start === undefined) {
    const midnightUtc = Date.parse(`${day}T00:00:00Z`);
    let before = midnightUtc - 16 * HOUR_MS;
    let reached = midnightUtc + 16 * HOUR_MS;
    while (reached - before > 1) {
      const middle = Math.floor((before + reached) / 2);
      if (zone.localDate.format(middle) >= day) reached = middle;
      else before = middle;
    }
    start = reached;
    zone.starts.set(day, start);
  }
  return start;
}

/** The interval of a calendar day `YYYY-MM-DD` in an IANA zone. Throws RangeError for an unknown zone. */
export function dayInterval(zoneName: string, day: string): DayInterval {
  const zone = zoneNamed(zoneName);
  return { startMs: startOf(zone, day), endMs: startOf(zone, shiftDay(day, 1)) };
}

/**
 * The calendar day of an instant in an IANA zone, `YYYY-MM-DD`. In New York 2013-10-08T03:59:59.999Z is still
 * 2013-10-07 (not 2013-10-08). Throws RangeError for an unknown zone.
 */
export function eventDay(zoneName: string, ms: number): string {
  const zone = zoneNamed(zoneName);
  if (ms < zone.last.startMs || ms >= zone.last.endMs) {
    const day = zone.localDate.format(ms);
    zone.last = { day, ...dayInterval(zoneName, day) };
  }
  return zone.last.day;
}
