import { describe, expect, it } from 'vitest';
import { allFaults, FAULTS, type Fault } from '../../../device-sim/faults.ts';
import { expectTransitions, runDevice, START_MS } from './through-pipeline.ts';

const COUNT = 400;
const only = (fault: Fault, rate = 0.1) => ({ ...allFaults(0), [fault]: rate });

interface PublishedReading {
  readonly timestamp: number;
  readonly temperature: unknown;
  readonly humidity: number;
  readonly seq: number;
  readonly boot?: string;
}

function readingsOf(messages: readonly string[]): PublishedReading[] {
  const readable = messages.filter((message) => !message.includes('NaN'));
  return readable.map((message) => JSON.parse(message)).flatMap((value) => value.readings ?? [value]);
}

describe('A device without faults', () => {
  it('publishes every reading once, numbered from 0, all of it trusted and applied', () => {
    const { ledger, counters, messages } = runDevice(allFaults(0), 1, COUNT);
    expect(readingsOf(messages).map(({ seq, timestamp, boot }) => [seq, timestamp, boot])).toEqual(
      Array.from({ length: COUNT }, (_, index) => [index, START_MS + index * 2000, 'b']),
    );
    expect(ledger.faults).toEqual({});
    expect(counters).toEqual({ received: COUNT, applied: COUNT, duplicate: 0, late: {}, quarantined: {}, quality: { OK: COUNT } });
    expect(ledger.counters).toEqual(counters);
  });
});

/** What the pipeline must have done with one fault alone, besides agreeing with the ledger. */
const HANDLED: Readonly<Record<Fault, (run: ReturnType<typeof runDevice>, happened: number) => void>> = {
  'bit-shift': ({ counters, messages }, happened) => {
    expect(counters.quality).toEqual({ OK: COUNT - happened, BIT_SHIFT: happened });
    const shifted = readingsOf(messages).filter(({ humidity }) => humidity > 3000);
    expect(shifted).toHaveLength(happened);
    // The temperature of such a frame is plausible by itself.
    expect(shifted.some(({ temperature }) => Number(temperature) > 5 && Number(temperature) < 20)).toBe(true);
  },
  nan: ({ counters }, happened) => expect(counters.quality).toEqual({ OK: COUNT - happened, NAN: happened }),
  sentinel: ({ counters }, happened) => expect(counters.quality).toEqual({ OK: COUNT - happened, SENTINEL: happened }),
  stuck: ({ counters, messages }) => {
    expect(counters).toMatchObject({ applied: COUNT, duplicate: 0, quality: { OK: COUNT } });
    const values = readingsOf(messages).map(({ temperature, humidity }) => `${temperature} ${humidity}`);
    expect(values.filter((value, index) => value === values[index - 1]).length).toBeGreaterThan(100);
  },
  spike: ({ counters, transitions }) => {
    expect(counters.quality['RANGE']).toBeGreaterThan(5);
    expect(transitions.filter(({ severity }) => severity === 'CRITICAL').length).toBeGreaterThan(5);
  },
  'clock-1970': ({ counters }, happened) =>
    expect(counters).toMatchObject({ applied: COUNT - happened, quarantined: { CLOCK_EPOCH: happened } }),
  'clock-2100': ({ counters }, happened) =>
    expect(counters).toMatchObject({ applied: COUNT - happened, quarantined: { CLOCK_FUTURE: happened } }),
  stale: ({ counters }, happened) => expect(counters).toMatchObject({ applied: COUNT - happened, late: { LATENESS: happened } }),
  'drop-out': ({ counters, messages }, happened) => {
    expect(counters).toMatchObject({ received: COUNT - happened, applied: COUNT - happened });
    expect(readingsOf(messages).at(-1)?.seq).toBe(COUNT - 1);
  },
  offline: ({ counters, messages }, happened) => {
    expect(counters.applied).toBe(COUNT);
    const bursts = messages.map((message) => JSON.parse(message).readings?.length).filter((length) => length !== undefined);
    expect(bursts).toHaveLength(happened);
    expect(bursts.slice(0, -1).every((length) => length >= 4 && length <= 20)).toBe(true);
  },
  'out-of-order': ({ counters, messages }, happened) => {
    expect(counters).toMatchObject({ applied: COUNT, duplicate: 0 });
    const times = readingsOf(messages).map(({ timestamp }) => timestamp);
    // One that was held back at the very end has nothing to be overtaken by.
    expect([happened, happened - 1]).toContain(times.filter((time, index) => time < (times[index - 1] ?? 0)).length);
  },
  duplicate: ({ counters, messages }, happened) => {
    expect(counters).toMatchObject({ received: COUNT + happened, applied: COUNT, duplicate: happened });
    expect(new Set(messages).size).toBe(COUNT);
  },
  reboot: ({ counters, messages }, happened) => {
    expect(counters).toMatchObject({ applied: COUNT, duplicate: 0 });
    expect(new Set(readingsOf(messages).map(({ boot }) => boot)).size).toBe(happened + (readingsOf(messages)[0]?.boot === 'b' ? 1 : 0));
  },
  'bootless-reboot': ({ counters, messages }) => {
    expect(counters).toMatchObject({ applied: COUNT, duplicate: 0 });
    const bootless = readingsOf(messages).filter(({ boot }) => boot === undefined);
    expect(bootless.filter(({ seq }) => seq === 0).length).toBeGreaterThan(10);
  },
  'nan-token': ({ counters, messages }, happened) => {
    expect(counters).toMatchObject({ received: COUNT, applied: COUNT - happened, quarantined: { BAD_JSON: happened } });
    expect(messages.filter((message) => message.includes('"temperature":NaN,"humidity":NaN'))).toHaveLength(happened);
  },
};

describe('A device with one fault', () => {
  it.each(FAULTS)('%s: the pipeline does what the ledger says, and nothing else suffers', (fault) => {
    const run = runDevice(only(fault), 3, COUNT, true);
    const happened = run.ledger.faults[fault] ?? 0;
    expect(Object.keys(run.ledger.faults)).toEqual([fault]);
    expect(happened).toBeGreaterThan(fault === 'offline' ? 10 : 20);
    expect(run.counters).toEqual(run.ledger.counters);
    expectTransitions(run.transitions, run.ledger);
    HANDLED[fault](run, happened);
  });

  it('a bare NaN in what it kept offline: the whole list cannot be read, and is refused once', () => {
    const { counters, ledger, messages } = runDevice({ ...allFaults(0), offline: 0.1, 'nan-token': 0.02 }, 3, COUNT);
    const broken = messages.filter((message) => message.includes('NaN'));
    expect(broken.some((message) => message.startsWith('{"readings":['))).toBe(true);
    expect(counters.quarantined).toEqual({ BAD_JSON: broken.length });
    expect(counters).toEqual(ledger.counters);
  });

  it('stuck and without a boot: equal values at other times are other readings', () => {
    const { counters, ledger } = runDevice({ ...allFaults(0), stuck: 0.3, 'bootless-reboot': 0.02 }, 4, COUNT);
    expect(ledger.faults.stuck).toBeGreaterThan(200);
    expect(counters).toEqual({ received: COUNT, applied: COUNT, duplicate: 0, late: {}, quarantined: {}, quality: { OK: COUNT } });
  });

  it('without a boot and with messages sent twice: the second one is a duplicate', () => {
    const { counters, ledger } = runDevice({ ...allFaults(0), duplicate: 0.2, 'bootless-reboot': 0.02 }, 4, COUNT);
    expect(counters).toMatchObject({ applied: COUNT, duplicate: ledger.faults.duplicate });
  });

  it('keeps its other faults where they were when the rate of one changes', () => {
    const rates = { ...allFaults(0), nan: 0.1, duplicate: 0.1 };
    const nanTimes = (messages: readonly string[]) =>
      new Set(readingsOf(messages).flatMap(({ temperature, timestamp }) => (typeof temperature === 'number' ? [] : [timestamp])));
    const few = runDevice(rates, 5, COUNT);
    const many = runDevice({ ...rates, duplicate: 0.5, spike: 0.3 }, 5, COUNT);
    expect(nanTimes(many.messages)).toEqual(nanTimes(few.messages));
  });

  it('does the same for the same seed, and other things for another', () => {
    const { messages, ledger } = runDevice(allFaults(0.05), 8, COUNT);
    const again = runDevice(allFaults(0.05), 8, COUNT);
    expect([again.messages, again.ledger.toJSON()]).toEqual([messages, ledger.toJSON()]);
    expect(runDevice(allFaults(0.05), 9, COUNT).messages).not.toEqual(messages);
  });
});
