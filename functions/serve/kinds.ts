/** The two kinds of keys, symbols and sensors: what differs between them, so that their routes can be the same. */

import type { KeyItem, StateOf } from '#adapters/state-reader.ts';
import { type DayFold, SENSOR_DAYS, type SensorDay, TRADE_DAYS, type TradeDay } from '#domain/days.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import type { WindowOf } from '#domain/key-state.ts';
import { isSensorId, SYMBOL } from '#domain/names.ts';
import { barRow, type Row, sensorDayRow, sensorRow, symbolRow, tradeDayRow, windowRow } from '#domain/rows.ts';
import { profileNameOf, type Settings, type SourceName, zoneOf } from '#domain/settings.ts';
import type { States } from './ports.ts';
import { unknownKey } from './problem.ts';
import type { RowName } from './schemas.ts';

export type DayOf<S extends SourceName> = S extends 'trades' ? TradeDay : SensorDay;

export interface Kind<S extends SourceName> {
  readonly source: S;
  readonly what: 'symbol' | 'sensor';
  readonly isName: (text: string) => boolean;
  readonly days: DayFold<WindowOf<S>, DayOf<S>>;
  /** Schemas of the rows, in this order: as it stands, window, day. */
  readonly rows: { readonly latest: RowName; readonly window: RowName; readonly day: RowName };
  readonly latestRow: (state: StateOf<S>, day: DayOf<S> | null, settings: Settings) => Row;
  readonly windowRow: (name: string, window: WindowOf<S>, windowMs: number) => Row;
  readonly dayRow: (name: string, day: DayOf<S>) => Row;
}

export const SYMBOLS: Kind<'trades'> = {
  source: 'trades',
  what: 'symbol',
  isName: (text) => SYMBOL.test(text),
  days: TRADE_DAYS,
  rows: { latest: 'Symbol', window: 'Bar', day: 'TradeDay' },
  latestRow: symbolRow,
  windowRow: barRow,
  dayRow: tradeDayRow,
};

export const SENSORS: Kind<'readings'> = {
  source: 'readings',
  what: 'sensor',
  isName: isSensorId,
  days: SENSOR_DAYS,
  rows: { latest: 'Sensor', window: 'Window', day: 'SensorDay' },
  latestRow: (state, day, settings) =>
    sensorRow(state, day, { profile: profileNameOf(state.name, settings), zone: zoneOf('readings', state.name, settings) }),
  windowRow,
  dayRow: sensorDayRow,
};

/** The key that a path names. Throws a problem when nothing is known of it. */
export async function keyNamed<S extends SourceName>(states: States, kind: Kind<S>, name: string): Promise<KeyItem<S>> {
  // What has no valid name of its own is counted under this one, which names no symbol and no sensor.
  const item = kind.isName(name) && name !== UNATTRIBUTED ? await states.get(kind.source, name) : null;
  if (item === null) throw unknownKey(kind.what, name);
  return item;
}
