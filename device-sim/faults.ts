/** What goes wrong with real sensors, devices and networks, and how often a simulated one lets it happen. */

/** Each with the chance that it begins at a reading. What a person reads about each is in FAULT_HELP. */
export const FAULTS = [
  'bit-shift',
  'nan',
  'sentinel',
  'stuck',
  'spike',
  'clock-1970',
  'clock-2100',
  'stale',
  'drop-out',
  'offline',
  'out-of-order',
  'duplicate',
  'reboot',
  'bootless-reboot',
  'nan-token',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Chance per reading, 0 to 1. */
export type FaultRates = Readonly<Record<Fault, number>>;

export const FAULT_HELP: Readonly<Record<Fault, string>> = {
  'bit-shift': 'a frame read one bit late: about 3300 % and half the temperature',
  nan: 'no value: "nan" or null',
  sentinel: 'a value that stands for a failed read, like -999 or 1 °C and 1 %',
  stuck: 'the same values for 5 to 20 readings',
  spike: 'one value far off, half of them beyond what the sensor can measure',
  'clock-1970': 'a clock that was never set',
  'clock-2100': 'a clock far ahead',
  stale: 'a reading two hours old: later than the lateness allows',
  'drop-out': 'a number without its reading: it was lost',
  offline: '4 to 20 readings kept and sent later as one list',
  'out-of-order': 'a reading sent after the next one',
  duplicate: 'a message sent twice',
  reboot: 'numbers begin again at 0 under a new boot name',
  'bootless-reboot': 'numbers begin again at 0, and readings carry no boot from then on',
  'nan-token': 'a bare NaN in the message, which is broken JSON: nothing in it can be read',
};

/** About what the recorded sensors show, and a little of what they do not. */
export const DEFAULT_RATES: FaultRates = {
  'bit-shift': 0.005,
  nan: 0.01,
  sentinel: 0.002,
  stuck: 0.001,
  spike: 0.002,
  'clock-1970': 0.001,
  'clock-2100': 0.001,
  stale: 0.001,
  'drop-out': 0.01,
  offline: 0.002,
  'out-of-order': 0.005,
  duplicate: 0.01,
  reboot: 0.001,
  'bootless-reboot': 0.0005,
  'nan-token': 0.001,
};

/** Every fault at one rate. */
export function allFaults(rate: number): FaultRates {
  return Object.fromEntries(FAULTS.map((fault) => [fault, rate])) as Record<Fault, number>;
}

/** @throws RangeError when a rate is no number from 0 to 1 */
export function checkRates(rates: FaultRates): void {
  for (const fault of FAULTS) {
    if (!(rates[fault] >= 0 && rates[fault] <= 1)) throw new RangeError(`the rate of ${fault} is 0 to 1, not ${rates[fault]}`);
  }
}
