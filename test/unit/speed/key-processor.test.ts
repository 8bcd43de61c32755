/** Which states are told to pages: those of keys that are done, as they stand in the table. */
import { describe, expect, it } from 'vitest';
import { type Commit, CommitConflict, type StoredKey } from '#adapters/state-store.ts';
import { stateKey } from '#domain/events.ts';
import { newKeyState } from '#domain/key-state.ts';
import { DEFAULT_SETTINGS, type SourceName } from '#domain/settings.ts';
import { deliveriesByName } from '../../../functions/speed/deliveries.ts';
import { KeyProcessor } from '../../../functions/speed/key-processor.ts';
import { ARRIVAL_MS, positionOf, readingsRecord } from '../../support/records.ts';

const reading = (device: string, seq: number, temperature: number) =>
  readingsRecord(device, { timestamp: ARRIVAL_MS + seq, temperature, humidity: 50, boot: 'b', seq }, { position: positionOf(seq + 1) });

/** A processor over tables that answer each commit and each emission as told, by the key's name. */
function processor(commit: (name: string) => unknown, emit: (name: string) => void = () => {}) {
  const store = {
    load: async (source: SourceName, names: readonly string[]) =>
      names.map((name) => ({
        key: stateKey(source, name),
        state: newKeyState(source, name),
        version: 0,
        outbox: [],
        timerAtMs: null,
      })),
    commitAll: async (commits: readonly Commit[]) =>
      commits.map(({ stored, outbox }) => {
        const error = commit(stored.state.name);
        if (!error) stored.outbox = [...outbox];
        return error;
      }),
  };
  const writer = {
    async emit(emissions: readonly { readonly state: StoredKey['state'] }[]) {
      for (const { state } of emissions) emit(state.name);
    },
  };
  return new KeyProcessor(store as never, writer as never, DEFAULT_SETTINGS);
}

const batchOf = (...devices: string[]) =>
  deliveriesByName(
    'readings',
    devices.map((device) => reading(device, 0, 36)),
    DEFAULT_SETTINGS,
  );

describe('states of a batch', () => {
  it('are those that were committed and emitted, and no others', async () => {
    const failing = (name: string) => {
      if (name === 'unheard') throw new Error('the stream is away');
    };
    const { states, failures } = await processor((name) => (name === 'lost' ? new Error('throttled') : null), failing).process(
      'readings',
      batchOf('attic', 'lost', 'unheard'),
    );
    expect([...failures.keys()].sort()).toEqual(['lost', 'unheard']);
    expect([...states].map(({ name }) => name)).toEqual(['attic']);
  });

  it('are read anew after a conflict: what was folded in vain is not among them, an earlier commit of it neither', async () => {
    const batch = deliveriesByName(
      'readings',
      Array.from({ length: 200 }, (_, seq) => reading('attic', seq, seq % 2 === 0 ? 36 : 20)),
      DEFAULT_SETTINGS,
    );
    const answers = [null, new CommitConflict('attic')];
    const { states, failures } = await processor(() => answers.shift() ?? null).process('readings', batch);
    expect([answers, failures.size]).toEqual([[], 0]);
    expect([...states].map(({ counters }) => counters.received)).toEqual([200]);
  });
});
