/** Transitions of alarms, written as the speed layer writes them and read as the API does, against a plain list of them. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlarmReader } from '#adapters/alarm-reader.ts';
import { type AlarmRow, alarmRowOf } from '#domain/alerts.ts';
import { newKeyState } from '#domain/key-state.ts';
import type { AlarmOutput } from '#domain/outputs.ts';
import { seededRandom } from '../support/random.ts';
import { writerOn } from '../support/speed.ts';
import { startTables, type Tables } from '../support/tables.ts';

const START = Date.parse('2026-03-01T20:30:00Z');
const MINUTE = 60_000;
const SENSORS = ['cellar', 'hall', 'roof'];
const RULES = ['temperature-instant', 'temperature-average'] as const;
const stream = {
  send: async ({ input }: { input: { Records: unknown[] } }) => ({ Records: input.Records.map(() => ({})) }),
} as unknown as KinesisClient;

/** Commits of 1 to 40 transitions over some eight hours and a midnight, of both rules, several at the same instant. */
function commitsOf(sensor: string, random: () => number): AlarmOutput[][] {
  const revisions = { 'temperature-instant': 0, 'temperature-average': 0 };
  let atMs = START;
  return Array.from({ length: 25 }, () =>
    Array.from({ length: 1 + Math.floor(random() * (sensor === 'hall' ? 40 : 3)) }, (): AlarmOutput => {
      const rule = RULES[Math.floor(random() * 2)]!;
      const revision = ++revisions[rule];
      atMs += Math.floor(random() * 3) * MINUTE;
      const severity = (['NORMAL', 'HIGH', 'CRITICAL'] as const)[revision % 3]!;
      const alarm = { state: 'ACTIVE', severity, revision, sinceMs: atMs, changedMs: atMs, value: 31, threshold: 30 } as const;
      return { type: 'alarm', rule, previousSeverity: 'NORMAL', alarm };
    }),
  );
}

describe('the history of alarms', () => {
  let tables: Tables;
  let alarms: AlarmReader;
  const all: AlarmRow[] = [];
  beforeAll(async () => {
    tables = await startTables();
    alarms = new AlarmReader(tables.client, 'alarm');
    const writer = writerOn(tables.client, stream, () => START);
    const random = seededRandom(5);
    for (const sensor of SENSORS) {
      const state = newKeyState('readings', sensor);
      for (const outputs of commitsOf(sensor, random)) {
        await writer.emit([{ state, outputs }]);
        // As after a crash: what was emitted is emitted again.
        if (random() < 0.3) await writer.emit([{ state, outputs }]);
        all.push(...outputs.map((output) => alarmRowOf(sensor, output)));
      }
    }
  });
  afterAll(() => tables.close());

  it('takes fewer items than transitions, and none reaches over an hour', async () => {
    const items = (await tables.rows('alarm')).filter(({ record }) => record !== 'current');
    expect(items.length).toBeLessThan(all.length / 2);
    for (const { rows } of items)
      expect(new Set(JSON.parse(String(rows)).map((row: AlarmRow) => row.event_time.slice(0, 13))).size).toBe(1);
    expect(items.reduce((sum, { rows }) => sum + JSON.parse(String(rows)).length, 0)).toBe(all.length);
  });

  it('is read newest first, from any revision down and as far as asked', async () => {
    for (const alarmId of SENSORS.flatMap((sensor) => RULES.map((rule) => `${sensor}:${rule}`))) {
      const rows = all.filter(({ alarm_id }) => alarm_id === alarmId).reverse();
      for (const below of [1, 2, 7, rows.length, rows.length + 1, 10 ** 12]) {
        const expected = rows.filter(({ revision }) => revision < below);
        for (const limit of [1, 3, 1000]) expect(await alarms.history(alarmId, below, limit)).toEqual(expected.slice(0, limit));
      }
    }
  });

  it('of all alarms is read by event time, newest first, between any two places of a day', async () => {
    const at = ({ event_time, alarm_id, revision }: AlarmRow) => `${event_time}#${alarm_id}#${revision}`;
    for (const day of ['2026-03-01', '2026-03-02']) {
      const ofDay = all.filter(({ event_time }) => event_time.startsWith(day)).sort((a, b) => (at(a) > at(b) ? -1 : 1));
      expect(ofDay.length).toBeGreaterThan(50);
      const places = [ofDay[0]!, ofDay[20]!, ofDay[37]!, ofDay.at(-1)!].map(at);
      for (const to of [...places, `${day}T23:00:00.000Z`, `${day}T23:59:59.999Z~`])
        for (const from of [`${day}T00:00:00.000Z`, places[2]!, `${day}T22:30:00.000Z`])
          for (const limit of [1, 5, 1000]) {
            const expected = ofDay.filter((row) => at(row) >= from && at(row) <= to).slice(0, limit);
            expect((await alarms.transitions(day, from, to, limit)).map(({ row }) => row)).toEqual(expected);
          }
    }
  });
});
