/** The recorded sensors over real MQTT, rule, stream, speed and API, against recounts of the files and a model of the alarms. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIKE, MACHINE, type OracleReading, oracleLoggerReadings, oracleMachineReadings, TOYONAKAI } from '../oracles/data.ts';
import { alarmTransitions, closingMeans, windowTotals } from '../oracles/readings-recount.ts';
import { queryParquet, type RunningTidemark, startForTest } from '../support/runtime.ts';

interface WindowRow {
  readonly window_start: string;
  readonly reading_count: number;
  readonly temperature_c_mean: number | null;
  readonly temperature_c_min: number | null;
  readonly temperature_c_max: number | null;
}

interface HistoryRow {
  readonly event_time: string;
  readonly severity: string;
  readonly revision: number;
}

describe('real readings', () => {
  let running: RunningTidemark;
  beforeAll(async () => {
    running = await startForTest();
  });
  afterAll(() => running?.stop());

  async function expectWindows(sensor: string, range: string, readings: OracleReading[], trusted: (reading: OracleReading) => boolean) {
    const expected = windowTotals(readings, trusted);
    const windows = (await running.get<WindowRow[]>(`sensors/${sensor}/windows?${range}`)).filter(({ reading_count }) => reading_count > 0);
    expect(windows.map(({ window_start }) => Date.parse(window_start)).sort()).toEqual([...expected.keys()].sort());
    for (const window of windows) {
      const { temperature_c_mean: mean, ...exact } = expected.get(Date.parse(window.window_start))!;
      expect(window).toMatchObject(exact);
      expect(window.temperature_c_mean).toBeCloseTo(mean, 9);
    }
  }

  it('toyonakai: 707 applied, 4 bit-shifted frames whose half temperatures are in no average', async () => {
    expect(await running.replay('readings', TOYONAKAI, '--device', 'toyonakai')).toMatchObject({
      received: 707,
      applied: 707,
      duplicate: 0,
      late: 0,
      quarantined: {},
      quality: { OK: 703, BIT_SHIFT: 4 },
    });
    await expectWindows(
      'toyonakai',
      'from=2020-06-28&to=2020-07-01',
      oracleLoggerReadings(TOYONAKAI),
      ({ humidityPct }) => humidityPct <= 100,
    );
  });

  it('bike: 415 applied, 249 of them NaN', async () => {
    expect(await running.replay('readings', BIKE, '--device', 'bike')).toMatchObject({
      received: 415,
      applied: 415,
      duplicate: 0,
      late: 0,
      quarantined: {},
      quality: { OK: 166, NAN: 249 },
    });
    await expectWindows(
      'bike',
      'from=2020-10-17&to=2020-10-20',
      oracleLoggerReadings(BIKE),
      ({ temperatureC }) => !Number.isNaN(temperatureC),
    );
  });

  it('machine-temperature: 22,695 applied, 0 late, all windows, days and alarms as an independent model says', async () => {
    const readings = oracleMachineReadings(MACHINE);
    const summary = await running.replay('readings', MACHINE, '--device', 'machine', '--profile', 'industrial');
    expect(summary).toMatchObject({ received: 22_695, applied: 22_695, duplicate: 0, late: 0, quarantined: {}, quality: { OK: 22_695 } });
    await expectWindows('machine', 'from=2013-12-01&to=2014-03-01', readings, () => true);

    let newestMs = -Infinity;
    const heard = readings.flatMap(({ eventMs, temperatureC }) => {
      const moves = eventMs >= newestMs;
      newestMs = Math.max(newestMs, eventMs);
      return moves ? [{ atMs: eventMs, value: temperatureC }] : [];
    });
    for (const [rule, values] of [
      ['temperature-instant', heard],
      ['temperature-average', closingMeans(readings)],
    ] as const) {
      const history = await running.get<HistoryRow[]>(`alarms/machine:${rule}/history`);
      const transitions = history
        .sort((a, b) => a.revision - b.revision)
        .map(({ event_time, severity }) => ({ atMs: Date.parse(event_time), severity }));
      expect(transitions).toEqual(alarmTransitions(values, 80, 90, 1));
      expect(transitions.length).toBeGreaterThan(20);
    }
  }, 180_000);

  it('all bytes of the machine are in Parquet exactly once', async () => {
    const [row] = await queryParquet(
      `select count(*) as n, count(distinct event_id) as ids, count(distinct seq) as numbers from read_parquet('${running.folder}/s3/data/raw/readings/**/*.parquet') where sensor_id = 'machine'`,
    );
    expect(Object.values(row!).map(Number)).toEqual([22_695, 22_695, 22_695]);
  });

  it('replayed a second time are all duplicates and change nothing', async () => {
    const before = await running.get('sensors/toyonakai/windows?from=2020-06-28&to=2020-07-01');
    expect(await running.replay('readings', TOYONAKAI, '--device', 'toyonakai')).toMatchObject({
      received: 707,
      applied: 0,
      duplicate: 707,
    });
    expect(await running.get('sensors/toyonakai/windows?from=2020-06-28&to=2020-07-01')).toEqual(before);
  });
});
