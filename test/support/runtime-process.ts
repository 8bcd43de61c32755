/** Child process of child-runtime.ts: a runtime without simulated sources on the folder it is given, as `npm start -- --no-sim` runs it. */
import { startTidemark } from '../../local/runtime/start.ts';

const [dataFolder] = process.argv.slice(2);
if (dataFolder === undefined) throw new Error('usage: runtime-process.ts FOLDER');
try {
  const tidemark = await startTidemark({
    port: 0,
    dataFolder,
    seed: 1,
    sensorCount: 0,
    simulate: false,
    // The usual 10 s of the archive would only be waited for.
    config: { archive: { batchingWindowSeconds: 0 } },
    log: (line) => process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${tidemark.url}\n`);
  const failure = await tidemark.failed;
  await tidemark.stop();
  throw failure;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
