/** What Athena knows right after a deployment: tables, views, workgroup, prepared statements. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#domain/settings.ts';
import { alertTable } from '../../functions/archive/alert-tables.ts';
import { columnsOf, type LakeTable } from '../../functions/archive/lake-object.ts';
import { quarantineTable } from '../../functions/archive/quarantine-table.ts';
import { readingsTable, tradesTable } from '../../functions/archive/source-tables.ts';
import { at, type Json, type JsonObject, namesOfType, PROJECT, propertiesOf, readable, synthesize } from './assembly.ts';

const synthesis = synthesize();
const table = (name: string): Json => at(propertiesOf(synthesis, name), 'TableInput')!;
const namesAndTypes = (columns: Json | undefined) => (columns as readonly Json[]).map((column) => [at(column, 'Name'), at(column, 'Type')]);
const tables = namesOfType(synthesis, 'AWS::Glue::Table');
const views = tables.filter((name) => at(table(name), 'TableType') === 'VIRTUAL_VIEW');

describe('tables over what archive writes', () => {
  const GLUE_TYPE = {
    STRING: 'string',
    INT64: 'bigint',
    INT32: 'int',
    TIMESTAMP: 'timestamp',
    DOUBLE: 'double',
    BYTE_ARRAY: 'binary',
  } as const;
  const DAY = {
    'projection.dt.type': 'date',
    'projection.dt.format': 'yyyy-MM-dd',
    'projection.dt.range': '2024-01-01,NOW',
    'projection.dt.interval': '1',
    'projection.dt.interval.unit': 'DAYS',
  };
  const HOUR = { 'projection.hr.type': 'integer', 'projection.hr.range': '0,23', 'projection.hr.digits': '2' };
  const written: [string, string, LakeTable<never>][] = [
    ['RawTradesTable', 'raw_trades', tradesTable(DEFAULT_SETTINGS)],
    ['RawReadingsTable', 'raw_readings', readingsTable(DEFAULT_SETTINGS)],
    ['AlertsInstantTable', 'alerts_instant', alertTable('instant')],
    ['AlertsAvgTempTable', 'alerts_avg_temp', alertTable('avg_temp')],
    ['QuarantineTradesTable', 'quarantine_trades', quarantineTable('trades')],
    ['QuarantineReadingsTable', 'quarantine_readings', quarantineTable('readings')],
    ['QuarantineAlertsTable', 'quarantine_alerts', quarantineTable('alerts')],
  ];

  it.each(written)(
    '%s has their columns, and computes the partitions where they lie',
    (construct, name, { folder, partition, ...lakeTable }) => {
      expect(at(table(construct), 'Name')).toBe(name);
      expect(namesAndTypes(at(table(construct), 'StorageDescriptor', 'Columns'))).toEqual(
        columnsOf({ folder, partition, ...lakeTable }, 'k').map((column) => [column.name, GLUE_TYPE[column.type]]),
      );
      const isHourly = partition === 'hour';
      expect(namesAndTypes(at(table(construct), 'PartitionKeys'))).toEqual([['dt', 'date'], ...(isHourly ? [['hr', 'int']] : [])]);
      const { 'storage.location.template': template, ...parameters } = at(table(construct), 'Parameters') as JsonObject;
      expect(readable(template)).toBe(`s3://DataBucket/${folder}/dt=\${dt}/${isHourly ? 'hr=${hr}/' : ''}`);
      expect(readable(at(table(construct), 'StorageDescriptor', 'Location'))).toBe(`s3://DataBucket/${folder}/`);
      expect(parameters).toEqual({
        EXTERNAL: 'TRUE',
        classification: 'parquet',
        'projection.enabled': 'true',
        ...DAY,
        ...(isHourly && HOUR),
      });
    },
  );
});

describe('tables over what the batch writes', () => {
  it.each(['trades', 'readings', 'daily_trade_stats', 'daily_sensor_stats'])(
    'curated_%s has registered partitions, day and generation',
    (name) => {
      const construct = tables.find((each) => at(table(each), 'Name') === `curated_${name}`)!;
      expect(namesAndTypes(at(table(construct), 'PartitionKeys'))).toEqual([
        ['day', 'string'],
        ['gen', 'string'],
      ]);
      expect(at(table(construct), 'Parameters')).toEqual({ EXTERNAL: 'TRUE', classification: 'parquet' });
      expect(readable(at(table(construct), 'StorageDescriptor', 'Location'))).toBe(`s3://DataBucket/curated/${name}/`);
    },
  );

  it('published is one object of JSON Lines', () => {
    const published = table('PublishedTable');
    expect(readable(at(published, 'StorageDescriptor', 'Location'))).toBe('s3://DataBucket/published/');
    expect(at(published, 'PartitionKeys')).toEqual([]);
    expect(at(published, 'StorageDescriptor', 'SerdeInfo')).toEqual({ SerializationLibrary: 'org.openx.data.jsonserde.JsonSerDe' });
  });

  it('sensor_limits is found by the day and the generation that a query names', () => {
    const { 'storage.location.template': template, ...parameters } = at(table('SensorLimitsTable'), 'Parameters') as JsonObject;
    expect(readable(template)).toBe('s3://DataBucket/reference/sensor_limits/day=${day}/gen=${gen}/');
    expect(parameters).toMatchObject({ 'projection.day.type': 'injected', 'projection.gen.type': 'injected' });
  });
});

describe('views', () => {
  const TRINO_TYPE: Readonly<Record<string, string>> = {
    string: 'varchar',
    bigint: 'bigint',
    int: 'integer',
    double: 'double',
    date: 'date',
    timestamp: 'timestamp(3)',
    'array<string>': 'array(varchar)',
  };

  it('are all that sql/views has', () => {
    const files = readdirSync(path.join(PROJECT, 'sql/views')).map((file) => path.parse(file).name);
    expect(views.map((name) => at(table(name), 'Name')).sort()).toEqual(files.sort());
  });

  it.each(views)('%s is written as Trino writes one, without an owner', (name) => {
    const { ViewOriginalText: original, ViewExpandedText: expanded, Parameters: parameters } = table(name) as JsonObject;
    expect([expanded, parameters]).toEqual(['/* Presto View */', { presto_view: 'true', comment: 'Presto View' }]);
    const [, encoded] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(String(original))!;
    const { originalSql, columns, ...rest } = JSON.parse(Buffer.from(encoded!, 'base64').toString());
    expect(rest).toEqual({ catalog: 'awsdatacatalog', schema: 'tidemark_test' });
    expect(originalSql).toMatch(/^(select|with)\s/);
    expect(originalSql).not.toMatch(/--|;|\?/);
    const glue = namesAndTypes(at(table(name), 'StorageDescriptor', 'Columns'));
    expect(columns).toEqual(glue.map(([column, type]) => ({ name: column, type: TRINO_TYPE[String(type)] })));
  });
});

describe('the workgroup', () => {
  it('binds every query: a cut-off, encrypted results in a folder of their own', () => {
    const { Name, RecursiveDeleteOption, WorkGroupConfiguration } = propertiesOf(synthesis, 'QueryWorkgroup');
    expect([Name, RecursiveDeleteOption]).toEqual(['tidemark-test', true]);
    const { ResultConfiguration, ...limits } = WorkGroupConfiguration as JsonObject;
    expect(limits).toEqual({
      EnforceWorkGroupConfiguration: true,
      PublishCloudWatchMetricsEnabled: true,
      BytesScannedCutoffPerQuery: 100_000_000_000,
      EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
    });
    expect(readable(at(ResultConfiguration!, 'OutputLocation'))).toBe('s3://DataBucket/athena-results/');
    expect(at(ResultConfiguration!, 'EncryptionConfiguration')).toEqual({ EncryptionOption: 'SSE_S3' });
  });

  it.each([
    ['QueryTradeHistory', 'trade_history'],
    ['QueryReadingHistory', 'reading_history'],
  ])('%s is a prepared statement of it', (construct, name) => {
    const { StatementName, WorkGroup, QueryStatement } = propertiesOf(synthesis, construct);
    expect([StatementName, readable(WorkGroup)]).toEqual([name, 'QueryWorkgroup']);
    expect(String(QueryStatement)).toMatch(/^select [^;]+$/);
    expect(String(QueryStatement)).not.toContain('--');
    expect(String(QueryStatement).length).toBeLessThan(262_144);
  });
});

describe('the database', () => {
  it('is named by the stage, and every table and view is in it', () => {
    expect(at(propertiesOf(synthesize({ stage: 'a-b' }), 'Database'), 'DatabaseInput', 'Name')).toBe('tidemark_a_b');
    for (const name of tables) expect(readable(propertiesOf(synthesis, name)['DatabaseName'])).toBe('Database');
  });
});
