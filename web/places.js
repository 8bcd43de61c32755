/** Where somebody was on the pages they come back to. */
import { setAttribute } from './dom.js';

/** Scroll positions by entry of the history. */
export class Places {
  /** @type {Map<number, number>} */
  #tops = new Map();
  #next = Date.now();

  constructor() {
    // Pages fill themselves: the browser would scroll before there is anything to scroll to.
    history.scrollRestoration = 'manual';
  }

  /**
   * Remembers the place on the page that is left.
   * @param {number} entry what `arrive` gave
   */
  leave(entry) {
    this.#tops.set(entry, scrollY);
  }

  /**
   * The entry of the history that is shown now, and how far down somebody was when they left it; null when they never were there.
   * @returns {{ entry: number, top: number | null }}
   */
  arrive() {
    const stamped = history.state?.entry;
    if (typeof stamped === 'number') return { entry: stamped, top: this.#tops.get(stamped) ?? null };
    const entry = this.#next++;
    history.replaceState({ entry }, '');
    return { entry, top: null };
  }
}

/**
 * Hands the keyboard and the screen reader over to an element that is not usually reached by Tab.
 * @param {HTMLElement} target
 * @param {FocusOptions} [options]
 */
export function goTo(target, options) {
  setAttribute(target, 'tabindex', '-1');
  target.focus(options);
}
