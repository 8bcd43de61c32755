/** MQTT topics of what is pushed to pages: `live/<kind>/<key>`. */

export type LiveKind = 'symbols' | 'sensors' | 'alarms';

export const LIVE_KINDS: readonly LiveKind[] = ['symbols', 'sensors', 'alarms'];

/**
 * The topic of a key. A topic level holds no `/`, `+`, `#`, which symbols and ids of alarms may: the key is written as
 * `encodeURIComponent` writes it, `FX:EUR/USD` → `live/symbols/FX%3AEUR%2FUSD`. The page uses the same function of the language.
 */
export function liveTopic(kind: LiveKind, key: string): string {
  return `live/${kind}/${encodeURIComponent(key)}`;
}
