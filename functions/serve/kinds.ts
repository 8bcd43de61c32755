/** The two kinds of keys, symbols and sensors: what differs between them, so that their routes can be the same. */

import { type DayOf, daysOf } from '#adapters/newest-days.ts';
import type { KeyItem, StateOf } from '#adapters/state-reader.ts';
import type { DayFold } from '#domain/days.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import type { WindowOf } from '#domain/key-state.ts';
import { latestRow } from '#domain/latest-row.ts';
import { isSensorId, SYMBOL } from '#domain/names.ts';
import { barRow, type Row, sensorDayRow, settledSensorDayRow, settledTradeDayRow, tradeDayRow, windowRow } from '#domain/rows.ts';
import type { Settings, SourceName } from '#domain/settings.ts';
import type { States } from './ports.ts';
import { unknownKey } from './problem.ts';
import type { RowName } from './schemas.ts';

export interface Kind<S extends SourceName> {
  readonly source: S;
  readonly what: 'symbol' | 'sensor';
  readonly isName: (text: string) => boolean;
  readonly days: DayFold<WindowOf<S>, DayOf<S>>;
  /** Schemas of the rows, in this order: as it stands, window, day. */
  readonly rows: { readonly latest: RowName; readonly window: RowName; readonly day: RowName };
  readonly latestRow: (state: StateOf<S>, day: DayOf<S> | null, settings: Settings) => Row;
  readonly windowRow: (name: string, window: WindowOf<S>, windowMs: number) => Row;
  /** A day as the speed layer has it. */
  readonly dayRow: (name: string, day: DayOf<S>) => Row;
  /** A day as the batch has published it: its curated row. */
  readonly settledDayRow: (name: string, day: string, curated: Row, revision: number) => Row;
}

export const SYMBOLS: Kind<'trades'> = {
  source: 'trades',
  what: 'symbol',
  isName: (text) => SYMBOL.test(text),
  days: daysOf('trades'),
  rows: { latest: 'Symbol', window: 'Bar', day: 'TradeDay' },
  latestRow,
  windowRow: barRow,
  dayRow: tradeDayRow,
  settledDayRow: settledTradeDayRow,
};

export const SENSORS: Kind<'readings'> = {
  source: 'readings',
  what: 'sensor',
  isName: isSensorId,
  days: daysOf('readings'),
  rows: { latest: 'Sensor', window: 'Window', day: 'SensorDay' },
  latestRow,
  windowRow,
  dayRow: sensorDayRow,
  settledDayRow: settledSensorDayRow,
};

/** The key that a path names. Throws a problem when nothing is known of it. */
export async function keyNamed<S extends SourceName>(states: States, kind: Kind<S>, name: string): Promise<KeyItem<S>> {
  // What has no valid name of its own is counted under this one, which names no symbol and no sensor.
  const item = kind.isName(name) && name !== UNATTRIBUTED ? await states.get(kind.source, name) : null;
  if (item === null) throw unknownKey(kind.what, name);
  return item;
}
