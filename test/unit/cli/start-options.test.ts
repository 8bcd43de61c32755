import { describe, expect, it } from 'vitest';
import { HELP, parseOptions } from '../../../cli/start/options.ts';

describe('the command line of start', () => {
  it('has a default for everything', () => {
    expect(parseOptions([])).toEqual({ port: 8080, dataFolder: '.tidemark', seed: 1, sensorCount: 20, simulate: true });
  });

  it('takes every option', () => {
    const all = parseOptions(['--port', '0', '--data', 'x/y', '--seed', '4294967295', '--sensors=1000']);
    expect(all).toEqual({ port: 0, dataFolder: 'x/y', seed: 4_294_967_295, sensorCount: 1000, simulate: true });
    expect(parseOptions(['--memory', '--no-sim', '--port', '65535'])).toMatchObject({ dataFolder: null, simulate: false, port: 65_535 });
    expect(parseOptions(['--sensors', '0'])).toMatchObject({ sensorCount: 0, simulate: true });
  });

  it('asks for help, which names every option', () => {
    expect(parseOptions(['--help'])).toBe('help');
    for (const option of ['port', 'data', 'memory', 'seed', 'sensors', 'no-sim', 'help']) expect(HELP).toContain(`--${option} `);
  });

  it.each([
    [['--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536"'],
    [['--port', 'web'], 'not "web"'],
    [['--port=-1'], 'not "-1"'],
    [['--port', '80.5'], 'not "80.5"'],
    [['--port', ''], 'not ""'],
    [['--sensors', '1001'], '--sensors must be a whole number from 0 to 1000, not "1001"'],
    [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295'],
    [['--data', ''], '--data must be the name of a folder'],
    [['--data', 'x', '--memory'], '--data and --memory exclude each other'],
    [['--no-sim', '--sensors', '3'], '--sensors and --no-sim exclude each other'],
    [['--colour'], "Unknown option '--colour'"],
    [['now'], "Unexpected argument 'now'"],
    [['--port'], "'--port <value>' argument missing"],
  ])('fails on %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
