/**
 * The alarms a sensor's readings must have caused, from what was sent in which order alone. It shares no code with the
 * pipeline: latches instead of a state machine, tenths of a degree as whole numbers instead of compensated sums.
 */
export type Severity = 'NORMAL' | 'HIGH' | 'CRITICAL';

/** A change of severity that must have followed. */
export interface ExpectedTransition {
  readonly rule: 'temperature-instant' | 'temperature-average';
  /** Event time: of the reading, or the end of the window; ms since the epoch. */
  readonly atMs: number;
  readonly severity: Severity;
  /** °C: what was measured, or the mean of the window. */
  readonly value: number;
}

/** How the pipeline judges a sensor; temperatures in °C, durations in ms. */
export interface AlarmExpectations {
  readonly highC: number;
  readonly criticalC: number;
  readonly hysteresisC: number;
  /** Windows of averages, aligned to the epoch. */
  readonly windowMs: number;
  /** A window is complete when the newest event time reaches its end plus this. */
  readonly graceMs: number;
  /** A window may change until the newest event time reaches its end plus this. */
  readonly latenessMs: number;
}

interface Average {
  readonly startMs: number;
  /** Tenths of a degree: what a DHT22 measures in. */
  tenths: number;
  count: number;
  isComplete: boolean;
}

/** Two latches, one a threshold: set at it, reset below it minus the hysteresis. */
class Latches {
  readonly #expectations: AlarmExpectations;
  #isHigh = false;
  #isCritical = false;

  constructor(expectations: AlarmExpectations) {
    this.#expectations = expectations;
  }

  get severity(): Severity {
    return this.#isCritical ? 'CRITICAL' : this.#isHigh ? 'HIGH' : 'NORMAL';
  }

  /** True when the severity is another one then. */
  feel(value: number): boolean {
    const { highC, criticalC, hysteresisC } = this.#expectations;
    const before = this.severity;
    this.#isHigh = value >= (this.#isHigh ? highC - hysteresisC : highC);
    this.#isCritical = value >= (this.#isCritical ? criticalC - hysteresisC : criticalC);
    return this.severity !== before;
  }
}

/** Of one sensor. */
export class ExpectedAlarms {
  /** In the order in which they must have been decided. */
  readonly transitions: ExpectedTransition[] = [];
  readonly #expectations: AlarmExpectations;
  readonly #instant: Latches;
  readonly #average: Latches;
  #newestMs = Number.NEGATIVE_INFINITY;
  /** Those that may still change, ascending. */
  #averages: Average[] = [];
  #newestJudgedMs = Number.NEGATIVE_INFINITY;

  constructor(expectations: AlarmExpectations) {
    this.#expectations = expectations;
    this.#instant = new Latches(expectations);
    this.#average = new Latches(expectations);
  }

  /** Newest event time of an applied reading, ms since the epoch; minus infinity before the first. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** A reading was applied; `temperatureC` is null unless it can be trusted. Time moves on with either. */
  applied(eventMs: number, temperatureC: number | null): void {
    const isNewest = eventMs >= this.#newestMs;
    if (isNewest) this.#newestMs = eventMs;
    const average = this.#averageAt(eventMs);
    if (temperatureC !== null) {
      if (isNewest && this.#instant.feel(temperatureC)) {
        this.transitions.push({ rule: 'temperature-instant', atMs: eventMs, severity: this.#instant.severity, value: temperatureC });
      }
      average.tenths += Math.round(temperatureC * 10);
      average.count++;
    }
    if (average.isComplete) this.transitions.push(...this.#judged([average]));
    this.transitions.push(...this.#judged(this.#averages.filter((each) => this.#isOver(each, this.#expectations.graceMs))));
    this.#averages = this.#averages.filter((each) => !this.#isOver(each, this.#expectations.latenessMs));
  }

  /** What may follow besides when nothing more is heard for long: what is incomplete is judged as it is. To be asked once, at the end. */
  silence(): ExpectedTransition[] {
    return this.#judged(this.#averages);
  }

  #averageAt(eventMs: number): Average {
    const startMs = eventMs - (eventMs % this.#expectations.windowMs);
    const found = this.#averages.find((each) => each.startMs === startMs);
    if (found) return found;
    const average = { startMs, tenths: 0, count: 0, isComplete: false };
    this.#averages = [...this.#averages, average].sort((a, b) => a.startMs - b.startMs);
    return average;
  }

  #isOver({ startMs }: Average, afterMs: number): boolean {
    return this.#newestMs >= startMs + this.#expectations.windowMs + afterMs;
  }

  /** Judges means in their order, but for those older than one that was judged before. */
  #judged(averages: readonly Average[]): ExpectedTransition[] {
    const transitions: ExpectedTransition[] = [];
    for (const average of averages) {
      const { startMs, tenths, count } = average;
      average.isComplete = true;
      if (count === 0 || startMs < this.#newestJudgedMs) continue;
      this.#newestJudgedMs = startMs;
      const value = tenths / (10 * count);
      if (!this.#average.feel(value)) continue;
      const atMs = startMs + this.#expectations.windowMs;
      transitions.push({ rule: 'temperature-average', atMs, severity: this.#average.severity, value });
    }
    return transitions;
  }
}
