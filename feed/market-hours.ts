/** When trades are to be expected at all: silence at other times is no outage. */
import { dayInterval, eventDay, shiftDay } from '#domain/calendar.ts';
import { tradingDay } from './us-holidays.ts';

const ZONE = 'America/New_York';
const HOUR_MS = 3_600_000;
/** Time of day in New York, pre-market and post-market included; a half-day ends three hours earlier, as its main session does. */
const OPENS_MS = 4 * HOUR_MS;
const CLOSES_MS = 20 * HOUR_MS;
const HALF_DAY_CLOSES_MS = 17 * HOUR_MS;

/**
 * The first moment at or after `fromMs` (ms since the epoch) at which one of the symbols trades. US shares trade from 4:00 to 20:00
 * in New York (17:00 on half-days) on the exchanges' trading days; symbols of another venue (`BINANCE:BTCUSDT`) never sleep.
 */
export function firstOpenMs(symbols: readonly string[], fromMs: number): number {
  if (symbols.some((symbol) => symbol.includes(':'))) return fromMs;
  for (let day = eventDay(ZONE, fromMs); ; day = shiftDay(day, 1)) {
    const kind = tradingDay(day);
    if (kind === 'closed') continue;
    // Clocks change on Sundays: a trading day has 24 hours.
    const { startMs } = dayInterval(ZONE, day);
    if (fromMs < startMs + (kind === 'half' ? HALF_DAY_CLOSES_MS : CLOSES_MS)) return Math.max(fromMs, startMs + OPENS_MS);
  }
}
