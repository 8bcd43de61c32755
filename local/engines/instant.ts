/** The present instant of event time, where worker threads can read it. */

/** ms since the epoch, in the memory that the threads share. */
export type Instant = SharedArrayBuffer;

export function newInstant(): { readonly shared: Instant; set(nowMs: number): void } {
  const shared = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  const cell = new Float64Array(shared);
  return {
    shared,
    set(nowMs) {
      cell[0] = nowMs;
    },
  };
}

/** Asks for the instant, or for the machine's time where there is none. */
export function nowOf(instant: Instant | undefined): () => number {
  if (instant === undefined) return Date.now;
  const cell = new Float64Array(instant);
  return () => cell[0] as number;
}

/** A `Date` whose present is what `now` says, in ms since the epoch; everything else about it is the real one. */
export function dateOf(now: () => number): DateConstructor {
  const real = Date;
  return new Proxy(real, {
    apply: () => new real(now()).toString(),
    construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
}
