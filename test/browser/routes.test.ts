import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { alarmAnswers, alarmRow, busyPicture, HOSTILE_NAMES } from './pictures.ts';

const EVENTUALLY = { timeout: 20_000 };
const ALARM = 'sensor-0003:temperature-instant';

let browser: TestBrowser;
let server: PageServer;
let opened: OpenedPage;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  const nowMs = Date.now();
  server = await startPageServer({ ...busyPicture(nowMs), other: alarmAnswers('sensor-0003', nowMs) });
});
afterEach(async () => {
  // A key that the API does not know is answered with 404, which the browser notes.
  expect(opened.problems({ exceptFailedLoads: true })).toEqual([]);
  await opened.close();
  await server.close();
});

async function open(hash = '', viewport = { width: 1024, height: 600 }) {
  opened = await browser.open(server.url + hash, { viewport });
  await opened.page.locator('#state[data-state="live"]').waitFor();
  return opened.page;
}

const focused = (page: OpenedPage['page']): Promise<string> => page.evaluate('document.activeElement.textContent');
const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

describe('the way from the overview to a page and back', () => {
  it('is a link in each row; a click beside it leads there as well', async () => {
    const page = await open();
    const links = (section: string) =>
      page.locator(`#${section} tbody a`).evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect((await links('alarms'))[1]).toBe('#/alarms/sensor-0003%3Atemperature-instant');
    expect((await links('sensors'))[1]).toBe('#/sensors/sensor-0003');
    expect(await links('symbols')).toContain('#/symbols/FX%3AUSD%2FJPY');
    await page.locator('#alarms tbody tr').nth(1).locator('.value').click();
    await page.locator('#alarm-facts').waitFor();
    expect(await page.evaluate('location.hash')).toBe('#/alarms/sensor-0003%3Atemperature-instant');
  });

  it('moves the focus to the heading of the new page, and back to the link and the place one came from', async () => {
    const page = await open();
    const link = page.locator('#alarms tbody a').nth(2);
    await page.evaluate('scrollTo(0, 150)');
    await link.focus();
    await link.press('Enter');
    await page.locator('#alarm-heading').waitFor();
    expect(await focused(page)).toBe('sensor-0012: average');
    expect(await page.title()).toBe('sensor-0012:temperature-average – Tidemark');
    expect(await page.evaluate('scrollY')).toBe(0);

    const asked = server.requests.length;
    await page.goBack();
    await page.locator('#sensors tbody tr').first().waitFor();
    expect(await focused(page)).toBe('sensor-0012');
    expect(await page.evaluate('scrollY')).toBe(150);
    expect(await page.title()).toBe('(3 critical, 2 high) Tidemark');
    await page.goForward();
    await page.locator('#alarm-heading').waitFor();
    // A page that was left asks no longer.
    const left = server.requests.slice(asked).filter(({ resource }) => resource === 'sensors').length;
    await expect.poll(() => server.requests.filter(({ resource }) => resource === 'alarms').length, EVENTUALLY).toBeGreaterThan(left + 2);
    expect(server.requests.slice(asked).filter(({ resource }) => resource === 'sensors').length).toBeLessThanOrEqual(left + 1);
  });

  it('leads to the sections from any page, and keeps the filter within the overview', async () => {
    const page = await open(`#/alarms/${ALARM}`);
    await page.getByRole('link', { name: 'Pipeline' }).click();
    await page.locator('#pipeline-heading').waitFor();
    expect(await focused(page)).toBe('Pipeline');
    await page.getByRole('searchbox').fill('freezer');
    await page.getByRole('link', { name: 'Symbols' }).click();
    expect(await focused(page)).toBe('Movers');
    expect(await page.getByRole('searchbox').inputValue()).toBe('freezer');
    await page.keyboard.press('Home');
    await page.getByRole('link', { name: 'Skip to the content' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    expect(await page.evaluate('location.hash')).toBe('#/?filter=freezer');
  });

  it('ends at a plain word where there is no page, also for hostile names', async () => {
    const page = await open(`#/sensors/${encodeURIComponent(HOSTILE_NAMES[0]!)}`);
    expect(await page.locator('h2').innerText()).toBe('There is no such page');
    await page.getByRole('link', { name: 'Go to the overview' }).click();
    await expect.poll(() => page.locator('#verdict').innerText(), EVENTUALLY).toBe('3 critical, 2 high');
  });

  it('ends where one wanted to go last, also when the page before comes late', async () => {
    const late = Promise.withResolvers<void>();
    opened = await browser.open(server.url, {}, async (page) => {
      await page.route('**/pages/alarm.js', async (route) => {
        await late.promise;
        await route.continue();
      });
    });
    const { page } = opened;
    await page.locator('#alarms tbody a').nth(1).click();
    await page.goBack();
    const loaded = page.waitForResponse('**/pages/alarm.js');
    late.resolve();
    await (await loaded).finished();
    await page.evaluate("import('./pages/alarm.js').then(() => new Promise(requestAnimationFrame))");
    expect(await page.locator('#alarm-facts').count()).toBe(0);
    expect(await page.locator('#verdict').count()).toBe(1);
  });

  it('says so when the code of a page does not come', async () => {
    opened = await browser.open(server.url, {}, async (page) => {
      await page.route('**/pages/alarm.js', (route) => route.abort());
    });
    const { page } = opened;
    await page.locator('#alarms tbody a').first().waitFor();
    await page.evaluate(`location.hash = '#/alarms/${ALARM}'`);
    await page.getByRole('heading', { name: 'This page could not be loaded' }).waitFor();
    await page.unroute('**/pages/alarm.js');
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.locator('#alarm-facts').waitFor();
  });
});

describe('the page of an alarm', () => {
  it('says what, where, since when, the value against its limit, and whether it is still so', async () => {
    const page = await open(`#/alarms/${ALARM}`);
    await page.locator('#alarm-facts').waitFor();
    expect(await page.locator('#alarm-heading').innerText()).toBe('sensor-0003: reading');
    const facts = await page.locator('#alarm-facts > *').allInnerTexts();
    expect(facts.map(squeezed)).toEqual([
      ...['Sensor', 'sensor-0003', 'Severity', 'Critical', 'State', 'Active', 'Since', expect.stringMatching(/^\d+ s ago$/)],
      ...[
        'Value then',
        '35.7 °C',
        'Limit',
        '≥ 35.0 °C',
        'Newest reading',
        '36.2 °C',
        'Measured',
        expect.stringMatching(/^(now|\d+ s ago)$/),
      ],
      ...['Rule', 'Each reading that can be trusted is held against the limits of the sensor.'],
    ]);
    expect(await page.locator('#alarm-facts a').getAttribute('href')).toBe('#/sensors/sensor-0003');
  });

  it('shows what became of it, newest first, with how long each state lasted', async () => {
    const page = await open(`#/alarms/${ALARM}`);
    const rows = page.locator('#alarm-history tbody tr');
    await rows.first().waitFor();
    const shown = (await rows.allInnerTexts()).map(squeezed);
    expect(shown.slice(1)).toEqual([
      'High 30.2 °C ≥ 30.0 °C 5 min 6 min ago',
      'Normal 29.3 °C < 30.0 °C 2 h 2 h ago',
      'High 30.2 °C ≥ 30.0 °C 10 min 2 h ago',
    ]);
    expect(shown[0]).toMatch(/^Critical 35\.7 °C ≥ 35\.0 °C \d+ s so far \d+ s ago$/);
  });

  it('says that nothing is known of an alarm that never was, and shows it when it comes', async () => {
    const page = await open('#/alarms/sensor-0100:temperature-instant');
    await expect.poll(() => page.locator('#alarm-empty').innerText(), EVENTUALLY).toMatch(/^Nothing is known of this alarm/);
    expect(await page.locator('#bar').isVisible()).toBe(false);
    const alarm = alarmRow('sensor-0100', 'HIGH', 1, Date.now());
    server.picture = {
      ...server.picture,
      other: { 'alarms/sensor-0100:temperature-instant': alarm, 'alarms/sensor-0100:temperature-instant/history': [alarm] },
    };
    await expect.poll(() => page.locator('#alarm-facts').isVisible(), EVENTUALLY).toBe(true);
  });
});
