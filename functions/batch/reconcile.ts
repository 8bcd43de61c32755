/** Holds what is published against what the speed layer made of the same days. */
import { forEachLimited } from '#adapters/concurrency.ts';
import type { DayGeneration } from '#adapters/day-rows.ts';
import { metricsLine } from '#adapters/metrics.ts';
import { speedDay } from '#adapters/speed-day.ts';
import type { KeyItem } from '#adapters/state-reader.ts';
import { dayInterval } from '#domain/calendar.ts';
import type { SensorDay, TradeDay } from '#domain/days.ts';
import { UNATTRIBUTED } from '#domain/events.ts';
import { type PublishedDay, SOURCES } from '#domain/publication.ts';
import { type KeyDays, type Reconciliation, reconcile } from '#domain/reconciliation.ts';
import { type Row, sensorDayRow, tradeDayRow } from '#domain/rows.ts';
import { type SourceName, zoneOf } from '#domain/settings.ts';
import { dailyRows } from './daily-rows.ts';
import { reconciliationKey } from './places.ts';
import type { BatchPorts } from './ports.ts';
import type { PublishedState } from './state.ts';

const DAY_MS = 86_400_000;
const NAMES_A_PAGE = 1_000;
const KEYS_IN_FLIGHT = 16;
/** A run takes hardly longer than its lock and its execution last. */
const MAX_DAYS = 60;
/** The first arrival that rows of a day have, in an object's key. */
const ARRIVAL_HOUR = /\/dt=(\d{4}-\d{2}-\d{2})\/hr=(\d{2})\//;

/**
 * Checks each published generation that was not checked yet, newest days first; and again what stayed without a reason: a speed layer
 * that lagged has caught up since.
 */
export async function reconcileDays(ports: BatchPorts, state: PublishedState): Promise<PublishedState> {
  const { published } = await ports.published.read();
  for (const source of SOURCES) {
    const checked = await ports.drift.checked(source);
    const open = published.days.filter((each) => {
      const known = checked.get(each.day);
      return each.source === source && (known?.gen !== each.gen || known.unexplainedKeys > 0);
    });
    const newest = open.sort((a, b) => (a.day < b.day ? 1 : -1)).slice(0, MAX_DAYS);
    for (const day of newest) {
      const isKept = await isSpeedKept(ports, source, day.day);
      // What was found stays found when the speed layer's side of it is gone.
      if (isKept || checked.get(day.day)?.gen !== day.gen) await reconcileDay(ports, day, isKept);
    }
  }
  return state;
}

async function reconcileDay(ports: BatchPorts, { source, day, gen }: PublishedDay, isKept: boolean): Promise<void> {
  const generation = { source, day, gen };
  const batch = await dailyRows(ports.files, generation);
  const found = isKept ? reconcile(source, await keyDays(ports, generation, batch)) : expired(batch.size);
  const { differences, ...drift } = found;
  await ports.files.writeLines(
    reconciliationKey(generation),
    differences.map(({ name, batchCount, speedCount, difference, explained, reasons, fields }) => ({
      ...generation,
      name,
      batch_count: batchCount,
      speed_count: speedCount,
      difference,
      explained,
      reasons: JSON.stringify(reasons),
      fields: JSON.stringify(fields),
    })),
  );
  const nowMs = ports.nowMs();
  await ports.drift.put(generation, { ...drift, checkedMs: nowMs });
  const { keys, differing, difference, explained, unexplainedKeys } = drift;
  ports.log(metricsLine(nowMs, { layer: 'batch', source }, { keys, differing, difference, explained, unexplainedKeys }));
}

/** Every key that either layer has the day of, and some that neither has. */
async function keyDays(ports: BatchPorts, { source, day }: DayGeneration, batch: ReadonlyMap<string, Row>): Promise<KeyDays[]> {
  const open = new Map(batch);
  const days: KeyDays[] = [];
  for (let after = ''; ; ) {
    const names = await ports.states.names(source, after, NAMES_A_PAGE);
    const items: KeyItem<SourceName>[] = await ports.states.getAll(
      source,
      names.filter((name) => name !== UNATTRIBUTED),
    );
    await forEachLimited(items, KEYS_IN_FLIGHT, async (item) => {
      const { name, lateByDay } = item.state;
      const speed = await speedDay(ports.windows, source, item, day, dayInterval(zoneOf(source, name, ports.settings), day));
      const row = speed && (source === 'trades' ? tradeDayRow(name, speed as TradeDay) : sensorDayRow(name, speed as SensorDay));
      days.push({ key: name, batch: batch.get(name) ?? null, speed: row, late: lateByDay[day] ?? {} });
      open.delete(name);
    });
    if (names.length < NAMES_A_PAGE) break;
    after = names.at(-1)!;
  }
  for (const [key, row] of open) days.push({ key, batch: row, speed: null, late: {} });
  return days;
}

/** Whether the speed layer still has all windows of the day: each is kept for so long from when it was written. */
async function isSpeedKept({ archive, settings, nowMs }: BatchPorts, source: SourceName, day: string): Promise<boolean> {
  const [, arrivalDay, hour] = ARRIVAL_HOUR.exec((await archive.firstObject(source, day)) ?? '') ?? [];
  return nowMs() < Date.parse(`${arrivalDay}T${hour}:00:00Z`) + settings.speedRetentionDays * DAY_MS;
}

function expired(keys: number): Reconciliation {
  return { keys, differing: 0, difference: 0, explained: 0, reasons: { SPEED_EXPIRED: keys }, unexplainedKeys: 0, differences: [] };
}
