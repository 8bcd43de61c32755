/** How far the replay is, on stderr: a bar on a terminal, else a line every few seconds. */
import { Presets, SingleBar } from 'cli-progress';

export interface ProgressDisplay {
  /** So many more rows were sent. */
  sent(rows: number): void;
  /** On event time: how far the clock is, ms since the epoch. */
  reached(instantMs: number): void;
  /** All are sent; these functions are still behind. */
  waitingFor(functions: readonly string[]): void;
  stop(): void;
}

export interface DisplayOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

const LINE_EVERY_MS = 5_000;

/** @param now ms since the epoch */
export function displayProgress(total: number, output: NodeJS.WriteStream | DisplayOutput, now: () => number): ProgressDisplay {
  return output.isTTY ? bar(total, output as NodeJS.WriteStream) : lines(total, output, now);
}

function bar(total: number, stream: NodeJS.WriteStream): ProgressDisplay {
  const format = 'replay {bar} {percentage}% | {value}/{total} rows | {duration_formatted} | {step}';
  // The command itself handles Ctrl-C.
  const single = new SingleBar({ format, stream, hideCursor: true, gracefulExit: false }, Presets.shades_classic);
  single.start(total, 0, { step: 'sending' });
  return {
    sent: (rows) => single.increment(rows),
    reached: (instantMs) => single.update({ step: minuteOf(instantMs) }),
    waitingFor: (functions) => single.update({ step: `waiting for ${functions.join(' and ')}` }),
    stop: () => single.stop(),
  };
}

/** `2013-10-07 13:30 UTC` */
function minuteOf(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function lines(total: number, output: DisplayOutput, now: () => number): ProgressDisplay {
  let value = 0;
  let lastMs = now();
  const say = (text: string) => {
    if (now() - lastMs < LINE_EVERY_MS) return;
    lastMs = now();
    output.write(`replay: ${text}\n`);
  };
  return {
    sent(rows) {
      value += rows;
      say(`${value} of ${total} rows sent`);
    },
    reached: (instantMs) => say(`${minuteOf(instantMs)}, ${value} of ${total} rows sent`),
    waitingFor: (functions) => say(`all ${total} rows sent, waiting for ${functions.join(' and ')}`),
    stop: () => {},
  };
}
