/** A schedule of EventBridge Scheduler. */
import type { LocalClock } from './local-clock.ts';

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The interval of `rate(5 minutes)` in ms. Throws for what is not run locally, naming it. */
export function intervalMsOf(expression: string): number {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  const count = Number(match?.[1]);
  if (!match || count < 1) throw new Error(`schedule expression ${expression}: locally only rate(N minutes|hours|days) with N >= 1 is run`);
  return count * UNIT_MS[match[2]!]!;
}

export interface ScheduleOptions {
  readonly expression: string;
  /** Held from a firing until `run` has ended. */
  readonly clock: LocalClock;
  /**
   * Called at each firing with the instant it was due at, in ms since the epoch; a failure is the caller's to report, and the next firing
   * comes at its time.
   */
  readonly run: (dueMs: number) => Promise<unknown>;
}

/**
 * Fires at once, as EventBridge Scheduler does for a rate without a start date ("your schedule starts invoking the target immediately",
 * EventBridge Scheduler User Guide, Schedule types, Rate-based schedules), then at fixed instants: a late firing does not move the next
 * one, and what a sleeping machine missed is missed.
 */
export function startSchedule({ expression, clock, run }: ScheduleOptions): { stop(): Promise<void> } {
  const intervalMs = intervalMsOf(expression);
  const running = new Set<Promise<void>>();
  let dueMs = clock.now();
  const arm = () => clock.after(Math.max(0, dueMs - clock.now()), fire);
  const fire = () => {
    const letClockGo = clock.hold();
    const ended = (): void => {
      running.delete(call);
      letClockGo();
    };
    const call: Promise<void> = run(dueMs).then(ended, ended);
    running.add(call);
    dueMs += intervalMs * Math.max(1, Math.floor((clock.now() - dueMs) / intervalMs) + 1);
    cancel = arm();
  };
  let cancel = arm();
  return {
    /** Resolves when the firings under way have ended. */
    async stop() {
      cancel();
      await Promise.allSettled(running);
    },
  };
}
