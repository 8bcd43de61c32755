/** A process of its own that runs Tidemark, so that what it costs can be told from what the load generator costs. Started by host-client.ts. */
import path from 'node:path';
import { messageOf } from '../cli/shared/user-error.ts';
import { startTidemark } from '../local/runtime/start.ts';
import { synthesize } from '../local/runtime/synth.ts';
import type { HostMessage, HostOptions, HostRequest } from './host-protocol.ts';
import { preciseNowMs } from './machine.ts';
import { copyWithoutArchive } from './without-archive.ts';

function tell(message: HostMessage): void {
  process.send?.(message);
}

function usage(): HostMessage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    kind: 'usage',
    usage: {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      memoryMiB: process.memoryUsage.rss() / 2 ** 20,
      peakMemoryMiB: maxRSS / 1024,
    },
  };
}

async function speedAlone({ config, dataFolder }: HostOptions): Promise<string> {
  const folder = path.join(dataFolder, 'assembly');
  copyWithoutArchive(await synthesize(config, Date.now()), folder);
  return folder;
}

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as HostOptions;
  const { dataFolder, config, withArchive } = options;
  const what = withArchive ? { config } : { assemblyFolder: await speedAlone(options) };
  const common = { port: 0, dataFolder, seed: 1, sensorCount: 0, simulate: false, log: () => undefined };
  const tidemark = await startTidemark({ ...common, ...what });
  const end = async (): Promise<void> => {
    await tidemark.stop();
    process.disconnect?.();
  };
  process.on('message', (request: HostRequest) => (request === 'usage' ? tell(usage()) : void end()));
  // The parent is gone: so is the reason to run.
  process.once('disconnect', () => process.exit());
  tell({ kind: 'ready', runtime: tidemark.runtime, atMs: preciseNowMs() });
}

main().catch((error: unknown) => {
  tell({ kind: 'failed', message: messageOf(error) });
  process.exitCode = 1;
  process.disconnect?.();
});
