/** Which events of a key were seen before: numbers as ranges, readings without numbers by recent hashes. All of it bounded. */
import type { SeenNumbers } from './key-state.ts';

export const MAX_SESSIONS = 4;
export const MAX_RANGES = 32;
const MAX_RETIRED_SESSIONS = 32;
const MAX_RECENT_HASHES = 256;

/** `gap` and `retired`: it cannot be told any more whether the event was seen; the batch layer will, this one never guesses upward. */
export type Sighting = 'new' | 'duplicate' | 'gap' | 'retired';

interface Sessions {
  sessions: SeenNumbers[];
  retiredSessions: string[];
}

/** Takes note of a number of a session or boot, and says whether it was seen before. */
export function observeNumber(seen: Sessions, session: string, number: number): Sighting {
  let numbers = seen.sessions.findLast((candidate) => candidate.session === session);
  if (!numbers) {
    if (seen.retiredSessions.includes(session)) return 'retired';
    numbers = { session, ranges: [], givenUp: [] };
    seen.sessions.push(numbers);
    if (seen.sessions.length > MAX_SESSIONS) {
      seen.retiredSessions.push(seen.sessions.shift()!.session);
      if (seen.retiredSessions.length > MAX_RETIRED_SESSIONS) seen.retiredSessions.shift();
    }
  }
  return observe(numbers, number);
}

function observe(numbers: SeenNumbers, number: number): Sighting {
  const { ranges } = numbers;
  const last = ranges.at(-1);
  if (last && number === last[1] + 1) {
    last[1] = number;
    return 'new';
  }
  if (contains(numbers.givenUp, number)) return 'gap';
  if (contains(ranges, number)) return 'duplicate';
  insert(ranges, number);
  if (ranges.length > MAX_RANGES) giveUpLowestGap(numbers);
  return 'new';
}

function contains(ranges: readonly [number, number][], number: number): boolean {
  return ranges.some(([from, to]) => from <= number && number <= to);
}

/** Inserts a number that no range contains, and joins the neighbours it closes up. */
function insert(ranges: [number, number][], number: number): void {
  let index = ranges.length;
  while (index > 0 && ranges[index - 1]![0] > number) index--;
  const before = ranges[index - 1];
  const after = ranges[index];
  const joinsBefore = before !== undefined && before[1] === number - 1;
  const joinsAfter = after !== undefined && after[0] === number + 1;
  if (joinsBefore && joinsAfter) {
    before[1] = after[1];
    ranges.splice(index, 1);
  } else if (joinsBefore) before[1] = number;
  else if (joinsAfter) after[0] = number;
  else ranges.splice(index, 0, [number, number]);
}

/** Joins the two lowest ranges; the gap between them is remembered, so that what later falls into it is told from a duplicate. */
function giveUpLowestGap({ ranges, givenUp }: SeenNumbers): void {
  const [first, second] = ranges.splice(0, 2) as [[number, number], [number, number]];
  ranges.unshift([first[0], second[1]]);
  givenUp.push([first[1] + 1, second[0] - 1]);
  if (givenUp.length > MAX_RANGES) {
    const [oldest, next] = givenUp.splice(0, 2) as [[number, number], [number, number]];
    givenUp.unshift([Math.min(oldest[0], next[0]), Math.max(oldest[1], next[1])]);
  }
}

/** Takes note of the id of an event without numbers; a duplicate is recognised among the newest 256 of its key. */
export function observeUnnumbered(recentIds: string[], id: string): Sighting {
  if (recentIds.includes(id)) return 'duplicate';
  recentIds.push(id);
  if (recentIds.length > MAX_RECENT_HASHES) recentIds.shift();
  return 'new';
}
