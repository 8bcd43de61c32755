import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, rowsOf, type TestBrowser } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { alarmRow, busyPicture, emptyPicture, sensorRow } from './pictures.ts';

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
    await expect
      .poll(() => rowsOf(page, 'sensors'), EVENTUALLY)
      .toEqual([['Normal', 'first', '21.4 °C', '45.2 %', 'OK', expect.stringMatching(/^(now|\d+ s ago)$/)]]);
    expect(await page.locator('#sensors-empty').isVisible()).toBe(false);
    expect(await page.locator('#verdict').innerText()).toBe('All normal');
  });
});

describe('the busy page', () => {
  beforeEach(() => {
    server.picture = busyPicture(Date.now());
  });

  it('keeps the meaning of its tables when it is narrow', async () => {
    const page = await open({ width: 390, height: 844 });
    for (const [name, columns, rows] of [
      ['Active alarms', 6, 5],
      ['Sensors', 6, 25],
      ['Movers', 5, 8],
      ['Pipeline', 3, 10],
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
