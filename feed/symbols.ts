/** Lists of symbols as people write them. */
import { SYMBOL } from '#domain/names.ts';

/** What the vendor's free plan lets one connection subscribe to. */
export const MAX_SYMBOLS = 50;

/**
 * Symbols as the exchange writes them, separated by commas or blanks; each once, in their order.
 * @throws Error that names the first wrong symbol, or the number allowed (1 to 50)
 */
export function parseSymbols(text: string): string[] {
  const symbols = [...new Set(text.split(/[\s,]+/).filter((symbol) => symbol !== ''))];
  const wrong = symbols.find((symbol) => !SYMBOL.test(symbol));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is no symbol, it does not match ${SYMBOL.source}`);
  if (symbols.length === 0 || symbols.length > MAX_SYMBOLS) {
    throw new Error(`1 to ${MAX_SYMBOLS} symbols can be subscribed to, not ${symbols.length}`);
  }
  return symbols;
}
