import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/shared/user-error.ts';
import { HELP, parseOptions } from '../../../cli/symbols/options.ts';
import { runSymbols } from '../../../cli/symbols/run.ts';
import { startDynamoDb } from '../../../local/runtime/dynamodb.ts';
import { fakeInstance } from './fake-instance.ts';

const parse = (line: string) => parseOptions(line === '' ? [] : line.split(' '));

describe('symbols', () => {
  it('are shown, set or reset, here or in a deployed table', () => {
    expect(parse('')).toEqual({ target: { kind: 'running' }, symbols: undefined });
    expect(parse('set AAPL BINANCE:BTCUSDT AAPL --url http://127.0.0.1:8080/x')).toEqual({
      target: { kind: 'url', url: 'http://127.0.0.1:8080' },
      symbols: ['AAPL', 'BINANCE:BTCUSDT'],
    });
    expect(parse('reset --table tidemark-dev-Lease.1')).toEqual({ target: { kind: 'aws', table: 'tidemark-dev-Lease.1' }, symbols: null });
    expect(parse('--help')).toBe('help');
    for (const name of ['url', 'table', 'help']) expect(HELP).toContain(`--${name}`);
  });

  it.each([
    ['add AAPL', 'cannot add AAPL: set SYMBOL... or reset'],
    ['reset AAPL', 'cannot reset AAPL'],
    ['set', '1 to 50 symbols can be subscribed to, not 0'],
    [`set ${Array.from({ length: 51 }, (_, index) => `S${index}`).join(' ')}`, 'not 51'],
    ['set AAPL A$', '"A$" is no symbol, it does not match'],
    ['--url x', '--url x: allowed is an address'],
    ['--table a/b', '--table a/b: allowed is'],
    ['--table abc --url http://h', '--url and --table exclude each other'],
    ['--bogus', "Unknown option '--bogus'"],
  ])('refuse %s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  it('are written into the table of a running instance, where the feed reads them', async () => {
    const instance = await fakeInstance(0);
    const dynamodb = await startDynamoDb(null, (error) => {
      throw error;
    });
    await dynamodb.call('CreateTable', {
      TableName: 'lease',
      AttributeDefinitions: [{ AttributeName: 'name', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    instance.runtime = {
      ...(instance.runtime as object),
      aws: { kinesis: 'http://127.0.0.1:1', dynamodb: dynamodb.url, sfn: 'http://127.0.0.1:1', athena: '' },
    };
    const target = { kind: 'url', url: instance.url } as const;
    try {
      expect(await runSymbols({ target, symbols: ['IBM', 'KO'] })).toBe('the feed hears IBM KO');
      expect(await runSymbols({ target, symbols: undefined })).toBe('the feed hears IBM KO');
      expect(await dynamodb.call('Scan', { TableName: 'lease' })).toMatchObject({
        Items: [{ name: { S: 'symbols' }, symbols: { S: 'IBM KO' } }],
      });
      expect(await runSymbols({ target, symbols: null })).toBe('the feed hears the configured symbols');
    } finally {
      await dynamodb.stop();
      await instance.close();
    }
  });
});
