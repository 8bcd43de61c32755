/** Asks for one thing again and again: one request at a time, more rarely while it fails, not at all while nobody looks. */

/** How often to ask for what is not pushed. */
const INTERVAL_MS = 1000;
/** How often to ask for what is pushed as well: answers repair what a lost message left behind. */
const INTERVAL_WHILE_LIVE_MS = 10_000;
const MAX_BACKOFF_MS = 15_000;

/** Pollers that are awake: what the picture is made of. @type {Set<Poller<unknown>>} */
const awake = new Set();

/** The pollers that are awake, in the order in which they were woken. */
export function awakePollers() {
  return [...awake];
}

/**
 * How long after the start of a request the next one starts: 1 s, or 10 s while the rows are pushed; after failures in a
 * row 2, 4, 8, 15 s.
 * @param {number} failures in a row
 * @param {boolean} [isLive] whether the rows are pushed
 */
export function pauseAfter(failures, isLive = false) {
  if (failures === 0) return isLive ? INTERVAL_WHILE_LIVE_MS : INTERVAL_MS;
  return Math.min(INTERVAL_MS * 2 ** failures, MAX_BACKOFF_MS);
}

/** @template Answer */
export class Poller {
  /** The newest good answer. @type {Answer | null} */
  answer = null;
  /** When it came, ms since the epoch. @type {number | null} */
  answeredMs = null;
  /** Failures since it came. */
  failures = 0;
  /** The newest of them. @type {Error | null} */
  error = null;
  /** When the next request starts; null while one is under way or the poller rests. @type {number | null} */
  nextMs = null;
  /** When the newest request was sent after a rest: what happened before tells nothing of the connection. @type {number} */
  wokenMs = 0;

  #load;
  #onChange;
  #isLive;
  #resting = true;
  #inFlight = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} name of what it asks for, as in a sentence
   * @param {() => Promise<Answer>} load
   * @param {() => void} onChange called after each request
   * @param {() => boolean} [isLive] whether what it asks for is pushed as well
   */
  constructor(name, load, onChange, isLive = () => false) {
    this.name = name;
    this.#load = load;
    this.#onChange = onChange;
    this.#isLive = isLive;
  }

  /** How old its answer gets while all is well, ms. */
  get intervalMs() {
    return pauseAfter(0, this.#isLive());
  }

  /** Starts, or asks at once instead of waiting. */
  wake() {
    if (this.#resting) this.wokenMs = Date.now();
    this.#resting = false;
    awake.add(this);
    this.#schedule(0);
  }

  /** Sends nothing more until woken; a request under way may end. */
  rest() {
    this.#resting = true;
    awake.delete(this);
    clearTimeout(this.#timer);
    this.nextMs = null;
  }

  /** @param {number} delayMs */
  #schedule(delayMs) {
    clearTimeout(this.#timer);
    if (this.#resting || this.#inFlight) return;
    this.nextMs = Date.now() + delayMs;
    this.#timer = setTimeout(() => this.#poll(), delayMs);
  }

  async #poll() {
    const startedMs = Date.now();
    this.#inFlight = true;
    this.nextMs = null;
    try {
      this.answer = await this.#load();
      this.answeredMs = Date.now();
      this.failures = 0;
      this.error = null;
    } catch (error) {
      this.failures++;
      this.error = error instanceof Error ? error : new Error(String(error));
    }
    this.#inFlight = false;
    this.#schedule(Math.max(0, startedMs + pauseAfter(this.failures, this.#isLive()) - Date.now()));
    this.#onChange();
  }
}
