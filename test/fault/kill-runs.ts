/** Many runs that are killed at random, each compared with an undisturbed one: `node test/fault/kill-runs.ts --runs 100 --seed 1`. */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { cutRecordings, type Kill, runKilled, runUndisturbed } from './kill-run.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } } });
const [runs, firstSeed] = [values.runs, values.seed].map(Number) as [number, number];
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(firstSeed) || firstSeed < 0) {
  throw new Error(`--runs must be a whole number from 1, --seed one from 0, not ${values.runs} and ${values.seed}`);
}

const MOST_KILLS = 3;
const show = ({ at, share, during }: Kill) => `${at} ${(share * 100).toFixed(0)} %${during ? '' : ' (after its end)'}`;

/** Names of what differs between two runs. */
function differences(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  return Object.keys(a).filter((name) => !isDeepStrictEqual(a[name], b[name]));
}

const recordings = cutRecordings();
let failed = 0;
let kills = 0;
try {
  const undisturbed = await runUndisturbed(recordings);
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const run = await runKilled(seed, MOST_KILLS, recordings, undisturbed).catch((error: unknown) => String(error));
    const wrong = typeof run === 'string' ? [run] : differences(undisturbed.served, run.served);
    if (wrong.length > 0) failed++;
    if (typeof run !== 'string') kills += run.kills.length;
    const how = typeof run === 'string' ? '' : `${run.duplicates} duplicates after kills at ${run.kills.map(show).join(', ')}`;
    process.stdout.write(`seed ${seed}: ${wrong.length === 0 ? 'equal' : `DIFFERENT in ${wrong.join(', ')}`}; ${how}\n`);
  }
} finally {
  recordings.remove();
}
process.stdout.write(`${runs - failed} of ${runs} runs with ${kills} kills are equal to the undisturbed one\n`);
process.exitCode = failed === 0 ? 0 : 1;
