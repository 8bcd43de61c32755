/** Which generations exist, published or not: records of the batch table, made before anything of a generation is written and removed last. */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { SourceName } from '#domain/settings.ts';
import type { DayGeneration } from './day-rows.ts';

export interface Generation extends DayGeneration {
  readonly run: string;
  readonly createdMs: number;
  /** Whether rows of it may be in the day table. */
  readonly hasDayRows: boolean;
  /** When it was first seen that nothing names it, ms since the epoch; null while it may be named. */
  readonly retiredMs: number | null;
}

export class Generations {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Records a new generation. One that is recorded already stays as it is. */
  async create(generation: DayGeneration, run: string, createdMs: number): Promise<void> {
    try {
      await this.#client.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: { ...keyOf(generation), run: { S: run }, createdMs: { N: String(createdMs) }, hasDayRows: { BOOL: false } },
          ConditionExpression: 'attribute_not_exists(createdMs)',
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Notes that rows of it are about to be written into the day table. */
  async willHaveDayRows(generation: DayGeneration): Promise<void> {
    await this.#set(generation, 'hasDayRows', { BOOL: true });
  }

  /** Notes when nothing named it any more. */
  async retire(generation: DayGeneration, retiredMs: number): Promise<void> {
    await this.#set(generation, 'retiredMs', { N: String(retiredMs) });
  }

  async get(generation: DayGeneration): Promise<Generation | null> {
    const { Item } = await this.#client.send(new GetItemCommand({ TableName: this.#table, Key: keyOf(generation), ConsistentRead: true }));
    return Item ? generationOf(generation.source, Item) : null;
  }

  /** Every generation of a source, by day. */
  async list(source: SourceName): Promise<Generation[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: '#name = :name',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':name': { S: partitionOf(source) } },
        ConsistentRead: true,
      },
    );
    const generations: Generation[] = [];
    for await (const { Items = [] } of pages) generations.push(...Items.map((item) => generationOf(source, item)));
    return generations;
  }

  async remove(generation: DayGeneration): Promise<void> {
    await this.#client.send(new DeleteItemCommand({ TableName: this.#table, Key: keyOf(generation) }));
  }

  /** Throws when there is no record: what was removed must not come back as half a record. */
  async #set(generation: DayGeneration, attribute: string, value: AttributeValue): Promise<void> {
    await this.#client.send(
      new UpdateItemCommand({
        TableName: this.#table,
        Key: keyOf(generation),
        UpdateExpression: 'SET #attribute = :value',
        ConditionExpression: 'attribute_exists(createdMs)',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  }
}

function partitionOf(source: SourceName): string {
  return `generation#${source}`;
}

function keyOf({ source, day, gen }: DayGeneration) {
  return { name: { S: partitionOf(source) }, at: { S: `${day}#${gen}` } };
}

function generationOf(source: SourceName, item: Record<string, AttributeValue>): Generation {
  const [day, gen] = item['at']!.S!.split('#') as [string, string];
  return {
    source,
    day,
    gen,
    run: item['run']!.S!,
    createdMs: Number(item['createdMs']!.N),
    hasDayRows: item['hasDayRows']?.BOOL === true,
    retiredMs: item['retiredMs'] ? Number(item['retiredMs'].N) : null,
  };
}
