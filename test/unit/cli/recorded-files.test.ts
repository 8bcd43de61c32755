import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { fieldsOf, linesOf } from '../../../cli/replay/csv.ts';
import { readInputFile } from '../../../cli/replay/file-identity.ts';
import { readReadingFile } from '../../../cli/replay/reading-file.ts';
import { readTradeFile } from '../../../cli/replay/trade-file.ts';

const identity = '0123456789abcdef';
const text = (path: string, content: string) => ({ path, bytes: strToU8(content), identity });
const zip = (path: string, files: Record<string, string>) => ({
  path,
  bytes: zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)]))),
  identity,
});

describe('CSV lines', () => {
  it('have fields, quoted where needed', () => {
    expect(fieldsOf('a,,c,')).toEqual(['a', '', 'c', '']);
    expect(fieldsOf('"a ""b"", c",,"",x')).toEqual(['a "b", c', '', '', 'x']);
    expect(fieldsOf('a,"b",')).toEqual(['a', 'b', '']);
    expect(() => fieldsOf('a,"b')).toThrow('character 3 has a quote');
    expect(() => fieldsOf('a,b"c"')).toThrow('quote');
  });

  it('end as any system ends them', () => {
    expect(linesOf('\uFEFFa\r\nb\nc\rd')).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a file of trades', () => {
  const rows = '14430270,1815200,283,P,20002020,0\n14430270,1815200,283,P,20002020,1\n';

  it('gives symbol, day and identity; equal rows stay separate trades', () => {
    const file = readTradeFile(zip('data/ibm/20131007_trade.zip', { 'x.csv': rows }), undefined);
    const t = Date.parse('2013-10-07T00:00:00-04:00') + 14_430_270;
    expect(file).toEqual({
      path: 'data/ibm/20131007_trade.zip',
      symbol: 'IBM',
      identity,
      trades: [
        { s: 'IBM', p: 181.52, t, v: 283 },
        { s: 'IBM', p: 181.52, t, v: 283 },
      ],
    });
    expect(readTradeFile(zip('20131007_trade.zip', { x: rows }), 'BRK.B').symbol).toBe('BRK.B');
  });

  it.each([
    ['ibm/trades.csv', rows, 'unknown form of file'],
    ['ibm/20131340_trade.zip', rows, '2013-13-40 in its name is no day'],
    ['a b/20131007_trade.zip', rows, '"A B" is no symbol'],
    ['ibm/20131007_trade.zip', '', 'has no trades'],
    ['ibm/20131007_trade.zip', `${rows}x,1,1`, 'row 3 is no trade'],
    ['ibm/20131007_trade.zip', '86400000,1,1', 'row 1 is no trade'],
    ['ibm/20131007_trade.zip', '-1,1,1', 'row 1 is no trade'],
    ['ibm/20131007_trade.zip', '1,,1', 'row 1 is no trade'],
    ['ibm/20131007_trade.zip', '1,1,-1', 'row 1 is no trade'],
  ])('fails for %s holding "%s"', (path, content, message) => {
    expect(() => readTradeFile(zip(path, { 'x.csv': content }), undefined)).toThrow(message);
  });

  it('fails for what is no zip of one file', () => {
    expect(() => readTradeFile(text('ibm/20131007_trade.zip', 'PK?'), undefined)).toThrow('not a readable zip');
    expect(() => readTradeFile(zip('ibm/20131007_trade.zip', { a: rows, b: rows }), undefined)).toThrow('holds 2 files');
  });
});

describe('a file of readings', () => {
  const logger =
    'Time Period,start\nSensors:,\nLocation:,\nInterval time,5\ntime,DHT-RH,DHT-T,\n2020/6/29 17:31,50.7,nan,0\n\n2020/6/29 17:32,,29.5,0\n';

  it('is recognised as a SensorNetwork log, in Tokyo time unless told', () => {
    const file = readReadingFile(text('logs/home 1.csv', logger), {});
    expect(file).toMatchObject({ device: 'home_1', identity, zone: 'Asia/Tokyo', isZoneKnown: true });
    expect(file.rows).toEqual([
      { eventMs: Date.parse('2020-06-29T17:31:00+09:00'), temperature: null, humidity: 50.7 },
      { eventMs: Date.parse('2020-06-29T17:32:00+09:00'), temperature: 29.5, humidity: null },
    ]);
    expect(readReadingFile(text('x.csv', logger), { zone: 'UTC' }).rows[0]!.eventMs).toBe(Date.parse('2020-06-29T17:31:00Z'));
  });

  it('is recognised as timestamp and value, in UTC unless told', () => {
    const file = readReadingFile(text('readings.csv', 'timestamp,value\n2013-12-02 21:15:00,73.96732207\n'), { device: 'machine' });
    expect(file).toMatchObject({ device: 'machine', zone: 'UTC', isZoneKnown: false });
    expect(file.rows).toEqual([{ eventMs: Date.parse('2013-12-02T21:15:00Z'), temperature: 73.96732207 }]);
  });

  it('has any other form by named columns', () => {
    const columns = { time: 'at', temperature: 'T, outside', humidity: 'RH' };
    const file = readReadingFile(text('x.csv', 'RH,"T, outside",at\n40,-1.5e1,1386018900\n'), { columns });
    expect(file.rows).toEqual([{ eventMs: 1_386_018_900_000, temperature: -15, humidity: 40 }]);
  });

  it.each([
    ['a,b\n1,2', {}, 'unknown form of file; name its columns: --columns'],
    ['', {}, 'unknown form of file'],
    ['timestamp,value\n', {}, 'has no readings'],
    ['timestamp,value\n2013-12-02 21:15:00,1\nyesterday,2', {}, 'line 3: timestamp "yesterday" is no time'],
    ['timestamp,value\n2013-12-02 21:15:00,hot', {}, 'line 2: value "hot" is no number or nan'],
    ['timestamp,value\n2013-12-02 21:15:00,1e999', {}, 'line 2: value "1e999" is no number'],
    ['a,b\n1,2', { columns: { time: 'a', temperature: 'c' } }, 'has no column "c"; its columns are a, b'],
    ['a,b\n1,"2', { columns: { time: 'a', temperature: 'b' } }, 'line 2: the field at character 3'],
  ])('fails for "%s"', (content, options, message) => {
    expect(() => readReadingFile(text('x.csv', content), options)).toThrow(message);
  });

  it('fails for bytes that are no text, and a name that gives no device', () => {
    expect(() => readReadingFile({ path: 'x.csv', bytes: new Uint8Array([0xff]), identity }, {})).toThrow('not UTF-8 text');
    expect(() => readReadingFile(text('', 'timestamp,value\n1386018900,1'), {})).toThrow('--device names one');
  });
});

describe('an input file', () => {
  it('fails in one line when it is missing', async () => {
    await expect(readInputFile('no/such.csv')).rejects.toThrow('no such file: no/such.csv');
  });
});
