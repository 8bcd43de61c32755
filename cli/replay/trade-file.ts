/** Trade ticks as QuantConnect's Lean stores them: `<symbol>/YYYYMMDD_trade.zip`, one headerless CSV inside. */
import { basename, dirname, resolve } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { dayInterval } from '#domain/calendar.ts';
import { SYMBOL } from '#domain/names.ts';
import type { WireTrade } from '../../feed/trade-encoder.ts';
import { explained, UserError } from '../shared/user-error.ts';
import { linesOf } from './csv.ts';
import type { InputFile } from './file-identity.ts';

export interface TradeFile {
  readonly path: string;
  readonly symbol: string;
  /** Session of the trades. */
  readonly identity: string;
  /** In file order; a trade's number is its index. */
  readonly trades: readonly WireTrade[];
}

const NAME = /^(\d{4})(\d{2})(\d{2})_trade\.zip$/i;
const ZONE = 'America/New_York';
/** Prices are written as whole numbers of this part of a dollar. */
const PRICE_UNITS = 10_000;

/**
 * Reads a file: day from its name, symbol from its folder (upper case) unless given. Exchange, sale condition and the
 * suspicious flag are not carried: every row is a trade. Throws UserError, naming file and row, for anything else.
 */
export function readTradeFile(file: InputFile, symbolOption: string | undefined): TradeFile {
  const { path, bytes, identity } = file;
  const name = NAME.exec(basename(path));
  if (!name) throw new UserError(`${path}: unknown form of file; trades are read from Lean zips named YYYYMMDD_trade.zip`);
  const day = `${name[1]}-${name[2]}-${name[3]}`;
  if (Number.isNaN(Date.parse(day))) throw new UserError(`${path}: ${day} in its name is no day`);
  const symbol = symbolOption ?? basename(dirname(resolve(path))).toUpperCase();
  if (!SYMBOL.test(symbol)) throw new UserError(`${path}: "${symbol}" is no symbol (${SYMBOL.source}); --symbol names one`);
  const { startMs, endMs } = dayInterval(ZONE, day);
  const lines = linesOf(csvOf(path, bytes));
  const trades: WireTrade[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const [sinceMidnight, price, size] = line.split(',').map((field) => (field === '' ? Number.NaN : Number(field)));
    const t = startMs + sinceMidnight!;
    const inDay = Number.isInteger(sinceMidnight) && t >= startMs && t < endMs;
    if (!inDay || !Number.isFinite(price) || !(size! >= 0 && size! < Infinity)) {
      throw new UserError(`${path}: row ${index + 1} is no trade (ms since midnight, price x ${PRICE_UNITS}, size): ${line.slice(0, 80)}`);
    }
    trades.push({ s: symbol, p: price! / PRICE_UNITS, t, v: size! });
  }
  if (trades.length === 0) throw new UserError(`${path}: has no trades`);
  return { path, symbol, identity, trades };
}

function csvOf(path: string, bytes: Uint8Array): string {
  const entries = Object.entries(explained(`${path}: not a readable zip`, () => unzipSync(bytes)));
  const [entry] = entries;
  if (!entry || entries.length > 1) throw new UserError(`${path}: holds ${entries.length} files, a Lean zip holds one CSV`);
  return strFromU8(entry[1]);
}
