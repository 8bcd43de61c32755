/** The choice of the range of time for all charts of a page. */
import { element, setAttribute, setShown, setText } from '../dom.js';
import { RANGES } from './span.js';

/** @import { Range } from './span.js' */

/**
 * @param {(range: Range) => void} onChoose
 * @param {() => void} onReset
 * @returns {{ element: HTMLElement, show(chosen: Range, text: string, zoomed: boolean): void }} `text` says which part of time is shown
 */
export function rangeBar(onChoose, onReset) {
  const buttons = RANGES.map((range) => {
    const button = element('button', 'choice', range.label);
    button.type = 'button';
    button.addEventListener('click', () => onChoose(range));
    return button;
  });
  const group = element('div', 'choices', ...buttons);
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', 'Range of time');
  const reset = element('button', 'choice reset', 'End the zoom');
  reset.type = 'button';
  reset.addEventListener('click', onReset);
  const words = element('p', 'note span');
  return {
    element: element('div', 'range-bar', group, reset, words),
    show(chosen, text, zoomed) {
      for (const [index, button] of buttons.entries()) setAttribute(button, 'aria-pressed', String(RANGES[index] === chosen));
      setShown(reset, zoomed);
      setText(words, text);
    },
  };
}
