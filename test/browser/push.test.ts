import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';
import { type PageServer, type Resource, startPageServer } from './page-server.ts';
import { alarmAnswers, alarmRow, emptyPicture, HOSTILE_NAMES, sensorRow, symbolRow } from './pictures.ts';

const EVENTUALLY = { timeout: 20_000 };

let browser: TestBrowser;
let server: PageServer;
let opened: OpenedPage;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startPageServer({ ...emptyPicture(), sensors: [counted('a', 20, 5), counted('b', 21, 5)] });
  server.push.mood = 'well';
});
afterEach(async () => {
  expect(opened.problems({ exceptFailedLoads: true })).toEqual([]);
  await opened.close();
  await server.close();
});

/** A sensor's row after so many events. */
function counted(sensor_id: string, temperature_c: number, received: number): object {
  return { ...sensorRow({ sensor_id, temperature_c }, Date.now()), counters: { received } };
}

async function open(hash = '') {
  opened = await browser.open(server.url + hash);
  await pushed(opened.page, true);
  await opened.page.locator('#state[data-state="live"]').waitFor();
  return opened.page;
}

const pushed = (page: OpenedPage['page'], is: boolean) => page.locator(`#state[data-pushed="${is}"]`).waitFor();
const asked = (resource: Resource) => server.requests.filter((request) => request.resource === resource).length;
const texts = async (page: OpenedPage['page'], rows: string) =>
  (await page.locator(rows).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());

describe('a page that rows are pushed to', () => {
  it('shows them without asking, newer ones only, and asks rarely', async () => {
    const page = await open();
    expect(await page.locator('#state').innerText()).toMatch(/^Live\s\d\d:\d\d:\d\d$/);
    const [before, startedMs] = [asked('sensors'), Date.now()];
    await server.push.publish('live/sensors/a', counted('a', 31, 7));
    await server.push.publish('live/sensors/a', counted('a', 29, 6));
    await server.push.publish('live/sensors/c', counted('c', 23, 1));
    await server.push.publish('live/symbols/IBM', symbolRow('IBM', 145.1, 0.02, Date.now(), 2, 140));
    await expect
      .poll(() => texts(page, '#sensors :is(tbody .name, td.temperature)'), EVENTUALLY)
      .toEqual(['a', '31.0 °C', 'b', '21.0 °C', 'c', '23.0 °C']);
    await expect.poll(() => texts(page, '#symbols tbody .since-open'), EVENTUALLY).toEqual(['+3.64 %']);
    // Once because the connection came, then every 10 s.
    expect(asked('sensors') - before).toBeLessThanOrEqual(1 + Math.ceil((Date.now() - startedMs) / 10_000));
  });

  it('shows alarms as they come and go, and reads them out', async () => {
    const page = await open();
    const alarm = alarmRow('a', 'CRITICAL', 0, Date.now());
    await server.push.publish('live/alarms/a%3Atemperature-instant', alarm);
    await expect.poll(() => texts(page, '#alarms tbody th'), EVENTUALLY).toEqual(['a']);
    expect(await page.getByRole('status').innerText()).toBe('Critical alarm: a, 35.7 °C.');
    expect(await page.locator('#alarms-count').innerText()).toBe('1');
    await server.push.publish('live/alarms/a%3Atemperature-instant', { ...alarm, state: 'NORMAL', severity: 'NORMAL', revision: 2 });
    await expect.poll(() => texts(page, '#alarms tbody th'), EVENTUALLY).toEqual([]);
  });

  it('takes hostile names as texts, and what is no row as nothing', async () => {
    const page = await open();
    await server.push.publish('live/sensors/x', counted(HOSTILE_NAMES[0]!, 20, 1));
    await expect.poll(() => texts(page, '#sensors tbody th'), EVENTUALLY).toContain(HOSTILE_NAMES[0]);
    expect(await page.locator('main img, main script').count()).toBe(0);
  });

  it('shows the next change of an alarm on its page', async () => {
    server.picture = { ...server.picture, other: alarmAnswers('a', Date.now()) };
    const page = await open('#/alarms/a:temperature-instant');
    await page.locator('#alarm-history tbody tr').nth(3).waitFor();
    const next = { ...alarmRow('a', 'HIGH', 0, Date.now()), value: 33.3, threshold: 35, revision: 5 };
    await server.push.publish('live/alarms/a%3Atemperature-instant', next);
    await expect
      .poll(async () => (await texts(page, '#alarm-history tbody tr'))[0], EVENTUALLY)
      .toMatch(/^High 33\.3 °C < 35\.0 °C \d+ s so far (now|\d+ s ago)$/);
    expect((await texts(page, '#alarm-history tbody tr'))[1]).toMatch(/^Critical 35\.7 °C ≥ 35\.0 °C \d+ s \d+ s ago$/);
    expect(await page.locator('#alarm-facts .value').innerText()).toBe('33.3\u00a0°C');
  });
});

describe('a page that loses what pushes', () => {
  it('says so, asks each second, and is pushed to again', async () => {
    const page = await open();
    server.push.mood = 'broken';
    server.push.drop();
    await pushed(page, false);
    expect(await page.locator('#state').innerText()).toMatch(/^Each second\s\d\d:\d\d:\d\d$/);
    expect(await page.getByRole('status').innerText()).toBe('Live connection lost. Asking each second.');
    expect(await page.locator('#state').getAttribute('title')).toMatch(
      /^Rows are not pushed, the page asks each second: the websocket was closed/,
    );
    expect(await page.locator('#bar').isVisible()).toBe(false);
    const before = asked('sensors');
    await expect.poll(() => asked('sensors'), EVENTUALLY).toBeGreaterThan(before + 2);

    server.push.mood = 'well';
    await page.evaluate("dispatchEvent(new Event('online'))");
    await pushed(page, true);
    await server.push.publish('live/sensors/a', counted('a', 25, 9));
    await expect.poll(() => texts(page, '#sensors td.temperature'), EVENTUALLY).toContain('25.0 °C');
  });

  it('says how old its picture is when the API is gone as well, and recovers', async () => {
    const page = await open();
    server.moods = { alarms: 'broken', sensors: 'broken', symbols: 'broken', pipeline: 'broken' };
    server.push.mood = 'broken';
    server.push.drop();
    await page.locator('#state[data-state="lost"]').waitFor();
    expect(await page.locator('#bar').innerText()).toMatch(/^No connection to Tidemark\. The picture is of \d\d:\d\d:\d\d\./);
    server.moods = {};
    server.push.mood = 'well';
    await page.evaluate("dispatchEvent(new Event('online'))");
    await pushed(page, true);
    await page.locator('#state[data-state="live"]').waitFor();
    expect(await page.locator('#bar').isVisible()).toBe(false);
  });

  it('lets go of it while nobody looks, and has it again at once', async () => {
    const page = await open();
    const show = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await show(true);
    await expect.poll(() => server.push.open, EVENTUALLY).toBe(0);
    await show(false);
    await expect.poll(() => server.push.open, EVENTUALLY).toBe(1);
  });
});
