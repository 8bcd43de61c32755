import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';
import { type Mood, type PageServer, type Resource, startPageServer } from './page-server.ts';
import { busyPicture, emptyPicture, sensorRow } from './pictures.ts';

const EVENTUALLY = { timeout: 20_000 };
const HOUR_MS = 3_600_000;

let browser: TestBrowser;
let server: PageServer;
let opened: OpenedPage;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startPageServer(busyPicture(Date.now()));
});
afterEach(async () => {
  expect(opened.problems({ exceptFailedLoads: true })).toEqual([]);
  await opened.close();
  await server.close();
});

async function open(prepare?: Parameters<TestBrowser['open']>[2]) {
  opened = await browser.open(server.url, { viewport: { width: 1280, height: 900 } }, prepare);
  return opened.page;
}

function all(mood: Mood): Record<Resource, Mood> {
  return { alarms: mood, sensors: mood, symbols: mood, pipeline: mood, other: mood };
}

const lost = (page: OpenedPage['page']) => page.locator('#state[data-state="lost"]').waitFor();
const live = (page: OpenedPage['page']) => page.locator('#state[data-state="live"]').waitFor();

describe('a page that loses the API', () => {
  it('says so in a bar with the time of the last good picture, keeps that picture, and recovers', async () => {
    const page = await open();
    await live(page);
    server.moods = all('broken');
    await lost(page);
    expect(await page.locator('#bar').innerText()).toMatch(
      /^No connection to Tidemark\. The picture is of \d\d:\d\d:\d\d\. The API does not answer\. (Next try in \d+ s|Trying now)\.$/,
    );
    expect(await page.getByRole('alert').innerText()).toBe('No connection to Tidemark.');
    expect(await page.locator('#state').innerText()).toMatch(/^Connection lost\s\d\d:\d\d:\d\d$/);
    expect(await page.locator('#sensors tbody tr').count()).toBe(25);

    server.moods = {};
    server.picture = { ...emptyPicture(), sensors: [sensorRow({ sensor_id: 'back' }, Date.now())] };
    await page.evaluate("dispatchEvent(new Event('online'))");
    await live(page);
    expect(await page.locator('#bar').isVisible()).toBe(false);
    await expect.poll(() => page.locator('#sensors tbody th').allInnerTexts(), EVENTUALLY).toEqual(['back']);
  });

  it('is not silent about an API that never answers', async () => {
    const page = await open(({ clock }) => clock.install());
    await live(page);
    server.moods = all('silent');
    await page.clock.fastForward(11_000);
    await lost(page);
    expect(await page.locator('#bar-message').innerText()).toBe('No connection to Tidemark.');
  });

  it('names the part that is old while the others go on', async () => {
    const page = await open();
    await live(page);
    server.moods = { symbols: 500 };
    await page.locator('#bar').waitFor();
    expect(await page.locator('#bar').innerText()).toMatch(
      /^Not up to date: symbols\. This part is of \d\d:\d\d:\d\d\. \/v1\/symbols answered 500: the test wants it so\. /,
    );
    const before = server.requests.filter(({ resource }) => resource === 'sensors').length;
    await expect.poll(() => server.requests.filter(({ resource }) => resource === 'sensors').length, EVENTUALLY).toBeGreaterThan(before);
  });

  it('says that there is no picture when it starts without an API', async () => {
    server.moods = all('broken');
    const page = await open();
    await lost(page);
    expect(await page.locator('#bar').innerText()).toMatch(/^No connection to Tidemark\. There is no picture yet\./);
    expect(await page.locator('#verdict').innerText()).toBe('Waiting for the first picture');
  });

  it.each([401, 403])('explains a refusal (%d) by the signatures that a deployed API wants', async (status) => {
    server.moods = all(status);
    const page = await open();
    await page.locator('#bar').waitFor();
    expect(await page.locator('#bar').innerText()).toMatch(/it wants signed requests\. \/v1\/\w+ answered 40[13]\. .*api\.auth/);
    expect(await page.locator('#state-word').innerText()).toBe('Not allowed');
  });
});

describe('a page nobody looks at', () => {
  it('asks nothing, and asks at once when it is seen again', async () => {
    const page = await open(({ clock }) => clock.install());
    await live(page);
    const show = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      );
    await show(true);
    await page.waitForLoadState('networkidle');
    await page.evaluate("dispatchEvent(new Event('online'))");
    const asked = server.requests.length;
    await page.clock.runFor(60_000);
    expect(server.requests.length).toBe(asked);
    await show(false);
    await expect.poll(() => server.requests.length, EVENTUALLY).toBeGreaterThanOrEqual(asked + 4);
    expect(await page.locator('#bar').isVisible()).toBe(false);
  });
});

describe('a page whose clock is wrong', () => {
  it('tells ages by the clock of the server', async () => {
    server.picture = { ...emptyPicture(), sensors: [sensorRow({ sensor_id: 'a', ageS: 630 }, Date.now())] };
    const page = await open(({ clock }) => clock.install({ time: Date.now() + HOUR_MS }));
    await live(page);
    expect(await page.locator('#sensors tbody .age').innerText()).toBe('10 min ago');
  });
});
