/** `node test/browser/take-pictures.ts`: writes docs/pictures anew. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { launchBrowser, type TestBrowser } from './browser.ts';
import { startPageServer } from './page-server.ts';
import { withPalette } from './palette-png.ts';
import { emptyPicture } from './pictures.ts';
import { boundaryOf, partlyFailedRun, SENSOR, SYMBOL, showcase } from './showcase.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../docs/pictures');

interface Shot {
  readonly name: string;
  /** Empty for the overview. */
  readonly hash: string | ((nowMs: number) => string);
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  /** What stands on the page when it is complete. */
  readonly shown: string;
  readonly is?: 'empty' | 'disconnected';
}

const SHOTS: readonly Shot[] = [
  { name: 'overview-1920-light', hash: '', width: 1920, height: 1080, colorScheme: 'light', shown: '#sensors tbody tr' },
  { name: 'overview-390-dark', hash: '', width: 390, height: 844, colorScheme: 'dark', shown: '#sensors tbody tr' },
  { name: 'sensor-1024-light', hash: `#/sensors/${SENSOR}?range=24h`, width: 1024, height: 2100, colorScheme: 'light', shown: 'canvas' },
  { name: 'sensor-390-dark', hash: `#/sensors/${SENSOR}`, width: 390, height: 844, colorScheme: 'dark', shown: 'canvas' },
  {
    name: 'symbol-1024-dark',
    hash: `#/symbols/${encodeURIComponent(SYMBOL)}`,
    width: 1024,
    height: 1500,
    colorScheme: 'dark',
    shown: '.day-chart canvas',
  },
  {
    name: 'alarm-1024-light',
    hash: `#/alarms/${SENSOR}:temperature-instant`,
    width: 1024,
    height: 620,
    colorScheme: 'light',
    shown: '#alarm-facts',
  },
  { name: 'batch-1024-light', hash: '#/batch', width: 1024, height: 1020, colorScheme: 'light', shown: '.runs tbody tr' },
  {
    name: 'batch-run-390-dark',
    hash: (nowMs) => `#/batch/${partlyFailedRun(nowMs)}`,
    width: 390,
    height: 1000,
    colorScheme: 'dark',
    shown: '.run-grid tbody tr',
  },
  { name: 'empty-1024-dark', hash: '', width: 1024, height: 700, colorScheme: 'dark', shown: '#pipeline-table', is: 'empty' },
  {
    name: 'disconnected-1024-light',
    hash: '',
    width: 1024,
    height: 700,
    colorScheme: 'light',
    shown: '#sensors tbody tr',
    is: 'disconnected',
  },
];

/** Takes one picture; throws when the page had a problem of its own. */
async function take(browser: TestBrowser, { name, hash, width, height, colorScheme, shown, is }: Shot): Promise<string> {
  const nowMs = Date.now();
  const server = await startPageServer(is === 'empty' ? emptyPicture() : showcase(nowMs));
  if (is !== 'empty') server.boundary = boundaryOf(nowMs);
  server.push.mood = 'well';
  const opened = await browser.open(server.url + (typeof hash === 'string' ? hash : hash(nowMs)), {
    viewport: { width, height },
    colorScheme,
  });
  const { page } = opened;
  await page.locator('#state[data-pushed="true"][data-state="live"]').waitFor();
  await page.locator(shown).first().waitFor();
  if (is === 'disconnected') {
    server.push.mood = 'broken';
    server.moods = { alarms: 'broken', sensors: 'broken', symbols: 'broken', pipeline: 'broken', other: 'broken' };
    server.push.drop();
    await page.locator('#state[data-state="lost"]').waitFor();
  }
  // Twice four pictures a second: what was asked for late is shown as well.
  await page.waitForTimeout(2000);
  const png = withPalette(await page.screenshot());
  writeFileSync(path.join(FOLDER, `${name}.png`), png);
  const problems = opened.problems({ exceptFailedLoads: is === 'disconnected' });
  await opened.close();
  await server.close();
  if (problems.length > 0) throw new Error(`${name}: ${problems.join('\n')}`);
  return `${name}.png ${Math.round(png.length / 1000)} kB`;
}

const browser = await launchBrowser();
try {
  for (const shot of SHOTS) console.log(await take(browser, shot));
} finally {
  await browser.close();
}
