/** One run of the batch at a time: a lease in the batch table, that a later run takes over when its holder is gone. */
import { ConditionalCheckFailedException, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

/** Another run holds the lock. */
export class RunLocked extends Error {
  override name = 'RunLocked';
}

/** The lock is not this run's any more: whatever it does now could undo what a later run did. */
export class LockLostError extends Error {
  override name = 'LockLostError';
}

export interface Taken {
  /** Rises with every taking. */
  readonly fence: number;
  /** The run whose lock this was, if it never gave it back; null otherwise. */
  readonly takenOverFrom: string | null;
}

interface Holder {
  readonly run: string;
  readonly execution: string;
  readonly fence: number;
  readonly untilMs: number;
}

const KEY = { name: { S: 'lock' }, at: { S: 'daily' } } as const;

export interface RunLockOptions {
  readonly table: string;
  /** How long the lock is kept, ms: longer than an execution may last. */
  readonly leaseMs: number;
  /** Whether an execution, by ARN, still goes on. */
  readonly isRunning: (execution: string) => Promise<boolean>;
  readonly nowMs: () => number;
}

export class RunLock {
  readonly #client: DynamoDBClient;
  readonly #options: RunLockOptions;

  constructor(client: DynamoDBClient, options: RunLockOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Takes the lock for a run; the same run again has it already. Throws RunLocked while the lease of another run is not over and its
   * execution goes on.
   */
  async take(run: string, execution: string): Promise<Taken> {
    const holder = await this.#holder();
    if (holder?.run === run) return { fence: holder.fence, takenOverFrom: null };
    const isHeld = holder !== null && holder.untilMs > this.#options.nowMs();
    if (isHeld && (await this.#options.isRunning(holder.execution))) throw new RunLocked(`run ${holder.run} has the lock`);
    const fence = (holder?.fence ?? 0) + 1;
    const untilMs = this.#options.nowMs() + this.#options.leaseMs;
    try {
      await this.#put({ run, execution, fence, untilMs }, holder);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) throw new RunLocked('another run took the lock first', { cause: error });
      throw error;
    }
    return { fence, takenOverFrom: holder !== null && holder.untilMs > 0 ? holder.run : null };
  }

  /** Throws LockLostError unless the run holds the lock, as it took it. */
  async check(run: string, fence: number): Promise<void> {
    const holder = await this.#holder();
    if (holder?.run !== run || holder.fence !== fence || holder.untilMs <= this.#options.nowMs()) {
      throw new LockLostError(`run ${run} does not hold the lock any more${holder === null ? '' : `: run ${holder.run} took it`}`);
    }
  }

  /** Gives the lock back, unless it is another run's by now. */
  async release(run: string): Promise<void> {
    const holder = await this.#holder();
    if (holder?.run !== run || holder.untilMs === 0) return;
    try {
      await this.#put({ ...holder, untilMs: 0 }, holder);
    } catch (error) {
      // Taken over in between.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async #holder(): Promise<Holder | null> {
    const { Item } = await this.#client.send(new GetItemCommand({ TableName: this.#options.table, Key: KEY, ConsistentRead: true }));
    if (!Item) return null;
    const { run, execution, fence, untilMs } = Item;
    return { run: run!.S!, execution: execution!.S!, fence: Number(fence!.N), untilMs: Number(untilMs!.N) };
  }

  /** Puts the lock on condition that it is still as it was read. */
  async #put({ run, execution, fence, untilMs }: Holder, before: Holder | null): Promise<void> {
    await this.#client.send(
      new PutItemCommand({
        TableName: this.#options.table,
        Item: { ...KEY, run: { S: run }, execution: { S: execution }, fence: { N: String(fence) }, untilMs: { N: String(untilMs) } },
        ...(before === null
          ? { ConditionExpression: 'attribute_not_exists(fence)' }
          : { ConditionExpression: 'fence = :fence', ExpressionAttributeValues: { ':fence': { N: String(before.fence) } } }),
      }),
    );
  }
}
