/** Routes about alarms. */
import { ANY_REVISION } from '#adapters/alarm-history.ts';
import { type AlarmPlace, rankPrefixOf } from '#adapters/alarm-reader.ts';
import type { AlarmState, Severity } from '#domain/key-state.ts';
import { decodeCursor, encodeCursor, isRecordOf } from './cursor.ts';
import { CURSOR, limitOf, type Query } from './parameters.ts';
import type { Serving } from './ports.ts';
import { unknownKey } from './problem.ts';
import type { ListRoute, Route, SingleRoute } from './route.ts';

const STATES: readonly AlarmState['state'][] = ['ACTIVE', 'NORMAL'];
const SEVERITIES: readonly Severity[] = ['CRITICAL', 'HIGH', 'NORMAL'];
const ALARM_ID = /^[A-Za-z0-9_.-]{1,129}:[a-z-]{1,64}$/;
const PLACE_RANK = /^[012]#\d{4}-\d{2}-\d{2}T[\d:.]{12}Z$/;

const isPlace = isRecordOf<AlarmPlace>({
  rank: (value) => typeof value === 'string' && PLACE_RANK.test(value),
  alarmId: (value) => typeof value === 'string' && ALARM_ID.test(value),
});

function filtersOf(query: Query) {
  const state = query.text('state') as AlarmState['state'] | undefined;
  const severity = (query.text('severity') as Severity | undefined) ?? null;
  return { states: state ? [state] : STATES, severity };
}

/** Each state is an ordered list of its own: the cursor holds the place reached in each of them. */
function listRoute({ alarms }: Serving): ListRoute {
  return {
    path: '/v1/alarms',
    operationId: 'list_alarms',
    summary: 'Alarms that changed at least once, worst first, then newest',
    query: {
      state: { type: 'string', description: 'Only alarms in this state.', enum: STATES },
      severity: { type: 'string', description: 'Only alarms of this severity.', enum: SEVERITIES },
      limit: limitOf(1000, 100, 'alarms'),
      cursor: CURSOR,
    },
    answers: 'list',
    row: 'Alarm',
    async handle({ query }) {
      const { states, severity } = filtersOf(query);
      const limit = query.integer('limit')!;
      const listing = `alarms ${states} ${severity}`;
      const isPosition = (value: unknown): value is (AlarmPlace | null)[] =>
        Array.isArray(value) &&
        value.length === states.length &&
        value.every((place) => place === null || (isPlace(place) && (severity === null || place.rank.startsWith(rankPrefixOf(severity)))));
      const reached = decodeCursor(listing, query.text('cursor'), isPosition) ?? states.map(() => null);

      const lists = await Promise.all(states.map((state, index) => alarms.byState(state, severity, reached[index]!, limit + 1)));
      const merged = lists
        .flatMap((list, index) => list.map((alarm) => ({ alarm, index })))
        .sort((a, b) => (a.alarm.rank === b.alarm.rank ? 0 : a.alarm.rank > b.alarm.rank ? -1 : 1));
      const page = merged.slice(0, limit);
      for (const { alarm, index } of page) reached[index] = { rank: alarm.rank, alarmId: alarm.alarmId };
      return { rows: page.map(({ alarm }) => alarm.row), nextCursor: merged.length > limit ? encodeCursor(listing, reached) : null };
    },
  };
}

function currentRoute({ alarms }: Serving): SingleRoute {
  return {
    path: '/v1/alarms/{alarm}',
    operationId: 'alarm',
    summary: 'One alarm as it stands; its id is the sensor and the rule: `greenhouse-1:temperature-instant`',
    query: {},
    answers: 'single',
    row: 'Alarm',
    async handle({ path }) {
      const id = path['alarm']!;
      const row = ALARM_ID.test(id) ? await alarms.current(id) : null;
      if (row === null) throw unknownKey('alarm', id);
      return { row: { ...row } };
    },
  };
}

function historyRoute({ alarms }: Serving): ListRoute {
  const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
  return {
    path: '/v1/alarms/{alarm}/history',
    operationId: 'history_of_alarm',
    summary: 'The transitions of an alarm, newest first',
    query: { limit: limitOf(1000, 100, 'transitions'), cursor: CURSOR },
    answers: 'list',
    row: 'Alarm',
    async handle({ path, query }) {
      const id = path['alarm']!;
      const limit = query.integer('limit')!;
      const listing = `history ${id}`;
      const belowRevision = decodeCursor(listing, query.text('cursor'), isRevision) ?? ANY_REVISION;
      if (!ALARM_ID.test(id) || (await alarms.current(id)) === null) throw unknownKey('alarm', id);
      const found = await alarms.history(id, belowRevision, limit + 1);
      const rows = found.slice(0, limit);
      return { rows, nextCursor: found.length > limit ? encodeCursor(listing, rows.at(-1)!.revision) : null };
    },
  };
}

export function alarmRoutes(serving: Serving): Route[] {
  return [listRoute(serving), currentRoute(serving), historyRoute(serving)];
}
