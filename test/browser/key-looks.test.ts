import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import { launchBrowser, type TestBrowser } from './browser.ts';
import { SENSOR, SYMBOL, sensorAnswers, symbolAnswers } from './key-pictures.ts';
import { legibilityFaults } from './legibility.js';
import { startPageServer } from './page-server.ts';
import { emptyPicture } from './pictures.ts';

const WIDTHS = [390, 1024, 1920];
const SCHEMES = ['light', 'dark'] as const;

let browser: TestBrowser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** What is wrong with a page that shows this element, tables unfolded. */
async function look(hash: string, awaited: string): Promise<string[]> {
  const nowMs = Date.now();
  const server = await startPageServer({ ...emptyPicture(), other: { ...sensorAnswers(nowMs), ...symbolAnswers(nowMs) } });
  const { page, problems, close } = await browser.open(server.url + hash);
  await page.locator(awaited).last().waitFor();
  for (const folded of await page.locator('details:visible summary').all()) await folded.click();
  const faults: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate(legibilityFaults);
      if (width === WIDTHS[1]) found.push(...(await axeFaults(page)));
      faults.push(...found.map((fault) => `${width} px, ${colorScheme}: ${fault}`));
    }
  }
  await close();
  await server.close();
  return [...faults, ...problems({ exceptFailedLoads: true })];
}

describe('at 390, 1024 and 1920 px, in light and dark, nothing is cut, nothing lies over another, contrast is as WCAG AA asks, and axe finds nothing', () => {
  it('on the page of a sensor', async () => {
    expect(await look(`#/sensors/${SENSOR}`, '.history tbody tr')).toEqual([]);
  });

  it('on the page of a symbol', async () => {
    expect(await look(`#/symbols/${encodeURIComponent(SYMBOL)}`, '.trades tbody tr')).toEqual([]);
  });

  it('on the page of a sensor that nothing is known of', async () => {
    expect(await look('#/sensors/nobody', 'main code')).toEqual([]);
  });
});
