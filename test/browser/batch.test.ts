import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFaults } from './axe.ts';
import { batchAnswers, batchRuns, CAUSE, HOSTILE_CAUSE, runId, runStarts } from './batch-pictures.ts';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';
import { legibilityFaults } from './legibility.js';
import { type PageServer, startPageServer } from './page-server.ts';
import { busyPicture, emptyPicture } from './pictures.ts';

type Page = OpenedPage['page'];

const EVENTUALLY = { timeout: 20_000 };
const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

let browser: TestBrowser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

async function rowsOf(page: Page, table: string): Promise<string[][]> {
  await page.locator(`${table} tbody tr`).first().waitFor();
  const rows = await page
    .locator(`${table} tbody tr`)
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.innerText)));
  return rows.map((row) => row.map(squeezed));
}

/** What is wrong with the page at three widths in both themes. */
async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const width of [390, 1024, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate(legibilityFaults);
      if (width === 1024) found.push(...(await axeFaults(page)));
      faults.push(...found.map((fault) => `${width} px, ${colorScheme}: ${fault}`));
    }
  }
  return faults;
}

/** Opens a page, lets the test look at it, and says what went wrong in it. */
async function visit(server: PageServer, hash: string, look: (page: Page) => Promise<void>): Promise<string[]> {
  const { page, problems, close } = await browser.open(server.url + hash);
  try {
    await look(page);
    return [...(await faultsOf(page)), ...problems({ exceptFailedLoads: true })];
  } finally {
    await close();
    await server.close();
  }
}

describe('the page of batch runs', () => {
  it('shows the newest run as days and steps, all runs newest first, and follows what goes on; a row leads to its run', async () => {
    const nowMs = Date.now();
    const server = await startPageServer({ ...busyPicture(nowMs), other: batchAnswers(nowMs) });
    const faults = await visit(server, '#/?section=pipeline', async (page) => {
      await page.getByRole('link', { name: 'Batch runs' }).click();
      const grid = await rowsOf(page, '.run-grid');
      expect(grid.map(([day, result]) => [day, result])).toEqual([
        ['2026-01-28 trades', 'Made'],
        ['2026-01-29 trades', 'In work'],
        ['2026-01-30 trades', 'In work 2 tries'],
        ['2026-01-30 readings', 'In work'],
      ]);
      expect(grid[0]!.slice(2)).toEqual(['Done 0.2 s', 'Done 3.4 s', 'Done 1.7 s', 'Done 0.9 s', 'Done 0.2 s', 'Done 0.4 s', '117,482']);
      expect(grid[1]!.slice(3, 6)).toEqual(['Done 3.4 s', expect.stringMatching(/^Running [\d.]+ s$/), '–']);
      const runs = await rowsOf(page, '.runs');
      expect(runs.map(([, result, days]) => [result, days])).toEqual([
        ['Running', '1 day made, 3 in work'],
        ['1 day failed', '2 days published, 1 failed, 1 not yet'],
        ['Failed', '1 day not published'],
        ['Succeeded', 'Nothing new'],
        ['Skipped', 'Another run was going on'],
      ]);
      expect(runs[1]!.slice(3)).toEqual(['42 s', 'By schedule']);
      // The run ends: the page sees it by itself.
      const [, ...others] = batchRuns(nowMs);
      server.picture = { ...server.picture, other: { ...server.picture.other, 'batch/runs': others } };
      await expect.poll(async () => (await rowsOf(page, '.runs')).length, EVENTUALLY).toBe(4);
      expect((await rowsOf(page, '.run-grid')).map(([, result]) => result)).toEqual([
        'Published revision 1',
        'Published revision 1, 2 tries',
        'Failed 3 tries',
        'Not yet',
      ]);
      await page.locator('.runs tbody tr').nth(1).click();
      await expect.poll(() => page.evaluate<string>('location.hash')).toBe(`#/batch/${runId(runStarts(nowMs)[2]!)}`);
      await page.goBack();
      await page.locator('.runs tbody tr').first().waitFor();
    });
    expect(faults).toEqual([]);
  });

  it('says what would fill it before the first run', async () => {
    const server = await startPageServer({ ...emptyPicture(), other: { 'batch/runs': [] } });
    const faults = await visit(server, '#/batch', async (page) => {
      await page.getByText('The batch has not run yet').waitFor();
    });
    expect(faults).toEqual([]);
  });
});

describe('the page of a run', () => {
  it('tells every cause in full, as text', async () => {
    const nowMs = Date.now();
    const server = await startPageServer({ ...emptyPicture(), other: batchAnswers(nowMs) });
    const [, partly, failed] = runStarts(nowMs).map(runId);
    const faults = await visit(server, `#/batch/${partly}`, async (page) => {
      await page.locator('.causes li').first().waitFor();
      expect((await page.locator('.causes li').allInnerTexts()).map(squeezed)).toEqual([
        '2026-01-29, trades: an earlier try failed States.Timeout: the query took more than 1800 s',
        `2026-01-30, readings: failed ${CAUSE}`,
        '2026-01-31, readings: not yet the day is settled at 2026-02-01T01:00:00.000Z',
      ]);
      await page.evaluate(`location.hash = '#/batch/${failed}'`);
      await expect.poll(() => page.locator('.run-cause').innerText(), EVENTUALLY).toContain(squeezed(HOSTILE_CAUSE));
      expect(await page.title()).toBe(`${failed} – Tidemark`);
    });
    expect(faults).toEqual([]);
  });

  it('says when there is none of this name', async () => {
    const server = await startPageServer(emptyPicture());
    const faults = await visit(server, '#/batch/20131008T041000Z-0a1b2c3d', async (page) => {
      await page.getByText('There is no such run').waitFor();
    });
    expect(faults).toEqual([]);
  });
});
