import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { alarmRow, busyPicture, emptyPicture, HOSTILE_NAMES, sensorRow } from './pictures.ts';

const EVENTUALLY = { timeout: 20_000 };

let browser: TestBrowser;
let server: PageServer;
let opened: OpenedPage;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startPageServer(emptyPicture());
});
afterEach(async () => {
  expect(opened.problems()).toEqual([]);
  await opened.close();
  await server.close();
});

async function open(viewport = { width: 1920, height: 1080 }) {
  opened = await browser.open(server.url, { viewport });
  await opened.page.locator('#state[data-state="live"]').waitFor();
  return opened.page;
}

/** The rows of a table, each as the texts of its cells. */
function rowsOf(page: OpenedPage['page'], table: string): Promise<string[][]> {
  const script = `[...document.querySelectorAll('#${table} tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText.replaceAll('\\u00a0', ' ').trim()))`;
  return page.evaluate(script);
}

describe('the empty page', () => {
  it('says what would fill it, and the commands that do', async () => {
    const page = await open();
    expect(await page.locator('#verdict').innerText()).toBe('No sensor has reported yet');
    expect(await page.locator('#alarms-empty').innerText()).toMatch(/No alarm is active/);
    expect(await page.locator('#sensors-empty code').allInnerTexts()).toEqual(['npm start', 'npm run replay -- readings FILE']);
    expect(await page.locator('#symbols-empty code').allInnerTexts()).toEqual([
      'npm start',
      'FINNHUB_TOKEN',
      'npm run replay -- trades FILE',
    ]);
    expect(await page.locator('table:visible').count()).toBe(1);
    expect((await rowsOf(page, 'pipeline')).slice(0, 2)).toEqual([
      ['Keys', '0', '0'],
      ['Received', '0', '0'],
    ]);
  });

  it('fills when the first sensor reports', async () => {
    const page = await open();
    server.picture = { ...emptyPicture(), sensors: [sensorRow({ sensor_id: 'first' }, Date.now())] };
    await expect.poll(() => rowsOf(page, 'sensors'), EVENTUALLY).toEqual([['Normal', 'first', '21.4 °C', '45.2 %', 'OK', 'now']]);
    expect(await page.locator('#sensors-empty').isVisible()).toBe(false);
    expect(await page.locator('#verdict').innerText()).toBe('All normal');
  });
});

describe('the busy page', () => {
  beforeEach(() => {
    server.picture = busyPicture(Date.now());
  });

  it('shows sensors worst first, each with its value, unit, quality and age', async () => {
    const rows = await rowsOf(await open(), 'sensors');
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
    const page = await open();
    expect(await page.locator('#verdict').innerText()).toBe('3 critical, 2 high');
    expect(await page.locator('#verdict-detail').innerText()).toBe(
      '50 sensors · 4 with an untrusted reading · 2 silent for more than 5 min',
    );
    expect(await page.title()).toBe('(3 critical, 2 high) Tidemark');
  });

  it('shows active alarms worst first, then newest, with value, limit and since when', async () => {
    const page = await open();
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
    const rows = await rowsOf(await open(), 'symbols');
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
    const lines = (await (await open()).locator('#pipeline-health li').allInnerTexts()).map((line) => line.replace(/\s+/g, ' '));
    expect(lines[0]).toMatch(
      /^Trades Well The newest came just now\. 4 came too late for the live figures and wait for the batch; 3 could not be believed and are in quarantine\. What came up to \d+ s ago is archived\.$/,
    );
    expect(lines[1]).toMatch(/^Readings Well .* Nothing is archived yet\.$/);
  });

  it('shows the counters of both sources, with the reasons', async () => {
    const rows = Object.fromEntries((await rowsOf(await open(), 'pipeline')).map(([name, ...figures]) => [name, figures]));
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
    const page = await open();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.getByText(HOSTILE_NAMES[0]!, { exact: true }).count()).toBe(2);
  });

  it('keeps the meaning of its tables when it is narrow', async () => {
    const page = await open({ width: 390, height: 844 });
    for (const [name, columns, rows] of [
      ['Active alarms', 6, 5],
      ['Sensors', 6, 25],
      ['Movers', 5, 8],
      ['Pipeline', 3, 9],
    ] as const) {
      const table = page.getByRole('table', { name, exact: true });
      // Said in so many words: not every browser keeps the meaning of a table that is laid out as a grid.
      const said = (role: string) => table.locator(`[role="${role}"]`).count();
      expect(await said('columnheader')).toBe(columns);
      expect(await said('row')).toBe(rows + 1);
      expect(await said('rowheader')).toBe(rows);
      expect(await said('cell')).toBe(rows * (columns - 1));
    }
  });

  it('is reached by keyboard: first the way past the sections, then the sections', async () => {
    const page = await open();
    const reached: string[] = [];
    for (let step = 0; step < 6; step++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate('document.activeElement.getAttribute("href")'));
    }
    expect(reached).toEqual(['#content', '#/', ...['alarms', 'sensors', 'symbols', 'pipeline'].map((section) => `#/?section=${section}`)]);
  });

  it('touches only the text that changed, and keeps the rows', async () => {
    const page = await open();
    await page.evaluate(`
      changed = [];
      new MutationObserver((mutations) => {
        for (const { type, target } of mutations) {
          const element = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
          if (!element.closest('.age, #pipeline, #state')) changed.push(type + ' ' + target.textContent);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    `);
    const hotter = server.picture.sensors.map((sensor) =>
      'sensor_id' in sensor && sensor.sensor_id === 'sensor-0007' ? { ...sensor, temperature_c: 32.9 } : sensor,
    );
    server.picture = { ...server.picture, sensors: hotter };
    await expect.poll(() => page.evaluate('changed'), EVENTUALLY).toEqual(['characterData 32.9']);
  });

  it('reads out new alarms, and only those', async () => {
    const page = await open();
    const announcer = page.getByRole('status').filter({ hasText: /alarm/ });
    expect(await announcer.innerText()).toBe('5 active alarms.');
    server.picture = { ...server.picture, alarms: [alarmRow('sensor-0001', 'CRITICAL', 0, Date.now()), ...server.picture.alarms] };
    await expect.poll(() => announcer.innerText(), EVENTUALLY).toBe('Critical alarm: sensor-0001, 35.7 °C.');
  });

  it('asks its own API only, once at a time each, and lets the cache ask whether anything changed', async () => {
    await open();
    const asked = () => server.requests.filter(({ resource }) => resource === 'sensors');
    await expect.poll(() => asked().length, EVENTUALLY).toBeGreaterThanOrEqual(3);
    expect(asked()[0]?.status).toBe(200);
    expect(asked()[1]?.status).toBe(304);
    expect(server.mostOpen).toBe(1);
    expect(new Set(server.requests.map(({ url }) => url))).toEqual(
      new Set(['/v1/alarms?state=ACTIVE&limit=1000', '/v1/sensors?limit=1000', '/v1/symbols?limit=1000', '/v1/pipeline']),
    );
    expect(new Set(opened.requests().map((url) => new URL(url).origin))).toEqual(new Set([new URL(server.url).origin]));
  });
});
