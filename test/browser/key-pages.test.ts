import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, type OpenedPage, type TestBrowser } from './browser.ts';
import { runsOf } from './canvas.js';
import { SENSOR, SYMBOL, sensorAnswers, sensorReadings, sensorWindows, symbolAnswers } from './key-pictures.ts';
import { type PageServer, startPageServer } from './page-server.ts';
import { emptyPicture, HOSTILE_NAMES, sensorRow } from './pictures.ts';

type Page = OpenedPage['page'];
type Answers = Record<string, object | readonly object[]>;

const EVENTUALLY = { timeout: 20_000 };
const SENSOR_PAGE = `#/sensors/${SENSOR}`;
const SYMBOL_PAGE = `#/symbols/${encodeURIComponent(SYMBOL)}`;
/** Canvases of the sensor's page. */
const AVERAGES = 0;
const READINGS = 1;

let browser: TestBrowser;
let server: PageServer;
let opened: OpenedPage;
let nowMs: number;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  nowMs = Date.now();
  server = await startPageServer({ ...emptyPicture(), other: { ...sensorAnswers(nowMs), ...symbolAnswers(nowMs) } });
});
afterEach(async () => {
  // An alarm that never changed is answered with 404, which the browser notes.
  expect(opened.problems({ exceptFailedLoads: true })).toEqual([]);
  await opened.close();
  await server.close();
});

async function open(hash: string, charts = 4): Promise<Page> {
  opened = await browser.open(server.url + hash, { viewport: { width: 1024, height: 900 } });
  await drawn(opened.page, charts);
  return opened.page;
}

const drawn = (page: Page, charts: number) => expect.poll(() => page.locator('.uplot').count(), EVENTUALLY).toBe(charts);

async function reload(page: Page): Promise<void> {
  await page.reload();
  await drawn(page, 4);
}

function answer(changes: Answers): void {
  server.picture = { ...server.picture, other: { ...server.picture.other, ...changes } };
}

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const points = (page: Page, name: string) => section(page, name).locator('.plot[data-points]').getAttribute('data-points');
const runs = (page: Page, chart: number, token: string) => page.evaluate(runsOf, { chart, token });
const widestGap = (found: readonly { from: number; to: number }[]) =>
  Math.max(...found.map(({ from }, index) => from - (found[index - 1]?.to ?? from)));
const asked = (path: string) => server.requests.filter(({ url }) => url.startsWith(`/v1/${path}`)).length;
const hashOf = (page: Page) => page.evaluate<string>('location.hash');

/** The rows of a table, each as the texts of its cells; one that is folded away is opened first. */
async function rowsOf(page: Page, name: string): Promise<string[][]> {
  const box = section(page, name);
  const folded = box.locator('details:not([open]) summary');
  if ((await folded.count()) > 0) await folded.click();
  await box.locator('tbody tr').first().waitFor();
  const rows = await box.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.innerText)));
  return rows.map((row) => row.map(squeezed));
}

describe('the page of a sensor', () => {
  it('says how it stands, every window of its range, what its alarms did, and its days', async () => {
    const page = await open(`${SENSOR_PAGE}?range=6h`);
    expect(squeezed(await page.locator('.now-main').innerText())).toMatch(/^29\.0 °C High OK (now|\d+ (s|min) ago)$/);
    const facts = squeezed(await page.locator('.now .facts').innerText());
    expect(facts).toContain('Untrusted 10: 7 not a number, 3 bit shift');
    expect(facts).toContain('Late 5: 5 lateness');
    expect(facts).toContain('mean 28.3 °C, 25.8 to 31.5 °C, 1,180 readings');
    expect(await page.title()).toBe(`${SENSOR} – Tidemark`);
    // Texts of strangers are texts.
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.getByText(`dht22, days in ${HOSTILE_NAMES[0]}`).count()).toBe(1);
    expect(await page.getByText(`1: 1 ${HOSTILE_NAMES[1]}`.toLowerCase()).count()).toBe(1);
    // Every window of its range.
    const rows = await rowsOf(page, 'Averages');
    expect(rows).toHaveLength(13);
    expect(rows.map(([, mean, lowest, highest, count, state]) => [mean, lowest, highest, count, state]).slice(0, 3)).toEqual([
      ['30.0 °C', '29.0 °C', '31.5 °C', '48', 'Still moving'],
      ['29.8 °C', '28.8 °C', '31.3 °C', '49', 'Closed, corrected (revision 3)'],
      ['29.5 °C', '28.5 °C', '31.0 °C', '50', 'Closed'],
    ]);
    expect(await points(page, 'Averages')).toBe('13');
    expect(await section(page, 'Averages').locator('.foot').first().innerText()).toMatch(
      /^13 windows, .*: 26\.0.°C to 31\.5.°C\. 1 still moving \(shaded\)\. 1 corrected by late readings \(ringed\)\.$/,
    );
    // What its alarms did, and its days.
    await expect
      .poll(async () => (await rowsOf(page, 'Alarm history')).map((row) => row.slice(0, 5)), EVENTUALLY)
      .toEqual([
        ['High', 'Reading', '30.3 °C', '≥ 30.0 °C', expect.stringMatching(/^\d+ (s|min) so far$/)],
        ['Normal', 'Reading', '29.3 °C', '< 30.0 °C', '1 h'],
        ['Critical', 'Reading', '35.5 °C', '≥ 35.0 °C', '1 h'],
      ]);
    const strip = section(page, 'Alarm history').locator('.strip .stretch');
    expect(await strip.evaluateAll((all) => all.map((part) => part.getAttribute('data-severity')))).toEqual(['CRITICAL', 'NORMAL', 'HIGH']);
    const days = await rowsOf(page, 'Days');
    expect(days[1]).toEqual([
      '2026-01-30',
      'Settled, revision 2',
      ...['1,180', '0.0 °C', '25.8 °C', '31.5 °C', '41.5 %', '6', '61 min', '0 min', '81.9 %'],
    ]);
    expect(days[0]?.slice(1, 2)).toEqual(['Still moving']);
    expect(days[0]?.slice(6)).toEqual(['–', '–', '–', '–', '–']);
    await page.getByRole('link', { name: 'Reading', exact: true }).first().click();
    expect(await hashOf(page)).toBe(`#/alarms/${encodeURIComponent(`${SENSOR}:temperature-instant`)}`);
  });

  it('draws a gap as a gap, limits as lines, corrections as rings, what is not to be trusted hollow, and all of it anew when the theme changes', async () => {
    const page = await open(`${SENSOR_PAGE}?range=6h`);
    // Half an hour of six hours, of which the axis leaves most of the width.
    expect(widestGap(await runs(page, AVERAGES, '--accent'))).toBeGreaterThan(0.05);
    expect((await runs(page, AVERAGES, '--high'))[0]?.from).toBeLessThan(0.1);
    expect(await runs(page, AVERAGES, '--text')).toHaveLength(1);
    // Readings that are not to be trusted, and a pause between others.
    expect(await points(page, 'Readings')).toBe('30');
    expect(squeezed(await section(page, 'Readings').locator('.foot').first().innerText())).toMatch(
      /^30 readings, .*: 29\.0 °C to 30\.0 °C\. 2 not to be trusted: hollow marks\. Limits: HIGH from 30\.0 °C, CRITICAL from 35\.0 °C\.$/,
    );
    expect(await runs(page, READINGS, '--untrusted')).not.toEqual([]);
    expect(widestGap(await runs(page, READINGS, '--accent'))).toBeGreaterThan(0.2);
    expect((await rowsOf(page, 'Readings'))[3]?.slice(1)).toEqual(['– °C', '– %', 'Not a number']);
    answer({
      [`sensors/${SENSOR}/windows`]: sensorWindows(nowMs).slice(0, 10),
      [`sensors/${SENSOR}/readings`]: sensorReadings(nowMs).map((row) => ({ ...row, temperature_c: 29, quality: 'OK' })),
    });
    await reload(page);
    expect(widestGap(await runs(page, AVERAGES, '--accent'))).toBeLessThan(0.02);
    expect(await runs(page, READINGS, '--untrusted')).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(async () => (await runs(page, AVERAGES, '--accent')).length, EVENTUALLY).toBeGreaterThan(0);
  });

  it('adds what is pushed without asking', async () => {
    server.push.mood = 'well';
    const page = await open(SENSOR_PAGE);
    await page.locator('#state[data-pushed="true"]').waitFor();
    await expect.poll(() => points(page, 'Readings'), EVENTUALLY).toBe('30');
    const before = asked(`sensors/${SENSOR}/readings`);
    const row = {
      ...sensorRow({ sensor_id: SENSOR, temperature_c: 33.25, severity: 'HIGH', ageS: 0 }, Date.now()),
      counters: { received: 1201, late: {}, quarantined: {}, quality: {} },
    };
    await server.push.publish(`live/sensors/${SENSOR}`, row);
    await server.push.publish(`live/sensors/${SENSOR}`, { sensor_id: SENSOR });
    await expect.poll(() => points(page, 'Readings'), EVENTUALLY).toBe('31');
    expect((await rowsOf(page, 'Readings'))[0]?.[1]).toBe('33.3 °C');
    expect(squeezed(await page.locator('.now-main').innerText())).toMatch(/^33\.3 °C/);
    expect(asked(`sensors/${SENSOR}/readings`) - before).toBeLessThanOrEqual(1);
  });

  it('keeps the range and the zoom in the address, by mouse and by keyboard; back leads to where one came from', async () => {
    const page = await open('', 0);
    await page.evaluate(`location.hash = ${JSON.stringify(SENSOR_PAGE)}`);
    await drawn(page, 4);
    const words = page.locator('.range-bar .span');
    const before = await words.innerText();
    await page.getByRole('button', { name: '24 h' }).click();
    expect(await hashOf(page)).toBe(`${SENSOR_PAGE}?range=24h`);
    await expect.poll(() => words.innerText(), EVENTUALLY).not.toBe(before);
    const whole = await words.innerText();
    const plot = section(page, 'Averages').locator('.u-over');
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 5, box.y + 60, { steps: 3 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'End the zoom' }).waitFor();
    const [, from = '', to = ''] = /&from=([^&]+)&to=([^&]+)$/.exec(await hashOf(page)) ?? [];
    const [fromMs, toMs] = [from, to].map((text) => Date.parse(decodeURIComponent(text)));
    expect((toMs! - fromMs!) / 3_600_000).toBeCloseTo(12 * (1 - 10 / box.width), 0);
    await reload(page);
    await page.getByRole('button', { name: 'End the zoom' }).click();
    expect(await hashOf(page)).toBe(`${SENSOR_PAGE}?range=24h`);
    expect(await page.getByRole('button', { name: '24 h', pressed: true }).count()).toBe(1);
    await page.getByRole('button', { name: 'End the zoom' }).waitFor({ state: 'hidden' });
    expect((await words.innerText()).slice(0, 12)).toBe(whole.slice(0, 12));
    // By keyboard: from point to point, told aloud, into the zoom and out of it.
    const readout = section(page, 'Averages').locator('.readout');
    await section(page, 'Averages')
      .getByRole('group', { name: /^Mean, lowest and highest/ })
      .focus();
    await page.keyboard.press('End');
    await expect.poll(() => readout.innerText(), EVENTUALLY).toMatch(/mean 30\.0.°C, 29\.0.°C to 31\.5.°C, 48 readings, still moving$/);
    expect(await readout.getAttribute('aria-live')).toBe('polite');
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => readout.innerText(), EVENTUALLY)
      .toMatch(/\(\d\d:\d\d:\d\d UTC\): mean 29\.8.°C.* closed, corrected \(revision 3\)$/);
    await page.keyboard.press('+');
    await expect.poll(() => hashOf(page), EVENTUALLY).toMatch(/&from=.*&to=/);
    await page.keyboard.press('Escape');
    await expect.poll(() => hashOf(page), EVENTUALLY).toBe(`${SENSOR_PAGE}?range=24h`);
    await page.goBack();
    await page.locator('#verdict').waitFor();
  });

  it('keeps its picture when the API fails, and says so', async () => {
    const page = await open(SENSOR_PAGE);
    server.moods = { other: 500 };
    await page.locator('#bar').waitFor();
    expect(squeezed(await page.locator('#bar').innerText())).toMatch(/answered 500: the test wants it so/);
    expect(await points(page, 'Readings')).toBe('30');
  });

  it('says that nothing is known of a sensor and what would bring something, and where a range has no data', async () => {
    const page = await open('#/sensors/nobody', 0);
    await expect
      .poll(async () => squeezed(await page.locator('main').innerText()), EVENTUALLY)
      .toMatch(/nobody Nothing was received of this sensor yet\. npm start/);
    expect(await page.locator('main code').allInnerTexts()).toEqual(['npm start', 'npm run replay -- readings FILE']);
    answer({ [`sensors/${SENSOR}/windows`]: [], [`sensors/${SENSOR}/readings`]: [] });
    await page.evaluate(`location.hash = ${JSON.stringify(SENSOR_PAGE)}`);
    await expect.poll(() => section(page, 'Averages').innerText(), EVENTUALLY).toMatch(/No data from .* A longer range may have some\./);
    expect(await section(page, 'Readings').innerText()).toMatch(/No data: no reading of this sensor is known\./);
  });

  it('lets go of everything when it is left', async () => {
    const page = await open(SENSOR_PAGE);
    await page.evaluate("location.hash = '#/'");
    await page.locator('#verdict').waitFor();
    const left = asked('sensors/');
    const sensors = asked('sensors?');
    await expect.poll(() => asked('sensors?'), EVENTUALLY).toBeGreaterThan(sensors);
    expect(asked('sensors/') - left).toBeLessThanOrEqual(5);
    const rest = asked('sensors/');
    await expect.poll(() => asked('sensors?'), EVENTUALLY).toBeGreaterThan(sensors + 2);
    expect(asked('sensors/')).toBe(rest);
    expect(await page.locator('.uplot').count()).toBe(0);
    expect(
      await page.evaluate(
        "import('./vendor/uplot.js').then(({ default: uPlot }) => uPlot.sync('sensor').plots.length + uPlot.sync('sensor days').plots.length)",
      ),
    ).toBe(0);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 500, height: 500 });
  });
});

describe('the page of a symbol', () => {
  it('says how it stands, and shows its newest trades, a candle and the volume of every bar, and its days', async () => {
    const page = await open(SYMBOL_PAGE);
    expect(squeezed(await page.locator('.now-main').innerText())).toMatch(
      /^151\.49 −0\.01 \(−0\.007 %\) from the trade before (now|\d+ (s|min) ago)$/,
    );
    const trades = await rowsOf(page, 'Newest trades');
    expect(trades).toHaveLength(32);
    expect(trades[0]?.slice(0, 4)).toEqual(['151.49', '−0.01', '−0.007 %', '0.2500']);
    expect(trades[31]?.slice(0, 4)).toEqual(['151.80', '–', '–', '3,100.0000']);
    // A candle and the volume of every bar, and each row of its days.
    expect(await points(page, 'Price')).toBe('40');
    const bars = await rowsOf(page, 'Price');
    expect(bars).toHaveLength(40);
    expect(bars[0]?.slice(1)).toEqual(['151.39', '151.59', '151.29', '151.34', '0.2500', '1', 'Still moving']);
    expect(bars[1]?.at(-1)).toBe('Closed, corrected (revision 2)');
    expect(await rowsOf(page, 'Days')).toEqual([
      [expect.any(String), 'Still moving', '469', '46,830.2500', '150.90', '151.59', '151.00', '151.49', '151.23', '–'],
      ['2026-01-30', 'Settled', '469', '46,830.2500', '150.90', '151.59', '151.00', '151.49', '–', '1,203'],
    ]);
    expect(squeezed(await section(page, 'Days').innerText())).toMatch(/ The shaded day still moves: the batch has not settled it yet\. /);
    // One crosshair for both charts.
    await section(page, 'Price').locator('.u-over').first().hover();
    const crosshairs = () => page.locator('.u-cursor-x:not(.u-off)').evaluateAll((all) => all.map((line) => line.style.transform));
    await expect.poll(async () => (await crosshairs()).length, EVENTUALLY).toBe(2);
    expect(new Set(await crosshairs()).size).toBe(1);
    expect(await section(page, 'Price').locator('.readout').innerText()).toMatch(/: open 151\.\d\d, high .*, volume 1,\d\d0 in 12 trades$/);
    // Six minutes of sixty without a candle, in the middle of the rest.
    const candles = [...(await runs(page, 0, '--chart-rise')), ...(await runs(page, 0, '--chart-fall'))].sort((a, b) => a.from - b.from);
    expect(widestGap(candles)).toBeGreaterThan(0.08);
    expect((await runs(page, 1, '--chart-volume')).length).toBeGreaterThanOrEqual(2);
    // No tidemark before there is a batch.
    expect((await runs(page, 0, '--accent')).filter(({ height }) => height > 0.7)).toEqual([]);
  });

  it('shows the tidemark between what is settled and what may still move, when there is one', async () => {
    server.boundary = new Date(nowMs - 30 * 60_000).toISOString();
    const page = await open(SYMBOL_PAGE);
    const tall = async () => (await runs(page, 0, '--accent')).filter(({ height }) => height > 0.7);
    await expect.poll(async () => (await tall()).length, EVENTUALLY).toBe(1);
    expect((await tall())[0]!.from).toBeCloseTo(0.46, 1);
    expect(squeezed(await section(page, 'Price').innerText())).toMatch(/ Days before .* are settled\. /);
    server.boundary = '2026-01-31T00:00:00.000Z';
    await reload(page);
    // Days: behind the only settled one, of the two that are there.
    await section(page, 'Days').getByText('Everything up to 30 Jan 2026 is settled; the shaded day still moves.').waitFor();
    const ofDays = (await runs(page, 2, '--accent')).filter(({ height }) => height > 0.7);
    expect(ofDays).toHaveLength(1);
    expect(ofDays[0]!.from).toBeLessThan(0.1);
  });
});
