import { measureDrain } from '../drain.ts';
import { hourBefore, SYMBOLS, TRADES_A_RECORD, tradeEntries } from '../input.ts';
import { type Scenario, scaled } from '../scenario.ts';

const TRADES = 1_000_000;

interface Kind {
  readonly id: string;
  readonly part: string;
  readonly aRecord: number;
  readonly withArchive: boolean;
}

function drain({ id, part, aRecord, withArchive }: Kind): Scenario {
  return {
    id,
    part,
    title: `Drain of preloaded trades, ${aRecord} a record, ${SYMBOLS} symbols, through speed ${withArchive ? 'and archive' : 'alone'}`,
    run(conditions) {
      const events = scaled(TRADES, conditions.scale, aRecord);
      const entries = () => tradeEntries(conditions.seed, events, hourBefore(Date.now()), aRecord);
      return measureDrain({ source: 'trades', withArchive, events, entries }, conditions);
    },
  };
}

export const drainTrades = drain({ id: 'drain-trades', part: 'a', aRecord: TRADES_A_RECORD, withArchive: true });
/** As the peers had them: a message a trade, and no raw files. */
export const drainSingleTrades = drain({ id: 'drain-single-trades', part: 'h', aRecord: 1, withArchive: false });
