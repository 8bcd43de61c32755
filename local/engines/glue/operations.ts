/** The operations of the Glue API that Tidemark and its tools use, from JSON to JSON. */
import { AwsError } from '../aws-error.ts';
import { JsonInput } from '../json-input.ts';
import type { GlueCatalog, GluePartition, GlueTable, PartitionInput, StorageDescriptor } from './catalog.ts';
import { notFound } from './catalog.ts';
import { partitionFilter } from './expression.ts';

type Operation = (catalog: GlueCatalog, input: unknown) => object;

const TABLE = ['CatalogId', 'DatabaseName', 'TableName'];
const PARTITION = ['Values', 'LastAccessTime', 'StorageDescriptor', 'Parameters', 'LastAnalyzedTime'];
const MAX_RESULTS = 1000;
const MAX_TABLES = 100;

/** By the name behind `AWSGlue.` in X-Amz-Target. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['GetDatabase', getDatabase],
  ['GetDatabases', getDatabases],
  ['GetTable', getTable],
  ['GetTables', getTables],
  ['CreatePartition', createPartition],
  ['BatchCreatePartition', batchCreatePartition],
  ['GetPartition', getPartition],
  ['GetPartitions', getPartitions],
  ['BatchGetPartition', batchGetPartition],
  ['UpdatePartition', updatePartition],
  ['DeletePartition', deletePartition],
  ['BatchDeletePartition', batchDeletePartition],
]);

function invalid(message: string): AwsError {
  return new AwsError('InvalidInputException', message);
}

function read(input: unknown, ...known: string[]): JsonInput {
  return new JsonInput(input, known, invalid);
}

function tableOf(catalog: GlueCatalog, input: JsonInput): GlueTable {
  return catalog.table(input.text('DatabaseName'), input.text('TableName'));
}

function getDatabase(catalog: GlueCatalog, sent: unknown): object {
  const { name, description } = catalog.database(read(sent, 'CatalogId', 'Name').text('Name'));
  return { Database: { Name: name, Description: description } };
}

function getDatabases(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, 'CatalogId', 'NextToken', 'MaxResults');
  const { page, NextToken } = paged(catalog.databases(), input, MAX_TABLES);
  return { DatabaseList: page.map(({ name, description }) => ({ Name: name, Description: description })), NextToken };
}

function getTable(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, 'CatalogId', 'DatabaseName', 'Name');
  return { Table: catalog.table(input.text('DatabaseName'), input.text('Name')) };
}

function getTables(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, 'CatalogId', 'DatabaseName', 'Expression', 'NextToken', 'MaxResults');
  const expression = input.optionalText('Expression');
  let pattern: RegExp | undefined;
  try {
    pattern = expression === undefined ? undefined : new RegExp(`^(?:${expression})$`);
  } catch {
    throw invalid(`Expression '${expression}' is no regular expression`);
  }
  const found = catalog.tables(input.text('DatabaseName')).filter(({ Name }) => pattern?.test(Name) ?? true);
  const { page, NextToken } = paged(found, input, MAX_TABLES);
  return { TableList: page, NextToken };
}

function createPartition(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'PartitionInput');
  catalog.createPartition(tableOf(catalog, input), partitionInput(input.object('PartitionInput', PARTITION)));
  return {};
}

function batchCreatePartition(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'PartitionInputList');
  const table = tableOf(catalog, input);
  const inputs = input.objects('PartitionInputList', PARTITION, 100).map(partitionInput);
  return {
    Errors: errorsOf(
      inputs,
      ({ Values }) => Values,
      (each) => catalog.createPartition(table, each),
    ),
  };
}

function getPartition(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'PartitionValues');
  const table = tableOf(catalog, input);
  const found = catalog.partition(table, input.texts('PartitionValues'));
  if (found === undefined) throw notFound('Cannot find partition.');
  return { Partition: described(table, found) };
}

function getPartitions(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'Expression', 'NextToken', 'MaxResults', 'ExcludeColumnSchema');
  const table = tableOf(catalog, input);
  const expression = input.optionalText('Expression') ?? '';
  const holds = expression === '' ? () => true : partitionFilter(expression, table.PartitionKeys ?? []);
  const found = catalog.partitions(table).filter(({ Values }) => holds(Values));
  const { page, NextToken } = paged(found, input, MAX_RESULTS);
  const isBare = input.flag('ExcludeColumnSchema');
  return { Partitions: page.map((partition) => described(table, isBare ? withoutColumns(partition) : partition)), NextToken };
}

function batchGetPartition(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'PartitionsToGet');
  const table = tableOf(catalog, input);
  const wanted = input.objects('PartitionsToGet', ['Values'], 1000).map((each) => each.texts('Values'));
  const found = wanted.flatMap((values) => catalog.partition(table, values) ?? []);
  return { Partitions: found.map((partition) => described(table, partition)), UnprocessedKeys: [] };
}

function updatePartition(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'PartitionValueList', 'PartitionInput');
  const table = tableOf(catalog, input);
  catalog.updatePartition(table, input.texts('PartitionValueList'), partitionInput(input.object('PartitionInput', PARTITION)));
  return {};
}

function deletePartition(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'PartitionValues');
  catalog.deletePartition(tableOf(catalog, input), input.texts('PartitionValues'));
  return {};
}

function batchDeletePartition(catalog: GlueCatalog, sent: unknown): object {
  const input = read(sent, ...TABLE, 'PartitionsToDelete');
  const table = tableOf(catalog, input);
  const wanted = input.objects('PartitionsToDelete', ['Values'], 25).map((each) => each.texts('Values'));
  return {
    Errors: errorsOf(
      wanted,
      (values) => values,
      (values) => catalog.deletePartition(table, values),
    ),
  };
}

function partitionInput(input: JsonInput): PartitionInput {
  const storage = input.optionalRecord('StorageDescriptor');
  const parameters = input.optionalRecord('Parameters');
  return {
    Values: input.texts('Values'),
    ...(storage && { StorageDescriptor: storage as StorageDescriptor }),
    ...(parameters && { Parameters: parameters as Record<string, string> }),
  };
}

function described({ DatabaseName, Name }: GlueTable, partition: GluePartition): object {
  return { DatabaseName, TableName: Name, ...partition };
}

function withoutColumns({ StorageDescriptor, ...rest }: GluePartition): GluePartition {
  if (StorageDescriptor === undefined) return rest;
  const { Columns: _, ...storage } = StorageDescriptor;
  return { ...rest, StorageDescriptor: storage };
}

/** Tries each; a failure stands in the answer and hinders no other. */
function errorsOf<Each>(all: readonly Each[], valuesOf: (each: Each) => readonly string[], work: (each: Each) => void): object[] {
  return all.flatMap((each) => {
    try {
      work(each);
      return [];
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return [{ PartitionValues: valuesOf(each), ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message } }];
    }
  });
}

/** The token of a page is the number of what came before it. */
function paged<Item>(all: readonly Item[], input: JsonInput, most: number): { page: readonly Item[]; NextToken: string | undefined } {
  const token = input.optionalText('NextToken') ?? '0';
  if (!/^\d{1,9}$/.test(token)) throw invalid('Invalid NextToken');
  const end = Number(token) + input.integer('MaxResults', 1, most, most);
  return { page: all.slice(Number(token), end), NextToken: end < all.length ? String(end) : undefined };
}
