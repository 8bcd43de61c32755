import { describe, expect, it } from 'vitest';
import { type InputFile, readInputFile } from '../../../cli/replay/file-identity.ts';
import { readReadingFile } from '../../../cli/replay/reading-file.ts';
import { readTradeFile } from '../../../cli/replay/trade-file.ts';
import { BIKE, MACHINE, oracleLoggerReadings, oracleTrades, TOYONAKAI, TRADE_FILES } from '../../oracles/data.ts';

const identities = (files: readonly InputFile[]) => new Set(files.map(({ identity }) => identity));

describe('the recorded trades', () => {
  it('are read whole: 205,417 rows with symbol, time, price and size of an independent reading', async () => {
    const inputs = await Promise.all(TRADE_FILES.map(readInputFile));
    expect(identities(inputs).size).toBe(TRADE_FILES.length);
    let rows = 0;
    for (const input of inputs) {
      const { symbol, trades } = readTradeFile(input, undefined);
      const expected = oracleTrades(input.path);
      rows += trades.length;
      expect(trades).toHaveLength(expected.length);
      const differing = trades.findIndex((trade, index) => {
        const row = expected[index]!;
        const isEqual = symbol === row.symbol && trade.t === row.eventMs && BigInt(Math.round(trade.p * 10_000)) === row.price;
        return !isEqual || BigInt(trade.v) !== row.size;
      });
      expect(differing).toBe(-1);
    }
    expect(rows).toBe(205_417);
  });
});

describe('the recorded readings', () => {
  const read = async (path: string) => readReadingFile(await readInputFile(path), {});

  it.each([
    ['toyonakai', TOYONAKAI, 707, 0],
    ['bike', BIKE, 415, 249],
  ])('of %s are read whole', async (_name, path, count, missing) => {
    const { rows } = await read(path);
    expect(rows).toHaveLength(count);
    expect(rows.filter(({ temperature, humidity }) => temperature === null || humidity === null)).toHaveLength(missing);
    const expected = oracleLoggerReadings(path).map(({ eventMs, temperatureC, humidityPct }) => ({
      eventMs,
      temperature: Number.isNaN(temperatureC) ? null : temperatureC,
      humidity: Number.isNaN(humidityPct) ? null : humidityPct,
    }));
    expect(rows).toEqual(expected);
  });

  it('of toyonakai contain the four shifted frames as they are', async () => {
    const { rows } = await read(TOYONAKAI);
    expect(rows.filter(({ humidity }) => humidity !== undefined && humidity !== null && humidity > 3276)).toHaveLength(4);
  });

  it('of the machine are read whole: 22,695, five minutes apart but for its clock change', async () => {
    const { rows, zone, device } = await read(MACHINE);
    expect(rows).toHaveLength(22_695);
    expect([zone, device]).toEqual(['UTC', 'readings']);
    expect(rows.every((row) => row.temperature !== null && row.humidity === undefined)).toBe(true);
    const steps = rows.slice(1).map((row, index) => (row.eventMs - rows[index]!.eventMs) / 1000);
    expect(steps.filter((step) => step < 0)).toEqual([-3300]);
    expect(rows[0]).toEqual({ eventMs: Date.UTC(2013, 11, 2, 21, 15), temperature: 73.96732207 });
  });
});
