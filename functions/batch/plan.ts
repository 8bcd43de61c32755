/** Second step: which days this run builds. */
import { forEachLimited } from '#adapters/concurrency.ts';
import type { RunDay } from '#adapters/run-reader.ts';
import { sha256Hex } from '#adapters/sha256.ts';
import { daysToLookAt, MAX_DAYS_A_RUN, type SourceSituation, sinceOf, verdictOn } from '#domain/batch-plan.ts';
import { fingerprintOf, publishedDays, SOURCES } from '#domain/publication.ts';
import type { SourceName } from '#domain/settings.ts';
import type { BatchPorts } from './ports.ts';
import type { PlannedDay, PlannedState, RunState } from './state.ts';

const QUERIES_IN_FLIGHT = 16;

interface Decided {
  readonly source: SourceName;
  readonly day: string;
  readonly status: 'build' | 'unchanged' | 'refused';
  readonly cause: string | null;
}

/** Reads first how far the archive is, then which days there are, then their objects: nothing that the first speaks of is missed. */
export async function plan(ports: BatchPorts, state: RunState): Promise<PlannedState> {
  const { request, run } = state;
  const through = { trades: await ports.archivedThroughMs('trades'), readings: await ports.archivedThroughMs('readings') };
  const { published, etag } = await ports.published.read();
  const situations = await Promise.all(
    SOURCES.map(async (source) => ({
      source,
      markers: await ports.archive.markers(source),
      published: publishedDays(published, source),
      archivedThroughMs: through[source],
    })),
  );
  const decided: Decided[] = [];
  for (const situation of situations) {
    for (const day of daysToLookAt(situation, request)) decided.push(await decide(ports, situation, day, request.force === true));
  }
  // A day that was asked for by name is refused with a reason, although no source has rows of it.
  if (decided.length === 0 && request.from !== undefined && request.from === request.to) {
    const asked = situations.filter(({ source }) => request.source === undefined || request.source === source);
    for (const situation of asked) decided.push(await decide(ports, situation, request.from, false));
  }
  const toBuild = decided.filter(({ status }) => status === 'build').sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  const chosen = new Set(toBuild.slice(0, MAX_DAYS_A_RUN));
  const days: PlannedDay[] = [];
  for (const { source, day } of chosen) {
    const firstObject = await ports.archive.firstObject(source, day);
    if (firstObject !== null) days.push({ run, source, day, firstObject });
  }
  const since = Object.fromEntries(
    await Promise.all(situations.map(async (situation) => [situation.source, await sinceOfOthers(ports, situation, days)] as const)),
  ) as Record<SourceName, string>;

  // Without days of their own name, what is published as it is would fill the record: years of it.
  const isNamed = ({ status }: Decided): boolean => status === 'refused' || (status === 'unchanged' && request.from !== undefined);
  const named = decided.filter((each) => chosen.has(each) || (request.trigger === 'command' && isNamed(each)));
  const remaining = toBuild.length - chosen.size;
  await ports.runs.change(run, (record) => ({ ...record, remaining, days: named.map(recordOf) }));
  return { ...state, etag, days, since };
}

async function decide(ports: BatchPorts, situation: SourceSituation, day: string, force: boolean): Promise<Decided> {
  const { source, published } = situation;
  const verdict = verdictOn(day, situation, force, ports.nowMs(), ports.settings);
  const decided = (status: Decided['status'], cause: string | null = null): Decided => ({ source, day, status, cause });
  if (verdict.kind === 'refused') return decided('refused', verdict.cause);
  if (verdict.kind !== 'compare') return decided(verdict.kind);
  const input = fingerprintOf(await ports.archive.objects(source, day), sha256Hex);
  return decided(published.get(day)!.input === input ? 'unchanged' : 'build');
}

/** Since when raw rows may be of a day that is neither published nor planned. */
async function sinceOfOthers(ports: BatchPorts, situation: SourceSituation, planned: readonly PlannedDay[]): Promise<string> {
  const { source, markers, published, archivedThroughMs } = situation;
  const ours = new Set(planned.filter((each) => each.source === source).map(({ day }) => day));
  const others = [...markers.keys()].filter((day) => !published.has(day) && !ours.has(day));
  const firstObjects: string[] = [];
  await forEachLimited(others, QUERIES_IN_FLIGHT, async (day) => {
    const key = await ports.archive.firstObject(source, day);
    if (key !== null) firstObjects.push(key);
  });
  return sinceOf(firstObjects, archivedThroughMs);
}

function recordOf({ source, day, status, cause }: Decided): RunDay {
  return {
    source,
    day,
    gen: null,
    status: status === 'build' ? 'running' : status,
    revision: null,
    attempts: 0,
    rows: null,
    cause,
    steps: [],
  };
}
