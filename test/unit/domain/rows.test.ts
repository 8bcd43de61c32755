import { describe, expect, it } from 'vitest';
import { foldDays, SENSOR_DAYS, TRADE_DAYS } from '#domain/days.ts';
import { newKeyState, type SensorState, type SymbolState } from '#domain/key-state.ts';
import {
  barRow,
  readingRow,
  sensorDayRow,
  sensorRow,
  settledTradeDayRow,
  symbolRow,
  tradeDayRow,
  tradeRow,
  windowRow,
} from '#domain/rows.ts';
import { addMeasurement, addTrade, newBarWindow, newReadingWindow } from '#domain/windows.ts';
import { trade } from '../../support/memory-speed.ts';

const START = Date.parse('2013-10-07T13:30:00Z');

function bar() {
  const window = newBarWindow(START);
  addTrade(window, trade('IBM', 0, START + 1, 10, 30));
  addTrade(window, trade('IBM', 1, START + 2, 12, 10));
  addTrade(window, trade('IBM', 2, START + 3, 11, 0.5));
  return { ...window, revision: 2, closed: true };
}

describe('rows of a symbol', () => {
  it('show a bar', () => {
    expect(barRow('IBM', bar(), 60_000)).toEqual({
      symbol: 'IBM',
      bar_start: '2013-10-07T13:30:00.000Z',
      bar_end: '2013-10-07T13:31:00.000Z',
      open_price: 10,
      high_price: 12,
      low_price: 10,
      close_price: 11,
      volume: 40.5,
      trade_count: 3,
      revision: 2,
      closed: true,
    });
  });

  it('show a day, without what only the batch knows', () => {
    const [day] = foldDays([bar()], 'America/New_York', TRADE_DAYS);
    expect(tradeDayRow('IBM', day!)).toEqual({
      day: '2013-10-07',
      symbol: 'IBM',
      trade_count: 3,
      volume: 40.5,
      min_price: 10,
      max_price: 12,
      open_price: 10,
      close_price: 11,
      vwap: (300 + 120 + 5.5) / 40.5,
      first_event_time: '2013-10-07T13:30:00.001Z',
      last_event_time: '2013-10-07T13:30:00.003Z',
      price_update_count: null,
      layer: 'speed',
      revision: 0,
    });
  });

  it('show a settled day, with the names and the order of the speed layer’s', () => {
    const [day] = foldDays([bar()], 'America/New_York', TRADE_DAYS);
    const speed = tradeDayRow('IBM', day!);
    const curated = { ...speed, symbol: 'IBM', first_event_ms: 5, price_update_count: 2 };
    const settled = settledTradeDayRow('IBM', '2013-10-07', curated, 3);
    expect(settled).toEqual({ ...speed, price_update_count: 2, layer: 'batch', revision: 3 });
    expect(Object.keys(settled)).toEqual(Object.keys(speed));
  });

  it('have no vwap without volume', () => {
    const [day] = foldDays([newBarWindow(START)], 'UTC', TRADE_DAYS);
    expect(tradeDayRow('IBM', day!)['vwap']).toBeNull();
  });

  it('add volumes so that small ones are not lost beside big ones', () => {
    const window = newBarWindow(START);
    [1e16, 1, 1, 1, 1].forEach((size, number) => {
      addTrade(window, trade('IBM', number, START, 1, size));
    });
    expect(barRow('IBM', window, 60_000)['volume']).toBe(1e16 + 4);
  });

  it('show a trade with its delta', () => {
    const recent = { eventMs: START, eventId: 's.IBM.000000000001', arrivalMs: START + 5, price: 10, size: 3 };
    expect(tradeRow('IBM', { ...recent, absolutePriceChange: -2, percentageChange: -20 })).toEqual({
      event_id: 's.IBM.000000000001',
      event_time: '2013-10-07T13:30:00.000Z',
      ingest_time: '2013-10-07T13:30:00.005Z',
      symbol: 'IBM',
      price: 10,
      size: 3,
      absolute_price_change: -2,
      percentage_change: -20,
    });
  });

  it('show a symbol: a price update is its newest value, and its delta looks at the trades before', () => {
    const state = newKeyState('trades', 'IBM') as SymbolState;
    const traded = { eventMs: START, eventId: 'a', arrivalMs: START + 9, price: 10, size: 3 };
    state.recent = [traded];
    state.latest = { ...traded, eventMs: START + 1, price: 11, size: 0 };
    const [day] = foldDays([bar()], 'America/New_York', TRADE_DAYS);
    expect(symbolRow(state, day!)).toEqual({
      symbol: 'IBM',
      event_time: '2013-10-07T13:30:00.001Z',
      ingest_time: '2013-10-07T13:30:00.009Z',
      price: 11,
      size: 0,
      absolute_price_change: 1,
      percentage_change: 10,
      day: {
        day: '2013-10-07',
        trade_count: 3,
        volume: 40.5,
        min_price: 10,
        max_price: 12,
        open_price: 10,
        close_price: 11,
        vwap: (300 + 120 + 5.5) / 40.5,
      },
      counters: { received: 0, applied: 0, duplicate: 0, late: {}, quarantined: {}, quality: {} },
    });
  });

  it('are null where nothing was applied yet', () => {
    expect(symbolRow(newKeyState('trades', 'IBM') as SymbolState, null)).toMatchObject({
      event_time: null,
      price: null,
      absolute_price_change: null,
      day: null,
    });
  });
});

describe('rows of a sensor', () => {
  const window = newReadingWindow(START);
  for (const value of [20, 21, 25]) addMeasurement(window.temperatureC, value);
  const nothing = { humidity_pct_mean: null, humidity_pct_min: null, humidity_pct_max: null };

  it('show a window, with nulls for what was not measured', () => {
    expect(windowRow('d', window, 300_000)).toEqual({
      sensor_id: 'd',
      window_start: '2013-10-07T13:30:00.000Z',
      window_end: '2013-10-07T13:35:00.000Z',
      reading_count: 3,
      temperature_c_mean: 22,
      temperature_c_min: 20,
      temperature_c_max: 25,
      ...nothing,
      revision: 0,
      closed: false,
    });
  });

  it('show a day, without what only the batch knows', () => {
    const [day] = foldDays([window], 'UTC', SENSOR_DAYS);
    expect(sensorDayRow('d', day!)).toEqual({
      day: '2013-10-07',
      sensor_id: 'd',
      reading_count: 3,
      temperature_c_mean: 22,
      temperature_c_min: 20,
      temperature_c_max: 25,
      ...nothing,
      ok_count: null,
      nan_count: null,
      range_count: null,
      sentinel_count: null,
      bit_shift_count: null,
      minutes_high: null,
      minutes_critical: null,
      interval_count: null,
      expected_interval_count: null,
      completeness: null,
      layer: 'speed',
      revision: 0,
    });
  });

  it('show a reading', () => {
    const recent = { eventMs: START, eventId: 'e', arrivalMs: START, temperatureC: null, humidityPct: 40, quality: 'NAN' };
    expect(readingRow('d', recent)).toEqual({
      event_id: 'e',
      event_time: '2013-10-07T13:30:00.000Z',
      ingest_time: '2013-10-07T13:30:00.000Z',
      sensor_id: 'd',
      temperature_c: null,
      humidity_pct: 40,
      quality: 'NAN',
    });
  });

  it.each([
    [['NORMAL', 'HIGH'], 'HIGH'],
    [['CRITICAL', 'HIGH'], 'CRITICAL'],
    [['NORMAL', 'NORMAL'], 'NORMAL'],
    [[], 'NORMAL'],
  ] as const)('show the worst of the alarms %j as %s', (severities, worst) => {
    const state = newKeyState('readings', 'd') as SensorState;
    severities.forEach((severity, index) => {
      const alarm = { state: 'ACTIVE', severity, revision: 1, sinceMs: 0, changedMs: 0, value: 0, threshold: 0 } as const;
      state.alarms[`rule-${index}`] = alarm;
    });
    expect(sensorRow(state, null, { profile: 'dht22', zone: 'Asia/Tokyo' })).toMatchObject({
      sensor_id: 'd',
      profile: 'dht22',
      zone: 'Asia/Tokyo',
      severity: worst,
      day: null,
      counters: { received: 0, claimed_device_id: 0 },
    });
  });
});
