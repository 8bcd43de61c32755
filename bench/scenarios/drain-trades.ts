import { measureDrain } from '../drain.ts';
import { hourBefore, SYMBOLS, TRADES_A_RECORD, tradeEntries } from '../input.ts';
import { type Scenario, scaled } from '../scenario.ts';

const TRADES = 1_000_000;

export const drainTrades: Scenario = {
  id: 'drain-trades',
  part: 'a',
  title: `Drain of preloaded trades, ${TRADES_A_RECORD} a record, ${SYMBOLS} symbols, through speed and archive`,
  run(conditions) {
    const events = scaled(TRADES, conditions.scale, TRADES_A_RECORD);
    const entries = () => tradeEntries(conditions.seed, events, hourBefore(Date.now()));
    return measureDrain({ source: 'trades', withArchive: true, events, entries }, conditions);
  },
};
