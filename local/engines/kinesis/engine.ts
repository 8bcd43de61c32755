/** Kinesis Data Streams without the wire: streams of numbered records, kept in a folder or in memory. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#adapters/clock.ts';
import { AwsError } from '../aws-error.ts';
import { DEFAULT_SEGMENTS, type SegmentSettings } from './segment-files.ts';
import { KinesisStream } from './stream.ts';

export interface KinesisSettings {
  readonly clock: Clock;
  /** Null: in memory. */
  readonly folder: string | null;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** @default '000000000000' */
  readonly account?: string;
  /** Bound of what a stream on disk keeps in memory beside it. @default 4 MiB */
  readonly tailBytes?: number;
  /** When a log file is closed. @default 16 MiB or one hour */
  readonly segments?: SegmentSettings;
  /** Hears of a shard that could not be written (the disk is full, say): it accepts nothing any more until it is opened again. */
  readonly onFailure?: (error: Error) => void;
}

export interface StreamDefinition {
  /** `[a-zA-Z0-9_.-]{1,128}` */
  readonly name: string;
  /** From 1. */
  readonly shardCount: number;
  /** 24 … 8760. */
  readonly retentionHours: number;
}

const STREAM_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
const MAX_SHARDS = 500;
const DEFINITION_FILE = 'stream.json';
const DEFAULT_TAIL_BYTES = 4 * 1024 * 1024;

export class KinesisEngine {
  readonly clock: Clock;
  readonly account: string;
  readonly #settings: KinesisSettings;
  readonly #arnPrefix: string;
  readonly #streams = new Map<string, KinesisStream>();

  constructor(settings: KinesisSettings) {
    this.clock = settings.clock;
    this.account = settings.account ?? '000000000000';
    this.#settings = settings;
    this.#arnPrefix = `arn:aws:kinesis:${settings.region ?? 'us-east-1'}:${this.account}:stream/`;
  }

  /**
   * Creates a stream, or opens it again with its data when the folder has one of that name.
   * Rejects with AWS's error for a name, count or retention out of range, and for another shard count than the data was written with.
   */
  async createStream({ name, shardCount, retentionHours }: StreamDefinition): Promise<KinesisStream> {
    if (!STREAM_NAME.test(name) || name === '.' || name === '..') {
      throw new AwsError('ValidationException', `Stream name '${name}' must match [a-zA-Z0-9_.-]{1,128}`);
    }
    if (!Number.isInteger(shardCount) || shardCount < 1 || shardCount > MAX_SHARDS) {
      throw new AwsError('InvalidArgumentException', `Stream ${name}: ${shardCount} shards; allowed are 1 to ${MAX_SHARDS}`);
    }
    if (!Number.isInteger(retentionHours) || retentionHours < 24 || retentionHours > 8760) {
      throw new AwsError('InvalidArgumentException', `Stream ${name}: retention of ${retentionHours} hours; allowed are 24 to 8760`);
    }
    if (this.#streams.has(name))
      throw new AwsError('ResourceInUseException', `Stream ${name} under account ${this.account} already exists.`);
    const folder = this.#settings.folder === null ? null : join(this.#settings.folder, name);
    const stream = new KinesisStream({
      name,
      arn: this.#arnPrefix + name,
      clock: this.clock,
      shardCount,
      retentionHours,
      createdMs: folder === null ? this.clock.now() : openDefinition(folder, name, shardCount, this.clock.now()),
      folder,
      tailBytes: this.#settings.tailBytes ?? DEFAULT_TAIL_BYTES,
      segments: this.#settings.segments ?? DEFAULT_SEGMENTS,
      onFailure: this.#settings.onFailure ?? (() => undefined),
    });
    this.#streams.set(name, stream);
    return stream;
  }

  /** @throws AwsError ResourceNotFoundException */
  stream(nameOrArn: string): KinesisStream {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;
    const stream = this.#streams.get(name);
    if (stream === undefined || (nameOrArn.startsWith('arn:') && nameOrArn !== stream.arn)) {
      throw new AwsError('ResourceNotFoundException', `Stream ${name} under account ${this.account} not found.`);
    }
    return stream;
  }

  /** In ascending order of their names. */
  streams(): KinesisStream[] {
    return [...this.#streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Writes what is waiting and closes the files. */
  async close(): Promise<void> {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }
}

/** Answers with when the stream was created, ms since the epoch. */
function openDefinition(folder: string, name: string, shardCount: number, nowMs: number): number {
  const path = join(folder, DEFINITION_FILE);
  mkdirSync(folder, { recursive: true });
  const kept = readDefinition(path);
  if (kept === null) {
    writeFileSync(`${path}.new`, JSON.stringify({ shardCount, createdMs: nowMs }));
    renameSync(`${path}.new`, path);
    return nowMs;
  }
  if (kept.shardCount === shardCount) return kept.createdMs;
  throw new AwsError(
    'InvalidArgumentException',
    `Stream ${name} was written with ${kept.shardCount} shards in ${folder} and cannot be opened with ${shardCount}: use another folder, or ${kept.shardCount} shards.`,
  );
}

function readDefinition(path: string): { shardCount: number; createdMs: number } | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path}: not a stream definition: ${String(error)}`, { cause: error });
  }
}
