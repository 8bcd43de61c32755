import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../../local/template/json.ts';
import { startTestBed, type TestBed } from '../../../support/local-template.ts';

let bed: TestBed;

beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed.stop());

const DATABASE = { Type: 'AWS::Glue::Database', Properties: { CatalogId: { Ref: 'AWS::AccountId' }, DatabaseInput: { Name: 'lake' } } };
const SERDE = { SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' };

function table(name: string, database: Json = { Ref: 'Database' }) {
  const StorageDescriptor = {
    Location: { 'Fn::Join': ['', ['s3://', { Ref: 'Bucket' }, `/${name}/`]] },
    Columns: [{ Name: 'a', Type: 'int' }],
    SerdeInfo: SERDE,
  };
  return {
    Type: 'AWS::Glue::Table',
    Properties: { DatabaseName: database, TableInput: { Name: name, TableType: 'EXTERNAL_TABLE', StorageDescriptor } },
  };
}

function workgroup(more: JsonObject = {}) {
  const ResultConfiguration = { OutputLocation: { 'Fn::Join': ['', ['s3://', { Ref: 'Bucket' }, '/results/']] } };
  const WorkGroupConfiguration = { EnforceWorkGroupConfiguration: true, BytesScannedCutoffPerQuery: '20000000', ResultConfiguration };
  return { Type: 'AWS::Athena::WorkGroup', Properties: { Name: 'wg', WorkGroupConfiguration, ...more } };
}

function prepared(QueryStatement: string) {
  return {
    Type: 'AWS::Athena::PreparedStatement',
    Properties: { StatementName: 'larger', WorkGroup: { Ref: 'Workgroup' }, QueryStatement },
  };
}

describe('the catalogue of a template', () => {
  it('is there for queries of its workgroup, prepared ones among them', async () => {
    await bed.create({
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'lake-bucket' } },
      Database: DATABASE,
      Numbers: table('numbers'),
      Workgroup: workgroup(),
      Larger: prepared('select a from numbers where a > ? order by a'),
    });
    await bed.context.s3.putObject('lake-bucket', 'numbers/x', Buffer.from('{"a":1}\n{"a":2}\n{"a":3}\n'));
    const id = bed.context.athena.start({ query: 'execute larger using 1', database: 'lake', workGroup: 'wg' });
    const execution = await bed.context.athena.ended(id);
    expect([execution.state, execution.reason]).toEqual(['SUCCEEDED', undefined]);
    expect(execution.outputLocation).toBe(`s3://lake-bucket/results/${id}.csv`);
    expect((await bed.context.athena.results(id, 10)).rows).toEqual([['a'], ['2'], ['3']]);
    expect(bed.context.athena.workGroup('wg').cutoffBytes).toBe(20_000_000);
    expect(bed.context.serviceEnvironment).toMatchObject({
      AWS_ENDPOINT_URL_ATHENA: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      AWS_ENDPOINT_URL_GLUE: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
  });

  it.each([
    ['a table without its database', { Lost: table('lost', 'nowhere') }, /^Lost \(AWS::Glue::Table, stack S\): Database nowhere not found/],
    [
      'a statement that is none',
      { Workgroup: workgroup({ Name: 'other' }), Larger: prepared('drop table numbers') },
      /^Larger .*not supported: DROP TABLE/,
    ],
    [
      'a workgroup whose results go nowhere',
      { Workgroup: workgroup({ WorkGroupConfiguration: { ResultConfiguration: { OutputLocation: '/tmp' } } }) },
      /^Workgroup .*not an S3 location: \/tmp/,
    ],
    ['a property that nobody knows', { Workgroup: workgroup({ Frobnicate: 1 }) }, /^Workgroup .*does not know the property Frobnicate/],
  ])('is refused with %s', async (_, resources, message) => {
    const Bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'lake-bucket' } };
    const withDatabase = {
      Bucket,
      Database: { ...DATABASE, Properties: { DatabaseInput: { Name: `db_${Math.abs(message.source.length)}` } } },
    };
    await expect(bed.create({ ...withDatabase, ...resources })).rejects.toThrow(message);
  });
});
