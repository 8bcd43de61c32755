/** Last step of a day: its rows for the API, which asks for them once `published` names the generation. */
import { dailyRows } from './daily-rows.ts';
import { recordDay, stepEnded } from './day-record.ts';
import type { BatchPorts } from './ports.ts';
import type { PreparedDay, ReadyDay } from './state.ts';

export async function register(ports: BatchPorts, state: PreparedDay): Promise<ReadyDay> {
  const startedMs = ports.nowMs();
  await ports.generations.willHaveDayRows(state);
  await ports.dayRows.put(state, await dailyRows(ports.files, state));
  await recordDay(ports, state, (each) => ({
    ...each,
    status: 'ready',
    cause: null,
    steps: [...each.steps, stepEnded(ports, 'register', startedMs)],
  }));
  const { run, source, day, firstObject, gen, input, rows, marker } = state;
  return { run, source, day, firstObject, gen, input, rows, marker, status: 'ready' };
}
