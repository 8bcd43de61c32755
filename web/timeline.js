/** What an alarm was and when, as a strip of time that ends now. The table beside it says the same in words. */
import { element, setAttribute, setText } from './dom.js';
import { clockText, timeOf } from './format.js';

/** @import { Alarm } from './render-alarms.js' */

/** The longest that a strip goes back. */
const MAX_SPAN_MS = 86_400_000;

/**
 * @typedef {object} Stretch
 * @property {string} severity
 * @property {number} from share of the strip, from 0
 * @property {number} to share of the strip, up to 1
 */

/**
 * From the first transition, but at most a day ago, until now. Pure.
 * @param {readonly Alarm[]} newestFirst
 * @param {number} nowMs
 * @returns {{ startMs: number, stretches: Stretch[] }}
 */
export function stretchesOf(newestFirst, nowMs) {
  const times = newestFirst.map(({ event_time: eventTime }) => timeOf(eventTime) ?? nowMs);
  const startMs = Math.min(Math.max(times.at(-1) ?? nowMs, nowMs - MAX_SPAN_MS), nowMs - 1);
  const shareOf = (/** @type {number} */ ms) => Math.min(1, Math.max(0, (ms - startMs) / (nowMs - startMs)));
  const stretches = newestFirst
    .map(({ severity }, index) => ({ severity, from: shareOf(times[index] ?? nowMs), to: shareOf(times[index - 1] ?? nowMs) }))
    .filter(({ from, to }) => to > from);
  return { startMs, stretches: stretches.reverse() };
}

/** @returns {{ element: HTMLElement, show(newestFirst: readonly Alarm[], nowMs: number): void }} */
export function timeline() {
  const strip = element('div', 'strip');
  const start = document.createTextNode('');
  const whole = element('div', 'timeline', strip, element('p', 'strip-ends', element('span', '', start), element('span', '', 'now')));
  whole.setAttribute('aria-hidden', 'true');
  return {
    element: whole,
    show(newestFirst, nowMs) {
      const { startMs, stretches } = stretchesOf(newestFirst, nowMs);
      while (strip.childElementCount > stretches.length) strip.lastElementChild?.remove();
      while (strip.childElementCount < stretches.length) strip.append(element('span', 'stretch'));
      for (const [index, { severity, from, to }] of stretches.entries()) {
        const part = /** @type {HTMLElement} */ (strip.children[index]);
        setAttribute(part, 'data-severity', severity);
        setStyle(part, 'left', from);
        setStyle(part, 'width', to - from);
      }
      setText(start, clockText(startMs, nowMs));
    },
  };
}

/**
 * @param {HTMLElement} part
 * @param {'left' | 'width'} name
 * @param {number} share
 */
function setStyle(part, name, share) {
  const value = `${(share * 100).toFixed(2)}%`;
  if (part.style[name] !== value) part.style[name] = value;
}
