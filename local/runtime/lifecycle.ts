/** What has been started, so that it can be stopped in reverse: at the end, or when starting failed half-way. */
export interface Lifecycle {
  /** Remembers how to stop something that has begun to exist. `name` is for messages. */
  onStop(name: string, stop: () => void | Promise<void>): void;
  /** Stops everything in reverse order, one after the other; a failure is reported and the rest goes on. Later calls wait for the first. */
  stop(): Promise<void>;
}

export function createLifecycle(report: (message: string) => void): Lifecycle {
  const stops: { readonly name: string; readonly stop: () => void | Promise<void> }[] = [];
  let stopped: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    for (let last = stops.pop(); last; last = stops.pop()) {
      try {
        await last.stop();
      } catch (error) {
        report(`${last.name} did not stop cleanly: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  return {
    onStop(name, stop) {
      stops.push({ name, stop });
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
  };
}
