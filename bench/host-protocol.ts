/** What the process that runs Tidemark and the process that measures it say to each other. */
import type { RuntimeDescription } from '../local/runtime/start.ts';

export interface HostOptions {
  readonly dataFolder: string;
  /** Fields of infra/config.ts that differ from their defaults. */
  readonly config: object;
  /** False: nothing reads the streams for the archive. */
  readonly withArchive: boolean;
}

export interface Usage {
  /** User and system time of all threads since the process started, s. */
  readonly cpuSeconds: number;
  readonly memoryMiB: number;
  /** Largest so far. */
  readonly peakMemoryMiB: number;
}

export type HostMessage =
  | { readonly kind: 'ready'; readonly runtime: RuntimeDescription; readonly atMs: number }
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'failed'; readonly message: string };

export type HostRequest = 'usage' | 'stop';
