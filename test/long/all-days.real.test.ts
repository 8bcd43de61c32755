/**
 * Three trading days of two symbols and all sensor logs, 84 days in all, on event time with their hourly batches: `LONG=1 npm run vitest -- run
 * test/long`. It takes minutes, 79 days of machine temperature the most of them; the time of each is printed.
 */
import { describe, expect, it } from 'vitest';
import type { Recording } from '../../cli/replay/run.ts';
import {
  BIKE,
  MACHINE,
  type OracleReading,
  oracleLoggerReadings,
  oracleMachineReadings,
  oracleTrades,
  TOYONAKAI,
  TRADE_FILES,
} from '../oracles/data.ts';
import { totalsOf } from '../oracles/trades-recount.ts';
import { DayWatch, queryAthena, recordingOf, replayForTest, type SeenDay, whileWatching } from '../support/event-replay.ts';
import { readApi } from '../support/runtime.ts';

const HOUR_MS = 3_600_000;
const figuresOf = (low: unknown, high: unknown) => `${Number(low)} ${Number(high)}`;
const published = { layer: 'batch', revision: 1 };

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 24 * HOUR_MS).toISOString().slice(0, 10);
}

interface Source {
  readonly keys: readonly string[];
  /** Routes of the days of a key. */
  readonly collection: 'symbols' | 'sensors';
  readonly view: string;
  readonly columns: { readonly key: string; readonly count: string; readonly low: string; readonly high: string };
  readonly final: readonly SeenDay[];
}

const TRADES: Source = {
  keys: ['IBM', 'AIG'],
  collection: 'symbols',
  view: 'daily_trade_stats',
  columns: { key: 'symbol', count: 'trade_count', low: 'min_price', high: 'max_price' },
  final: [...Map.groupBy(TRADE_FILES.flatMap(oracleTrades), ({ symbol, day }) => `${symbol} ${day}`)].map(([name, trades]) => {
    const [key, day] = name.split(' ') as [string, string];
    const { trade_count: count, min_price, max_price } = totalsOf(trades);
    return { key, day, ...published, count, figures: figuresOf(min_price, max_price) };
  }),
};

/** Days of trusted readings, on a clock so many hours ahead of UTC. */
function daysOf(key: string, readings: readonly OracleReading[], hoursAhead: number): SeenDay[] {
  const days = Map.groupBy(readings, ({ eventMs }) => new Date(eventMs + hoursAhead * HOUR_MS).toISOString().slice(0, 10));
  return [...days].map(([day, ofDay]) => {
    const values = ofDay.map(({ temperatureC }) => temperatureC);
    return { key, day, ...published, count: values.length, figures: figuresOf(Math.min(...values), Math.max(...values)) };
  });
}

const READINGS: Source = {
  keys: ['machine', 'toyonakai', 'bike'],
  collection: 'sensors',
  view: 'daily_sensor_stats',
  columns: { key: 'sensor_id', count: 'reading_count', low: 'temperature_c_min', high: 'temperature_c_max' },
  final: [
    ...daysOf('machine', oracleMachineReadings(MACHINE), 0),
    ...daysOf(
      'toyonakai',
      oracleLoggerReadings(TOYONAKAI).filter(({ humidityPct }) => humidityPct <= 100),
      9,
    ),
    ...daysOf(
      'bike',
      oracleLoggerReadings(BIKE).filter(({ temperatureC }) => !Number.isNaN(temperatureC)),
      9,
    ),
  ],
};

async function replayed(sources: readonly Source[], recordings: readonly Recording[], pauseMs?: number): Promise<void> {
  const replay = await replayForTest(recordings);
  try {
    const seen = (row: Record<string, unknown>, { columns }: Source): SeenDay => ({
      key: String(row[columns.key]),
      day: String(row['day']),
      layer: String(row['layer']),
      revision: Number(row['revision']),
      count: Number(row[columns.count]),
      figures: figuresOf(row[columns.low], row[columns.high]),
    });
    const looks = sources.flatMap((source) => {
      const { collection, keys, columns, final } = source;
      const [api, sql] = [new DayWatch(source.final), new DayWatch(source.final)];
      const throughApi = async (): Promise<void> => {
        const known = await readApi<Record<string, unknown>[]>(replay.tidemark.url, collection);
        const names = keys.filter((key) => known.some((row) => row[columns.key] === key));
        const rows = await Promise.all(
          names.map((key) => {
            const days = final
              .filter((day) => day.key === key)
              .map(({ day }) => day)
              .sort();
            const range = `from=${days[0]}&to=${dayAfter(days.at(-1)!)}`;
            return readApi<Record<string, unknown>[]>(replay.tidemark.url, `${collection}/${key}/daily?${range}`);
          }),
        );
        api.look(rows.flat().map((row) => seen(row, source)));
      };
      const throughSql = async (): Promise<void> => {
        const names = ['day', 'layer', 'revision', ...Object.values(columns)].join(', ');
        sql.look((await queryAthena(replay, `select ${names} from ${source.view}`)).map((row) => seen(row, source)));
      };
      return [
        { watch: api, look: throughApi },
        { watch: sql, look: throughSql },
      ];
    });
    const summary = await whileWatching(
      replay.run(),
      looks.map(({ look }) => look),
      pauseMs,
    );
    for (const { look } of looks) await look();
    const rows = recordings.reduce((sum, recording) => sum + recording.rows, 0);
    console.log(
      `${rows} rows, ${summary.days.length} days on event time in ${summary.seconds} s, looked at ${looks.map(({ watch }) => watch.looks)} times`,
    );
    expect(summary).toMatchObject({ received: rows, applied: rows, duplicate: 0, late: 0, quarantined: {} });
    expect(summary.days.filter(({ revision }) => revision === null)).toEqual([]);
    for (const { watch } of looks) expect([...watch.problems]).toEqual([]);
    expect(looks.map(({ watch }) => watch.layers)).toEqual(
      sources.flatMap(({ final }) => [{ batch: final.length }, { batch: final.length }]),
    );
  } finally {
    await replay.close();
  }
}

describe('all recorded data on event time, looked at all the while through API and SQL', () => {
  it('three trading days of two symbols', async () => {
    await replayed([TRADES], [await recordingOf(['trades', ...TRADE_FILES])]);
  });

  it('the same with all sensor logs', { timeout: 3_600_000 }, async () => {
    const recordings = [
      await recordingOf(['trades', ...TRADE_FILES]),
      await recordingOf(['readings', MACHINE, '--device', 'machine', '--profile', 'industrial']),
      await recordingOf(['readings', TOYONAKAI, '--device', 'toyonakai']),
      await recordingOf(['readings', BIKE, '--device', 'bike']),
    ];
    // The views read every raw file: looked at without a pause, the replay would stand still most of the time.
    await replayed([TRADES, READINGS], recordings, 20_000);
  });
});
