import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, rowsOf, type TestBrowser } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { busyPicture, HOSTILE_NAMES } from './pictures.ts';

/** One page for all: these tests only look. */
describe('the busy page', () => {
  let browser: TestBrowser;
  let server: PageServer;
  let opened: OpenedPage;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), startPageServer(busyPicture(Date.now()))]);
    opened = await browser.open(server.url, { viewport: { width: 1920, height: 1080 } });
    await opened.page.locator('#state[data-state="live"]').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it('shows sensors worst first, each with its value, unit, quality and age', async () => {
    const rows = await rowsOf(opened.page, 'sensors');
    expect(rows).toHaveLength(25);
    expect(rows.slice(0, 11).map(([severity, name]) => [severity, name])).toEqual([
      ['Critical', HOSTILE_NAMES[0]],
      ['Critical', 'sensor-0003'],
      ['Critical', 'sensor-0012'],
      ['High', HOSTILE_NAMES[2]],
      ['High', 'sensor-0007'],
      ['Normal', 'sensor-0020'],
      ['Normal', 'sensor-0021'],
      ['Normal', 'sensor-0022'],
      ['Normal', 'sensor-0023'],
      ['Normal', 'sensor-0024'],
      ['Normal', HOSTILE_NAMES[1]],
    ]);
    const figures = Object.fromEntries(rows.map(([, name, temperature, humidity, quality]) => [name, [temperature, humidity, quality]]));
    expect(figures).toMatchObject({
      'sensor-0003': ['36.2 °C', '45.2 %', 'OK'],
      'sensor-0020': ['–', '–', 'Not a number'],
      'sensor-0021': ['12.3 °C', '3,303.1 %', 'Bit shift'],
      'sensor-0022': ['999.9 °C', '999.9 %', 'Error value'],
      'sensor-0023': ['−127.0 °C', '–', 'Out of range'],
      'sensor-0024': ['–', '–', 'No reading'],
      'freezer-1': ['−18.5 °C', '38.0 %', 'OK'],
      'freezer-2': ['0.0 °C', '100.0 %', 'OK'],
    });
    expect(rows.find(([, name]) => name === 'freezer-2')?.[5]).toBe('1 h ago');
  });

  it('answers first whether anything is wrong', async () => {
    const { page } = opened;
    expect(await page.locator('#verdict').innerText()).toBe('3 critical, 2 high');
    expect(await page.locator('#verdict-detail').innerText()).toBe(
      '50 sensors · 4 with an untrusted reading · 2 silent for more than 5 min',
    );
    expect(await page.title()).toBe('(3 critical, 2 high) Tidemark');
  });

  it('shows active alarms worst first, then newest, with value, limit and since when', async () => {
    const { page } = opened;
    const rows = await rowsOf(page, 'alarms');
    expect(rows.map(([severity, name]) => [severity, name])).toEqual([
      ['Critical', HOSTILE_NAMES[0]],
      ['Critical', 'sensor-0003'],
      ['Critical', 'sensor-0012'],
      ['High', 'sensor-0007'],
      ['High', HOSTILE_NAMES[2]],
    ]);
    expect(rows[2]).toEqual(['Critical', 'sensor-0012', 'Average', '35.7 °C', '≥ 35.0 °C', '2 h ago']);
    expect(await page.locator('nav').innerText()).toMatch(/^Alarms 5\s+Sensors\s+Symbols\s+Pipeline$/);
  });

  it('shows what moved most since its open first, each symbol with its last price and change, with the decimals it needs', async () => {
    const rows = await rowsOf(opened.page, 'symbols');
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['BINANCE:SHIBUSDT', '0.00001734', '−0.115 %', '−13.30 %'],
      ['AAPL', '187.50', '−0.069 %', '+4.17 %'],
      ['IBM', '145.12', '+0.014 %', '−2.11 %'],
      ['BRK.A', '541,234.50', '−0.191 %', '+0.04 %'],
      ['BINANCE:BTCUSDT', '61,042.01', '0.000 %', '0.00 %'],
      ['FX:USD/JPY', '151.34', '–', '–'],
      ['NEW', '–', '–', '–'],
      ['OANDA:EUR_USD', '1.08532', '+0.004 %', '–'],
    ]);
  });

  it('says in plain words how the pipeline is doing', async () => {
    const lines = (await opened.page.locator('#pipeline-health li').allInnerTexts()).map((line) => line.replace(/\s+/g, ' '));
    expect(lines[0]).toMatch(
      /^Trades Well The newest came (just now|\d+ s ago)\. 4 came too late for the live figures and wait for the batch; 3 could not be believed and are in quarantine\. What came up to \d+ s ago is archived\. No day is settled yet\.$/,
    );
    expect(lines[1]).toMatch(/^Readings Batch needs a look .* Nothing is archived yet\. Settled up to and with 29 Jan 2026\. /);
    expect(lines[1]).toMatch(/ The batch could not settle 30 Jan 2026\. .* See why$/);
    const why = opened.page.locator('#pipeline-health a:visible');
    expect(await why.evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(['#/batch/20260131T041000Z-0a1b2c3d']);
  });

  it('shows the counters of both sources, with the reasons', async () => {
    const rows = Object.fromEntries((await rowsOf(opened.page, 'pipeline')).map(([name, ...figures]) => [name, figures]));
    expect(rows).toMatchObject({
      Keys: ['8', '50'],
      Received: ['1,234,567', '23,059'],
      Applied: ['1,234,000\n100 price update', '22,995\n249 nan, 33 range, 14 sentinel, 4 bit shift'],
      Duplicate: ['560', '41'],
      Late: ['4\n4 lateness', '10\n7 lateness, 3 gap given up'],
      Quarantined: ['3\n2 bad json, 1 clock future', '13\n9 clock epoch, 4 bad json'],
    });
    expect(rows['Archived through']?.[1]).toBe('–');
  });

  it('takes hostile names as texts', async () => {
    const { page } = opened;
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.getByText(HOSTILE_NAMES[0]!, { exact: true }).count()).toBe(2);
  });

  it('did all that without an error, a CSP violation or a request to another host', () => {
    expect(opened.problems()).toEqual([]);
  });
});
