/** Where a run stands, from the history of its execution: which day is at which step. */
import { parseOutcome, type RunOutcome } from './outcome.ts';
import type { HistoryEvent } from './state-machine.ts';

export interface DayProgress {
  /** `trades 2013-10-08`. */
  readonly name: string;
  /** The state it is in, or was in last. */
  step: string;
  isDone: boolean;
}

export class RunProgress {
  /** The state of the machine itself that was entered last. */
  step = '';
  /** Days that the plan found; null before it has. */
  dayCount: number | null = null;
  readonly days: DayProgress[] = [];
  lastEventId = 0;
  /** What the run said last of itself and its days. */
  outcome: RunOutcome | undefined;
  /** By the id of an event that happened for it. */
  readonly #dayOf = new Map<number, DayProgress>();

  /** Takes what happened next, in order. */
  add(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      this.lastEventId = event.id!;
      this.#add(event);
    }
  }

  get doneCount(): number {
    return this.days.filter(({ isDone }) => isDone).length;
  }

  /** The days at work now. */
  get active(): DayProgress[] {
    return this.days.filter(({ isDone, name }) => !isDone && name !== '');
  }

  #add(event: HistoryEvent): void {
    const { id, type = '', stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
    if (exited) this.outcome = parseOutcome(exited.output) ?? this.outcome;
    if (type === 'MapStateStarted') this.dayCount = event.mapStateStartedEventDetails?.length ?? null;
    if (type === 'MapIterationStarted') {
      const day = { name: '', step: '', isDone: false };
      this.days.push(day);
      this.#dayOf.set(id!, day);
      return;
    }
    const day = this.#dayOf.get(event.previousEventId!);
    if (!day) {
      if (entered) this.step = entered.name!;
      return;
    }
    // What comes after the whole map follows the end of one of its items.
    if (type.startsWith('MapState')) return;
    this.#dayOf.set(id!, day);
    if (entered) Object.assign(day, { step: entered.name!, name: day.name || nameOf(entered.input) });
    if (/^MapIteration(Succeeded|Failed|Aborted)$/.test(type)) Object.assign(day, { isDone: true });
  }
}

function nameOf(input: string | undefined): string {
  try {
    const { source, day } = JSON.parse(input ?? '{}') as { source?: string; day?: string };
    return source === undefined || day === undefined ? '' : `${source} ${day}`;
  } catch {
    // AWS may cut a long input off.
    return '';
  }
}
