/** The page of a sensor against a running Tidemark with recorded data in it: what is shown is what the API tells. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningTidemark, startForTest } from '../support/runtime.ts';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';

const SENSOR = 'toyonakai-2020-06-28';
const FILE = `${process.env['TIDEMARK_DATA']}/dht22/${SENSOR}.csv`;

interface Window {
  readonly reading_count: number;
  readonly temperature_c_mean: number;
  readonly temperature_c_min: number;
  readonly temperature_c_max: number;
  readonly closed: boolean;
}

interface Day {
  readonly day: string;
  readonly reading_count: number;
  readonly temperature_c_mean: number;
  readonly temperature_c_min: number;
  readonly temperature_c_max: number;
  readonly humidity_pct_mean: number;
}

interface Latest {
  readonly temperature_c: number;
  readonly zone: string;
  readonly counters: { readonly received: number; readonly quality: Record<string, number> };
}

const degrees = (value: number) => `${value.toFixed(1)} °C`;
const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('the page of a recorded sensor', () => {
  let running: RunningTidemark;
  let browser: TestBrowser;
  let opened: OpenedPage;
  beforeAll(async () => {
    [running, browser] = await Promise.all([startForTest(), launchBrowser()]);
    await running.replay('readings', FILE);
    opened = await browser.open(`${running.tidemark.url}/#/sensors/${SENSOR}?range=all`);
    await opened.page.locator('.uplot').nth(1).waitFor({ timeout: 60_000 });
  });
  afterAll(async () => {
    await browser?.close();
    await running?.stop();
  });

  const section = (name: string) => opened.page.getByRole('region', { name, exact: true });
  const rowsOf = async (name: string) => {
    const found = section(name).locator('tbody tr');
    await found.first().waitFor();
    const rows = await found.evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.innerText)));
    return rows.map((row) => row.map(squeezed));
  };
  const points = (name: string) => section(name).locator('.plot[data-points]').getAttribute('data-points');

  it('shows every window and every reading that the API has, with its figures', async () => {
    const windows = await running.get<Window[]>(`sensors/${SENSOR}/windows?from=2020-06-28`);
    expect(windows.length).toBeGreaterThan(10);
    expect(await points('Averages')).toBe(String(windows.length));
    await section('Averages').locator('summary').click();
    expect((await rowsOf('Averages')).map((row) => row.slice(1, 5))).toEqual(
      windows
        .toReversed()
        .map(({ temperature_c_mean: mean, temperature_c_min: min, temperature_c_max: max, reading_count: count }) => [
          degrees(mean),
          degrees(min),
          degrees(max),
          String(count),
        ]),
    );
    const readings = await running.get<{ temperature_c: number }[]>(`sensors/${SENSOR}/readings`);
    expect(await points('Readings')).toBe(String(readings.length));
    await section('Readings').locator('summary').click();
    expect((await rowsOf('Readings')).map((row) => row[1])).toEqual(readings.map(({ temperature_c }) => degrees(temperature_c)));
  });

  it('shows how the sensor stands, and its days', async () => {
    const latest = await running.get<Latest>(`sensors/${SENSOR}/latest`);
    const now = squeezed(await opened.page.locator('.now').innerText());
    expect(now).toContain(degrees(latest.temperature_c));
    expect(now).toContain(`Untrusted ${latest.counters.quality['BIT_SHIFT']}: ${latest.counters.quality['BIT_SHIFT']} bit shift`);
    expect(now).toContain(`Received ${latest.counters.received} readings`);
    expect(now).toContain(`days in ${latest.zone}`);
    const days = await running.get<Day[]>(`sensors/${SENSOR}/daily`);
    expect(await rowsOf('Days')).toEqual(
      days
        .toReversed()
        .map((day) => [
          day.day,
          'Still moving',
          String(day.reading_count),
          degrees(day.temperature_c_mean),
          degrees(day.temperature_c_min),
          degrees(day.temperature_c_max),
          `${day.humidity_pct_mean.toFixed(1)} %`,
          ...Array(4).fill('–'),
        ]),
    );
  });

  it('did that without an error, a CSP violation or a request to another host', () => {
    expect(opened.problems({ exceptFailedLoads: true })).toEqual([]);
  });
});
