import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import { launchBrowser, type TestBrowser } from './browser.ts';
import { legibilityFaults } from './legibility.js';
import { type Mood, type PageServer, startPageServer } from './page-server.ts';
import { alarmAnswers, busyPicture, emptyPicture } from './pictures.ts';

const WIDTHS = [390, 1024, 1920];
const GROUNDS = { light: 'rgb(244, 246, 248)', dark: 'rgb(15, 21, 27)' } as const;

let browser: TestBrowser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function look(server: PageServer, laterMood: Mood, hash = ''): Promise<string[]> {
  const { page, problems, close } = await browser.open(server.url + hash);
  if (laterMood !== 'well') {
    await page.locator('#state[data-state="live"]').waitFor();
    server.moods = { alarms: laterMood, sensors: laterMood, symbols: laterMood, pipeline: laterMood, other: laterMood };
  }
  await page.locator('#state:not([data-state="connecting"])').waitFor();
  if (laterMood !== 'well') await page.locator('#bar').waitFor();
  const faults: string[] = [];
  for (const width of WIDTHS) {
    for (const [colorScheme, ground] of Object.entries(GROUNDS) as [keyof typeof GROUNDS, string][]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(ground);
      const found = await page.evaluate(legibilityFaults);
      // axe looks at what does not depend on the width once a theme.
      if (width === WIDTHS[1]) found.push(...(await axeFaults(page)));
      faults.push(...found.map((fault) => `${width} px, ${colorScheme}: ${fault}`));
    }
  }
  await close();
  await server.close();
  return [...faults, ...problems({ exceptFailedLoads: true })];
}

describe('at 390, 1024 and 1920 px, in light and dark, nothing is cut, nothing lies over another, contrast is as WCAG AA asks, and axe finds nothing', () => {
  it('when there is nothing', async () => {
    expect(await look(await startPageServer(emptyPicture()), 'well')).toEqual([]);
  });

  it('when there is much, with long and strange names', async () => {
    expect(await look(await startPageServer(busyPicture(Date.now())), 'well')).toEqual([]);
  });

  it('on the page of an alarm', async () => {
    const nowMs = Date.now();
    const server = await startPageServer({ ...busyPicture(nowMs), other: alarmAnswers('sensor-0003', nowMs) });
    expect(await look(server, 'well', '#/alarms/sensor-0003:temperature-instant')).toEqual([]);
  });

  it('where there is no page', async () => {
    expect(await look(await startPageServer(emptyPicture()), 'well', '#/nowhere')).toEqual([]);
  });

  it('when the connection is lost', async () => {
    expect(await look(await startPageServer(busyPicture(Date.now())), 'broken')).toEqual([]);
  });

  it('when the API refuses to answer', async () => {
    const server = await startPageServer(emptyPicture());
    server.moods = { alarms: 403, sensors: 403, symbols: 403, pipeline: 403, other: 403 };
    expect(await look(server, 'well')).toEqual([]);
  });
});
