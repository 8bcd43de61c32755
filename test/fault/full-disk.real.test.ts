/** The runtime runs out of disk in the middle of replays of real data. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutRecordings, type Recordings, runFilledUp, runUndisturbed, type Undisturbed } from './kill-run.ts';

describe('A full disk', () => {
  let recordings: Recordings;
  let undisturbed: Undisturbed;
  beforeAll(async () => {
    // More than fits into the tables' first megabyte.
    recordings = cutRecordings({ trades: 2_000, readings: 900 });
    undisturbed = await runUndisturbed(recordings);
  });
  afterAll(() => recordings?.remove());

  it.each([200_000, 1_000_000])(
    'ends the runtime with one clear line (no file above %i bytes), and with room it goes on with nothing lost',
    async (mostFileBytes) => {
      // The system's limit on the length of a file plays the full disk. Both are longer than empty tables; the larger one is met by the tables alone.
      const { exit, served } = await runFilledUp(mostFileBytes, recordings);
      expect(exit.code).toBe(1);
      expect(exit.stderr).toMatch(/^the local (Kinesis|DynamoDB) stopped: .*(file too large|is the disk full)/im);
      expect(served).toEqual(undisturbed.served);
    },
  );
});
