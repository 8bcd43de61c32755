/** How far a run is, on stderr: one line that changes on a terminal, else a line for each step of the run and each day that is done. */
import type { RunProgress } from './progress.ts';

export interface RunDisplay {
  show(progress: RunProgress): void;
  /** Leaves what is shown last behind. */
  end(): void;
}

export interface DisplayOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const ERASE_LINE = '\r\u001b[K';
const DEFAULT_COLUMNS = 80;
const MOST_NAMED = 3;

export function displayRun(output: DisplayOutput): RunDisplay {
  return output.isTTY ? changingLine(output) : lines(output);
}

function changingLine(output: DisplayOutput): RunDisplay {
  let shown = '';
  return {
    show(progress) {
      const text = textOf(progress).slice(0, (output.columns || DEFAULT_COLUMNS) - 1);
      if (text === shown) return;
      shown = text;
      output.write(`${ERASE_LINE}${text}`);
    },
    end() {
      if (shown !== '') output.write('\n');
      shown = '';
    },
  };
}

function textOf({ step, dayCount, doneCount, active }: RunProgress): string {
  const days = dayCount === null ? '' : ` | ${doneCount} of ${daysText(dayCount)}`;
  const named = active.slice(0, MOST_NAMED).map((day) => `${day.name} ${day.step}`);
  return `batch: ${step || 'starting'}${days}${named.length === 0 ? '' : ` | ${named.join(', ')}`}`;
}

function lines(output: DisplayOutput): RunDisplay {
  let step = '';
  const done = new Set<string>();
  return {
    show(progress) {
      for (const { name, isDone, step: last } of progress.days) {
        if (!isDone || done.has(name)) continue;
        done.add(name);
        output.write(`batch: ${name} ended at ${last}, ${done.size} of ${daysText(progress.dayCount ?? 0)}\n`);
      }
      if (progress.step !== step) {
        step = progress.step;
        output.write(`batch: ${step}${progress.dayCount === null ? '' : ` (${daysText(progress.dayCount)})`}\n`);
      }
    },
    end() {
      step = '';
      done.clear();
    },
  };
}

function daysText(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
