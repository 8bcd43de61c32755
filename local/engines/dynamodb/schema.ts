/** What a table is: its keys and indexes, read from a CreateTable request and told again by DescribeTable. */
import type { KeyType } from './attribute-value.ts';
import { invalid } from './errors.ts';
import { constraint, Parameters } from './parameters.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** The one or two attributes of a key: the hash attribute, then the range attribute. */
export type KeySchema = readonly [KeyAttribute] | readonly [KeyAttribute, KeyAttribute];

export interface IndexSchema {
  readonly name: string;
  readonly key: KeySchema;
  /** What an entry has besides the keys of index and table: all, or these. */
  readonly projected: 'ALL' | readonly string[];
}

export interface TableSchema {
  readonly name: string;
  readonly key: KeySchema;
  readonly indexes: readonly IndexSchema[];
}

const KEY_TYPES = ['S', 'N', 'B'] as const;
const MOST_INDEXES = 20;
const NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

/** A valid name of a table or an index. */
export function nameOf(parameters: Parameters, member: 'TableName' | 'IndexName'): string {
  const name = parameters.text(member);
  if (!NAME.test(name)) throw constraint(member, name, 'satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and have a length of 3 to 255');
  return name;
}

/** Throws ValidationException on a table that DynamoDB would not create, or that this engine cannot be. */
export function readSchema(input: unknown): TableSchema {
  const known = ['TableName', 'AttributeDefinitions', 'KeySchema', 'BillingMode', 'GlobalSecondaryIndexes'];
  const parameters = new Parameters(input, known);
  const name = nameOf(parameters, 'TableName');
  if (parameters.text('BillingMode') !== 'PAY_PER_REQUEST') {
    throw invalid('the local DynamoDB has no capacity to provision: BillingMode must be PAY_PER_REQUEST');
  }
  const types = new Map<string, KeyType>();
  for (const each of parameters.optionalList('AttributeDefinitions') ?? []) {
    const definition = new Parameters(each, ['AttributeName', 'AttributeType']);
    types.set(definition.text('AttributeName'), definition.choice('AttributeType', KEY_TYPES));
  }
  const key = readKey(parameters, types);
  const indexes = parameters.optionalList('GlobalSecondaryIndexes')?.map((each) => readIndex(each, types)) ?? [];
  if (indexes.length > MOST_INDEXES) {
    throw wrong(`GlobalSecondaryIndex count exceeds the per-table limit of ${MOST_INDEXES}`);
  }
  const used = new Set([key, ...indexes.map((index) => index.key)].flat().map((attribute) => attribute.name));
  if (used.size !== types.size) {
    throw wrong('Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions');
  }
  const twice = indexes.find((index, position) => indexes.findIndex((other) => other.name === index.name) < position);
  if (twice) throw wrong(`Duplicate index name: ${twice.name}`);
  return { name, key, indexes };
}

function readKey(parameters: Parameters, types: ReadonlyMap<string, KeyType>): KeySchema {
  const attributes = parameters.list('KeySchema', 2).map((each, position) => {
    const element = new Parameters(each, ['AttributeName', 'KeyType']);
    const name = element.text('AttributeName');
    const role = position === 0 ? 'HASH' : 'RANGE';
    if (element.text('KeyType') !== role) {
      throw invalid(`Invalid KeySchema: The ${position === 0 ? 'first' : 'second'} KeySchemaElement is not a ${role} key type`);
    }
    const type = types.get(name);
    if (type === undefined) {
      throw wrong(
        `Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
      );
    }
    return { name, type };
  });
  if (attributes[0]!.name === attributes[1]?.name) {
    throw invalid('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  return attributes as [KeyAttribute] | [KeyAttribute, KeyAttribute];
}

function readIndex(input: unknown, types: ReadonlyMap<string, KeyType>): IndexSchema {
  const parameters = new Parameters(input, ['IndexName', 'KeySchema', 'Projection']);
  const projection = new Parameters(parameters.map('Projection'), ['ProjectionType', 'NonKeyAttributes']);
  const type = projection.choice('ProjectionType', ['ALL', 'KEYS_ONLY', 'INCLUDE']);
  const others = projection.optionalList('NonKeyAttributes');
  if (others && type !== 'INCLUDE') throw wrong(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  return {
    name: nameOf(parameters, 'IndexName'),
    key: readKey(parameters, types),
    projected: type === 'ALL' ? 'ALL' : (others ?? []).map(String),
  };
}

function wrong(what: string) {
  return invalid(`One or more parameter values were invalid: ${what}`);
}

/** What DescribeTable says of it. */
export function describe(schema: TableSchema, createdMs: number, items: number, bytes: number): object {
  const { name, key, indexes } = schema;
  const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
  const throughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 };
  const keySchema = (attributes: KeySchema) =>
    attributes.map(({ name: AttributeName }, position) => ({ AttributeName, KeyType: position === 0 ? 'HASH' : 'RANGE' }));
  const types = new Map([key, ...indexes.map((index) => index.key)].flat().map((attribute) => [attribute.name, attribute.type]));
  return {
    TableName: name,
    TableArn: arn,
    TableStatus: 'ACTIVE',
    CreationDateTime: createdMs / 1000,
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchema(key),
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    ProvisionedThroughput: throughput,
    ItemCount: items,
    TableSizeBytes: bytes,
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.name,
        IndexArn: `${arn}/index/${index.name}`,
        IndexStatus: 'ACTIVE',
        KeySchema: keySchema(index.key),
        Projection: projectionOf(index),
        ProvisionedThroughput: throughput,
      })),
    }),
  };
}

function projectionOf({ projected }: IndexSchema): object {
  if (projected === 'ALL') return { ProjectionType: 'ALL' };
  return projected.length === 0 ? { ProjectionType: 'KEYS_ONLY' } : { ProjectionType: 'INCLUDE', NonKeyAttributes: projected };
}
