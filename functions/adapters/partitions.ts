/** Partitions of the curated tables in the Glue catalogue: one a day and generation, made once and never changed. */
import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  GetTableCommand,
  type GlueClient,
  type PartitionError,
} from '@aws-sdk/client-glue';

/** The catalogue did not take a partition. */
export class PartitionFailedError extends Error {
  override name = 'PartitionFailedError';
}

export interface PartitionPlace {
  readonly table: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly gen: string;
}

export class Partitions {
  readonly #client: GlueClient;
  readonly #database: string;

  constructor(client: GlueClient, database: string) {
    this.#client = client;
    this.#database = database;
  }

  /** Makes the partition whose files lie below `location` (`s3://…/`); one that is there stays as it is. Throws PartitionFailedError. */
  async create({ table, day, gen }: PartitionPlace, location: string): Promise<void> {
    const { Table } = await this.#client.send(new GetTableCommand({ DatabaseName: this.#database, Name: table }));
    const { Errors = [] } = await this.#client.send(
      new BatchCreatePartitionCommand({
        DatabaseName: this.#database,
        TableName: table,
        PartitionInputList: [{ Values: [day, gen], StorageDescriptor: { ...Table!.StorageDescriptor, Location: location } }],
      }),
    );
    throwOthers(Errors, 'AlreadyExistsException', table);
  }

  /** Removes the partition; none is none. Its files stay. Throws PartitionFailedError. */
  async remove({ table, day, gen }: PartitionPlace): Promise<void> {
    const { Errors = [] } = await this.#client.send(
      new BatchDeletePartitionCommand({
        DatabaseName: this.#database,
        TableName: table,
        PartitionsToDelete: [{ Values: [day, gen] }],
      }),
    );
    throwOthers(Errors, 'EntityNotFoundException', table);
  }
}

function throwOthers(errors: readonly PartitionError[], expected: string, table: string): void {
  const other = errors.find(({ ErrorDetail }) => ErrorDetail?.ErrorCode !== expected)?.ErrorDetail;
  if (other) throw new PartitionFailedError(`${table}: ${other.ErrorCode}: ${other.ErrorMessage}`);
}
