import { describe, expect, it } from 'vitest';
import { observeNumber, observeUnnumbered } from '#domain/identity.ts';
import type { SeenNumbers } from '#domain/key-state.ts';

const fresh = () => ({ sessions: [] as SeenNumbers[], retiredSessions: [] as string[] });

describe('numbers of a session', () => {
  it('tells new from duplicate at any age, in any order, and closes gaps up', () => {
    const seen = fresh();
    const verdicts = [0, 1, 2, 5, 4, 1, 5, 3, 3, 100, 0].map((number) => observeNumber(seen, 's', number));
    expect(verdicts).toEqual(['new', 'new', 'new', 'new', 'new', 'duplicate', 'duplicate', 'new', 'duplicate', 'new', 'duplicate']);
    expect(seen.sessions[0]!.ranges).toEqual([
      [0, 5],
      [100, 100],
    ]);
  });

  it('gives up the lowest gap beyond 32 ranges, and calls what later falls into it a gap, never new and never a duplicate', () => {
    const seen = fresh();
    for (let number = 0; number < 64; number += 2) observeNumber(seen, 's', number);
    expect(seen.sessions[0]!.ranges).toHaveLength(32);
    expect(observeNumber(seen, 's', 64)).toBe('new');
    expect(seen.sessions[0]!.ranges).toHaveLength(32);
    expect(observeNumber(seen, 's', 1)).toBe('gap');
    expect(observeNumber(seen, 's', 0)).toBe('duplicate');
    expect(observeNumber(seen, 's', 2)).toBe('duplicate');
    expect(observeNumber(seen, 's', 3)).toBe('new');
  });

  it('stays bounded whatever arrives', () => {
    const seen = fresh();
    for (let number = 0; number < 10_000; number += 3) observeNumber(seen, 's', number);
    const { ranges, givenUp } = seen.sessions[0]!;
    expect([ranges.length, givenUp.length]).toEqual([32, 32]);
    expect(observeNumber(seen, 's', 1)).toBe('gap');
  });

  it('keeps the last 4 sessions apart, and never guesses about one that was pushed out', () => {
    const seen = fresh();
    for (const session of ['a', 'b', 'c', 'd', 'e']) expect(observeNumber(seen, session, 0)).toBe('new');
    expect(observeNumber(seen, 'b', 0)).toBe('duplicate');
    expect(observeNumber(seen, 'a', 0)).toBe('retired');
    expect(observeNumber(seen, 'a', 1)).toBe('retired');
    expect(seen.sessions.map(({ session }) => session)).toEqual(['b', 'c', 'd', 'e']);
  });
});

describe('sessions that were pushed out', () => {
  it('are remembered by name, the newest 32 of them', () => {
    const seen = fresh();
    for (let session = 0; session < 40; session++) observeNumber(seen, `s${session}`, 0);
    expect(seen.retiredSessions).toEqual(Array.from({ length: 32 }, (_, index) => `s${index + 4}`));
    expect(observeNumber(seen, 's4', 7)).toBe('retired');
  });
});

describe('readings without numbers', () => {
  it('are recognised among the newest 256 of their key', () => {
    const recent: string[] = [];
    for (let number = 0; number < 256; number++) expect(observeUnnumbered(recent, `id${number}`)).toBe('new');
    expect(observeUnnumbered(recent, 'id0')).toBe('duplicate');
    expect(observeUnnumbered(recent, 'id256')).toBe('new');
    expect(recent).toHaveLength(256);
    expect(observeUnnumbered(recent, 'id0')).toBe('new');
  });
});
