/** The recorded input, read apart from the project's own parsers. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';

export const DATA = process.env['TIDEMARK_DATA']!;

export const TRADE_FILES = ['ibm', 'aig'].flatMap((symbol) =>
  ['20131007', '20131008', '20131009'].map((day) => join(DATA, 'trades-us-equities', symbol, `${day}_trade.zip`)),
);
export const TOYONAKAI = join(DATA, 'dht22', 'toyonakai-2020-06-28.csv');
export const BIKE = join(DATA, 'dht22', 'bike-2020-10-17.csv');
export const MACHINE = join(DATA, 'machine-temperature', 'readings.csv');

export interface OracleTrade {
  readonly symbol: string;
  readonly day: string;
  readonly row: number;
  readonly eventMs: number;
  /** Price in 1/10,000 USD. */
  readonly price: bigint;
  readonly size: bigint;
}

/** All rows of a zip of US ticks. New York was 4 hours behind UTC in October 2013. */
export function oracleTrades(file: string): OracleTrade[] {
  const symbol = basename(dirname(file)).toUpperCase();
  const stamp = basename(file).slice(0, 8);
  const day = `${stamp.slice(0, 4)}-${stamp.slice(4, 6)}-${stamp.slice(6)}`;
  const midnightMs = Date.parse(`${day}T00:00:00-04:00`);
  const [csv] = Object.values(unzipSync(readFileSync(file)));
  return strFromU8(csv!)
    .trim()
    .split('\n')
    .map((line, row) => {
      const [ms, price, size] = line.split(',');
      return { symbol, day, row, eventMs: midnightMs + Number(ms), price: BigInt(price!), size: BigInt(size!) };
    });
}

export interface OracleReading {
  readonly eventMs: number;
  readonly temperatureC: number;
  readonly humidityPct: number;
}

/** Rows of the SensorNetwork logger: Tokyo is 9 hours ahead of UTC all year. NaN where the log says `nan`. */
export function oracleLoggerReadings(file: string): OracleReading[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(5)
    .map((line) => {
      const cells = line.split(',');
      const [, year, month, day, hour, minute] = /^(\d+)\/(\d+)\/(\d+) (\d+):(\d+)$/.exec(cells[0]!)!.map(Number);
      return {
        eventMs: Date.UTC(year!, month! - 1, day!, hour! - 9, minute!),
        humidityPct: Number.parseFloat(cells[4]!),
        temperatureC: Number.parseFloat(cells[5]!),
      };
    });
}

/** Rows of the machine's log, its naive times taken as UTC; it measures no humidity. */
export function oracleMachineReadings(file: string): OracleReading[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [time, value] = line.split(',');
      return { eventMs: Date.parse(`${time!.replace(' ', 'T')}Z`), temperatureC: Number(value), humidityPct: Number.NaN };
    });
}
