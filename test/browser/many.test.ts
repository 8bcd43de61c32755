import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { alarmAnswers, emptyPicture, sensorRow } from './pictures.ts';

const EVENTUALLY = { timeout: 20_000 };
const ROWS_A_PAGE = 25;

let browser: TestBrowser;
let server: PageServer;
let opened: OpenedPage;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startPageServer({ ...emptyPicture(), sensors: thousand(21) });
});
afterEach(async () => {
  expect(opened.problems()).toEqual([]);
  await opened.close();
  await server.close();
});

/** 1,000 sensors of one temperature; sensor-999 is critical. */
function thousand(temperature_c: number): object[] {
  return Array.from({ length: 1000 }, (_, index) =>
    sensorRow({ sensor_id: `sensor-${index + 1}`, temperature_c, severity: index === 998 ? 'CRITICAL' : 'NORMAL' }, Date.now()),
  );
}

async function open(hash = '') {
  opened = await browser.open(`${server.url}${hash}`, { viewport: { width: 1280, height: 900 } });
  await opened.page.locator('#sensors tbody tr').first().waitFor();
  return opened.page;
}

const names = (page: OpenedPage['page']) => page.locator('#sensors tbody th').allInnerTexts();
const hashOf = (page: OpenedPage['page']): Promise<string> => page.evaluate('location.hash');

describe('a thousand sensors', () => {
  it('are shown a page at a time, worst first; the page stands in the address', async () => {
    server.more = ['sensors'];
    const page = await open();
    expect((await names(page)).slice(0, 3)).toEqual(['sensor-999', 'sensor-1', 'sensor-2']);
    expect(await names(page)).toHaveLength(ROWS_A_PAGE);
    expect(await page.locator('#sensors-note').innerText()).toBe('Worst first, of the first 1,000 by name');

    await page.getByRole('button', { name: 'Next sensors' }).click();
    await expect.poll(() => page.locator('#sensors .pager-place').innerText(), EVENTUALLY).toBe('26–50 of 1,000');
    expect((await names(page))[0]).toBe('sensor-25');
    expect(await hashOf(page)).toBe('#/?sensors=2');

    await page.goto(`${server.url}#/?sensors=4711`);
    await expect.poll(() => page.locator('#sensors .pager-place').innerText(), EVENTUALLY).toBe('976–1,000 of 1,000');
    expect(await page.getByRole('button', { name: 'Next sensors' }).getAttribute('aria-disabled')).toBe('true');
  });

  it('are found by a part of the name, which stands in the address', async () => {
    const page = await open('#/?sensors=3');
    await page.getByRole('searchbox', { name: 'Sensors whose name contains' }).fill('OR-77');
    await expect.poll(async () => (await names(page)).length, EVENTUALLY).toBe(11);
    expect((await names(page)).slice(0, 3)).toEqual(['sensor-77', 'sensor-770', 'sensor-771']);
    expect(await page.locator('#sensors-note').innerText()).toBe('11 of 1,000');
    expect(await hashOf(page)).toBe('#/?filter=OR-77');

    await page.reload();
    await expect.poll(async () => (await names(page)).length, EVENTUALLY).toBe(11);
    await page.getByRole('searchbox').fill('<b>');
    await expect.poll(() => page.locator('#sensors-empty').innerText(), EVENTUALLY).toMatch(/^No sensor has such a name\./);
  });

  it('stay fluid when all of them change: only what differs in the rows that are seen is touched, and nothing shifts', async () => {
    const page = await open();
    await page.locator('#state[data-state="live"]').waitFor();
    await page.evaluate(`
      touched = [];
      shifted = 0;
      new MutationObserver((mutations) => {
        // Ages go on by themselves.
        touched.push(...mutations.filter(({ target }) => !(target.parentElement ?? target).closest('.age')));
      }).observe(document.getElementById('sensors'), { subtree: true, childList: true, characterData: true, attributes: true });
      new PerformanceObserver((list) => { shifted += list.getEntries().length; }).observe({ type: 'layout-shift' });
    `);
    const shown = (temperature: string) =>
      expect.poll(() => page.locator('#sensors td.temperature').first().innerText(), EVENTUALLY).toBe(`${temperature}\u00a0°C`);
    for (const temperature of [22, 23, 24]) {
      server.picture = { ...server.picture, sensors: thousand(temperature) };
      await shown(`${temperature}.0`);
    }
    const { touched, shifted, nodes } = await page.evaluate<{ touched: number; shifted: number; nodes: number }>(
      '({ touched: touched.length, shifted, nodes: document.querySelectorAll("*").length })',
    );
    // Three pictures, in each of them the temperature of every row that is seen.
    expect(touched).toBe(3 * ROWS_A_PAGE);
    expect(shifted).toBe(0);
    expect(nodes).toBeLessThan(1200);
  });

  it('leave nothing behind: after thousands of pushed rows and many visits the page holds what it held', async () => {
    server.push.mood = 'well';
    server.picture = { ...server.picture, other: alarmAnswers('sensor-1', Date.now()) };
    const page = await open();
    await page.locator('#state[data-pushed="true"]').waitFor();
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    const held = async () => {
      await cdp.send('HeapProfiler.collectGarbage');
      const { metrics } = await cdp.send('Performance.getMetrics');
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value])) as Record<'Nodes' | 'JSEventListeners', number>;
    };
    const visit = async (hash: string, shown: string) => {
      await page.evaluate(`location.hash = '${hash}'`);
      await page.locator(shown).first().waitFor();
    };
    const round = async () => {
      await visit('#/alarms/sensor-1:temperature-instant', '#alarm-facts');
      await visit('#/', '#sensors tbody tr');
    };
    await round();
    const before = await held();
    const rows = thousand(33) as { sensor_id: string }[];
    for (let received = 1; received <= 3; received++) {
      await Promise.all(rows.map((row) => server.push.publish(`live/sensors/${row.sensor_id}`, { ...row, counters: { received } })));
    }
    for (let visits = 0; visits < 8; visits++) await round();
    await expect.poll(() => page.locator('#sensors td.temperature').first().innerText(), EVENTUALLY).toBe('33.0 °C');
    await expect.poll(async () => (await held()).Nodes, EVENTUALLY).toBeLessThan(before.Nodes + 500);
    expect((await held()).JSEventListeners).toBeLessThan(before.JSEventListeners + 20);
  });
});
