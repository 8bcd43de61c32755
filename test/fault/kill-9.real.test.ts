/** The runtime is killed in the middle of replays of real data; kill-runs.ts does the same for any number of seeds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutRecordings, type Recordings, runKilled, runUndisturbed, type Undisturbed } from './kill-run.ts';

describe('kill -9 of the runtime', () => {
  let recordings: Recordings;
  let undisturbed: Undisturbed;
  beforeAll(async () => {
    recordings = cutRecordings();
    undisturbed = await runUndisturbed(recordings);
  });
  afterAll(() => recordings?.remove());

  it('is compared with a run that has days, windows, transitions and files to lose', () => {
    const rows = Object.values(undisturbed.served).map((value) => (Array.isArray(value) ? value.length : 1));
    expect(Math.min(...rows)).toBeGreaterThan(0);
    expect(Math.min(...Object.values(undisturbed.growth))).toBeGreaterThan(10_000);
  });

  it.each([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])(
    'at a random moment of two replays leaves, after another replay, what an undisturbed run leaves (seed %i)',
    async (seed) => {
      const killed = await runKilled(seed, 1, recordings, undisturbed);
      expect(killed.kills.length).toBe(1);
      expect(killed.served).toEqual(undisturbed.served);
    },
  );
});
