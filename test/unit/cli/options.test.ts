import { describe, expect, it } from 'vitest';
import { HELP, parseOptions, type ReplayOptions } from '../../../cli/replay/options.ts';
import { UsageError } from '../../../cli/shared/user-error.ts';

const parse = (line: string) => parseOptions(line.split(' ')) as ReplayOptions;

describe('replay options', () => {
  it('have defaults: the running instance, full speed, numbered, a table', () => {
    expect(parse('trades a.zip b.zip')).toEqual({
      source: 'trades',
      files: ['a.zip', 'b.zip'],
      target: { kind: 'running' },
      speed: null,
      eventTime: null,
      json: false,
      symbol: undefined,
      columns: undefined,
      device: undefined,
      profile: undefined,
      zone: undefined,
      numbered: true,
    });
  });

  it('are read wherever they stand', () => {
    const options = parse(
      '--json readings --speed 0.5 a.csv --device d-1 --profile industrial --zone Asia/Tokyo --no-seq --columns time=at,temperature=t=C --standalone',
    );
    expect(options).toMatchObject({
      source: 'readings',
      files: ['a.csv'],
      target: { kind: 'standalone' },
      speed: 0.5,
      json: true,
      device: 'd-1',
      profile: 'industrial',
      zone: 'Asia/Tokyo',
      numbered: false,
      columns: { time: 'at', temperature: 't=C' },
    });
    expect(parse('trades a.zip --symbol OANDA:EUR_USD --url http://127.0.0.1:8080/x').target).toEqual({
      kind: 'url',
      url: 'http://127.0.0.1:8080',
    });
    expect(parse('readings a --columns humidity=RH,time=at,temperature=T').columns).toEqual({
      time: 'at',
      temperature: 'T',
      humidity: 'RH',
    });
  });

  it('may ask for event time', () => {
    expect(parse('trades a.zip --standalone --clock event').eventTime).toEqual({ seed: 1, meanDelayMs: 200, keepFolder: null });
    expect(parse('trades a.zip --standalone --clock event --seed 0 --delay 60000 --keep days').eventTime).toEqual({
      seed: 0,
      meanDelayMs: 60_000,
      keepFolder: 'days',
    });
    expect(parse('trades a.zip --clock real').eventTime).toBeNull();
  });

  it('ask for help, which names every option', () => {
    expect(parseOptions(['--help'])).toBe('help');
    for (const name of [
      'url',
      'standalone',
      'speed',
      'clock',
      'seed',
      'delay',
      'keep',
      'json',
      'symbol',
      'columns',
      'device',
      'profile',
      'zone',
      'no-seq',
    ]) {
      expect(HELP).toContain(`--${name}`);
    }
  });

  it.each([
    ['--json', 'say what to replay: trades or readings'],
    ['candles a', 'cannot replay "candles": trades or readings'],
    ['trades', 'name the files of trades'],
    ['trades a --speed 0', '--speed 0: allowed is a number above 0'],
    ['trades a --speed=-1', '--speed -1: allowed'],
    ['trades a --speed fast', '--speed fast: allowed'],
    ['trades a --speed Infinity', '--speed Infinity: allowed'],
    ['trades a --standalone --clock fast', '--clock fast: allowed is real or event'],
    ['trades a --clock event', '--clock event needs --standalone'],
    ['trades a --clock event --url http://127.0.0.1:1', '--clock event needs --standalone'],
    ['trades a --standalone --clock event --speed 2', '--speed and --clock event exclude each other'],
    ['trades a --standalone --seed 2', '--seed is for --clock event'],
    ['trades a --standalone --clock real --keep x', '--keep is for --clock event'],
    ['trades a --standalone --clock event --seed 4294967296', '--seed 4294967296: allowed is a whole number from 0 to 4294967295'],
    ['trades a --standalone --clock event --delay 60001', '--delay 60001: allowed is a whole number from 0 to 60000'],
    ['trades a --standalone --clock event --delay 0.5', '--delay 0.5: allowed'],
    ['trades a --standalone --clock event --keep=', '--keep must be the name of a folder'],
    ['trades a --no-seq', '--no-seq is for readings'],
    ['trades a --zone UTC', '--zone is for readings'],
    ['readings a --symbol IBM', '--symbol is for trades'],
    ['trades a --symbol I,BM', '--symbol I,BM: allowed is'],
    ['readings a --device a.b', '--device a.b: allowed is ^[A-Za-z0-9_-]{1,64}$'],
    ['readings a --zone Mars/Olympus', '--zone Mars/Olympus: allowed is an IANA zone'],
    ['readings a --columns time=at', '--columns time=at: allowed is time=NAME,temperature=NAME'],
    ['readings a --columns time=at,temperature=', '--columns'],
    ['readings a --columns time=a,time=b,temperature=c', '--columns'],
    ['readings a --columns time=a,temperature=b,pressure=c', '--columns'],
    ['readings a --url ftp://x', '--url ftp://x: allowed is an address'],
    ['readings a --url 8080', '--url 8080: allowed is an address'],
    ['readings a --standalone --url http://127.0.0.1:1', 'exclude each other'],
    ['readings a --sped 3', "'--sped'"],
  ])('fail with one line for "%s"', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    try {
      parse(line);
    } catch (error) {
      const { message: text, exitCode } = error as UsageError;
      expect(text).toContain(message);
      expect(text).not.toContain('\n');
      expect(exitCode).toBe(2);
    }
  });
});
