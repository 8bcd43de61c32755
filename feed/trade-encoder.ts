/** Trades as they were received → records of the stream `trades`. The delivery identity of a trade is fixed here, once. */
import { SYMBOL } from '#domain/names.ts';

/** One trade in the vendor's own names. */
export interface WireTrade {
  /** Symbol. */
  readonly s: string;
  /** Price, finite. */
  readonly p: number;
  /** Time of the trade, ms since the epoch. */
  readonly t: number;
  /** Units traded, 0 or more; 0 is a price update. */
  readonly v: number;
  /** Condition codes; null or absent when there are none. */
  readonly c?: readonly string[] | null | undefined;
}

export interface EncodedRecord {
  /** The symbol. */
  readonly partitionKey: string;
  /** UTF-8 JSON. */
  readonly data: Uint8Array;
  readonly tradeCount: number;
}

/** Most trades of a record. */
export const MAX_RECORD_TRADES = 500;
/** Most bytes of a record. */
export const MAX_RECORD_BYTES = 200_000;
const SESSION = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Numbers the trades of a symbol densely within its session, in the order they come in, and packs them. It never looks for
 * repeats: equal trades are separate executions.
 */
export class TradeEncoder {
  readonly #session: string;
  readonly #nextNumbers: Map<string, number>;

  /**
   * @param startNumbers the number of the first trade of a symbol, 0 where it is absent (a replay that starts further on)
   * @throws RangeError when the session is no name of 1 to 64 characters of `[A-Za-z0-9_-]`
   */
  constructor(session: string, startNumbers: ReadonlyMap<string, number> = new Map()) {
    if (!SESSION.test(session)) throw new RangeError(`session ${JSON.stringify(session)} does not match ${SESSION.source}`);
    this.#session = session;
    this.#nextNumbers = new Map(startNumbers);
  }

  /**
   * Records of these trades: each symbol's in the order given, symbols in the order of their first trade; a record holds at
   * most 500 trades and 200,000 bytes.
   * @param receivedAtMs when the first of them was received, ms since the epoch
   * @throws RangeError when a trade cannot be written as it is (bad symbol, a number that is not finite, larger than a
   * record); then none of them is numbered
   */
  encode(trades: readonly WireTrade[], receivedAtMs: number): EncodedRecord[] {
    const written = new Map<string, string[]>();
    for (const trade of trades) {
      const text = tradeText(trade);
      const ofSymbol = written.get(trade.s);
      if (ofSymbol) ofSymbol.push(text);
      else if (SYMBOL.test(trade.s)) written.set(trade.s, [text]);
      else throw new RangeError(`symbol ${JSON.stringify(trade.s)} does not match ${SYMBOL.source}`);
    }
    const numbers = new Map<string, number>();
    const records: EncodedRecord[] = [];
    for (const [symbol, texts] of written) {
      let n = this.#nextNumbers.get(symbol) ?? 0;
      for (const packed of packs(symbol, texts)) {
        records.push({ partitionKey: symbol, data: this.#record(symbol, n, receivedAtMs, packed), tradeCount: packed.length });
        n += packed.length;
      }
      numbers.set(symbol, n);
    }
    for (const [symbol, n] of numbers) this.#nextNumbers.set(symbol, n);
    return records;
  }

  #record(symbol: string, n: number, receivedAtMs: number, texts: readonly string[]): Uint8Array {
    const head = JSON.stringify({ v: 1, type: 'trades', session: this.#session, symbol, n, received_at: receivedAtMs });
    return Buffer.from(`${head.slice(0, -1)},"trades":[${texts.join(',')}]}`);
  }
}

/** More than the fields before the trades take: session and symbol have 64 characters each at most, the numbers 16 digits. */
const HEAD_BYTES = 512;

function tradeText({ s, p, t, v, c }: WireTrade): string {
  // JSON would write such a number as null, and the trade would be refused far from its cause.
  if (!Number.isFinite(p) || !Number.isFinite(t) || !Number.isFinite(v)) {
    throw new RangeError(`a trade of ${s} has a number that is not finite: p ${p}, t ${t}, v ${v}`);
  }
  return JSON.stringify(c === null || c === undefined ? { p, t, v } : { p, t, v, c });
}

/** Cuts the trades of a symbol, in order, into runs that fit a record. */
function packs(symbol: string, texts: readonly string[]): string[][] {
  const runs: string[][] = [];
  let run: string[] = [];
  let runBytes = HEAD_BYTES;
  for (const text of texts) {
    const bytes = Buffer.byteLength(text) + 1;
    if (HEAD_BYTES + bytes > MAX_RECORD_BYTES) {
      throw new RangeError(`a trade of ${symbol} takes ${bytes} bytes, at most ${MAX_RECORD_BYTES - HEAD_BYTES} fit a record`);
    }
    if (run.length === MAX_RECORD_TRADES || runBytes + bytes > MAX_RECORD_BYTES) {
      runs.push(run);
      run = [];
      runBytes = HEAD_BYTES;
    }
    run.push(text);
    runBytes += bytes;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
