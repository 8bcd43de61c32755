/** `node test/browser/a-day.ts`: a page left open for a day of simulated sensors, pushed as fast as it takes them. Ends with 1 when it slowed down. */
import { launchBrowser, type OpenedPage } from './browser.ts';
import { startPageServer } from './page-server.ts';
import { sensorRow } from './pictures.ts';
import { SENSOR, showcase } from './showcase.ts';

/** As `npm start` simulates them. */
const SENSORS = 20;
const INTERVAL_S = 2;
/** Of each sensor. */
const READINGS = 86_400 / INTERVAL_S;
const PARTS = 8;
const AT_ONCE = 50;
/** Script time a row and live heap of the last part may be so many times those of the second: the first one warms up. */
const MOST_GROWTH = 1.5;

interface Held {
  readonly scriptS: number;
  readonly heapMB: number;
  readonly nodes: number;
  readonly listeners: number;
}

async function heldBy({ page }: OpenedPage): Promise<() => Promise<Held>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  return async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    const of = (name: string) => metrics.find((metric) => metric.name === name)!.value;
    return {
      scriptS: of('ScriptDuration'),
      heapMB: of('JSHeapUsedSize') / 1e6,
      nodes: of('Nodes'),
      listeners: of('JSEventListeners'),
    };
  };
}

/** One page, one day; true when its last hours cost what its first ones did. */
async function dayOn(hash: string, shown: string, sensors: readonly string[]): Promise<boolean> {
  const server = await startPageServer(showcase(Date.now()));
  server.push.mood = 'well';
  const browser = await launchBrowser();
  try {
    const opened = await browser.open(server.url + hash, { viewport: { width: 1280, height: 900 } });
    await opened.page.locator(shown).first().waitFor();
    await opened.page.locator('#state[data-pushed="true"]').waitFor();
    const held = await heldBy(opened);
    const startMs = Date.now();
    const parts: { readonly usARow: number; readonly heapMB: number }[] = [];
    console.log(`${hash || '#/'}: ${sensors.length} sensors, ${READINGS} readings each`);
    for (let part = 0; part < PARTS; part++) {
      const before = await held();
      for (let reading = (READINGS / PARTS) * part; reading < (READINGS / PARTS) * (part + 1); reading++) {
        const atMs = startMs + reading * INTERVAL_S * 1000;
        const published = sensors.map((sensor_id) => {
          const received = 1_000_000 + reading;
          const counters = { received, applied: received, duplicate: 0, late: {}, quarantined: {}, quality: { OK: received } };
          const row = { ...sensorRow({ sensor_id, temperature_c: 20 + (reading % 90) / 10 }, atMs), counters };
          return server.push.publish(`live/sensors/${sensor_id}`, row);
        });
        await Promise.all(published);
        // So that the page's queue stays short: it answers when it has done what was sent before.
        if (reading % AT_ONCE === AT_ONCE - 1) await opened.page.evaluate('new Promise(requestAnimationFrame)');
      }
      const after = await held();
      const usARow = ((after.scriptS - before.scriptS) * 1e6 * PARTS) / (READINGS * sensors.length);
      parts.push({ usARow, heapMB: after.heapMB });
      console.log(
        `  to ${(24 / PARTS) * (part + 1)} h: ${usARow.toFixed(1)} µs of script a row, ${after.heapMB.toFixed(2)} MB of live heap, ` +
          `${after.nodes} nodes, ${after.listeners} listeners`,
      );
    }
    const [second, last] = [parts[1]!, parts.at(-1)!];
    const problems = opened.problems();
    for (const problem of problems.slice(0, 3)) console.log(`  ${problem}`);
    return problems.length === 0 && last.usARow <= MOST_GROWTH * second.usARow && last.heapMB <= MOST_GROWTH * second.heapMB;
  } finally {
    await browser.close();
    await server.close();
  }
}

const fleet = Array.from({ length: SENSORS }, (_, index) => `sensor-${index + 1}`);
const overview = await dayOn('', '#sensors tbody tr', fleet);
const sensor = await dayOn(`#/sensors/${SENSOR}`, 'canvas', [SENSOR]);
process.exitCode = overview && sensor ? 0 : 1;
