/** A key as it stands, as the API gives it and as pages hear it. */
import type { SensorDay, TradeDay } from './days.ts';
import type { KeyState } from './key-state.ts';
import { type Row, sensorRow, symbolRow } from './rows.ts';
import { profileNameOf, type Settings, zoneOf } from './settings.ts';

/** `day` is the newest event day of the same key; null before its first window. */
export function latestRow(state: KeyState, day: TradeDay | SensorDay | null, settings: Settings): Row {
  if (state.source === 'trades') return symbolRow(state, day as TradeDay | null);
  const { name } = state;
  return sensorRow(state, day as SensorDay | null, { profile: profileNameOf(name, settings), zone: zoneOf('readings', name, settings) });
}
