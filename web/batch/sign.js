/** An outcome as colour, icon and word. */
import { element, icon, setAttribute, setIcon, setText } from '../dom.js';
import { ICONS } from './words.js';

/** @import { Cell } from '../cells.js' */
/** @import { Verdict } from './words.js' */

/** @returns {{ element: HTMLElement, show(verdict: Verdict): void }} */
export function outcomeSign() {
  const sign = icon('none');
  const text = document.createTextNode('');
  const whole = element('span', 'sign outcome', sign, text);
  return {
    element: whole,
    show({ outcome, word }) {
      setAttribute(whole, 'data-outcome', outcome);
      setIcon(sign, ICONS[outcome]);
      setText(text, word);
    },
  };
}

/**
 * @template Row
 * @param {string} className
 * @param {(row: Row) => Verdict} pick
 * @returns {Cell<Row>}
 */
export function outcomeCell(className, pick) {
  return {
    tag: 'td',
    className,
    mount(cell) {
      const sign = outcomeSign();
      cell.append(sign.element);
      return (row) => sign.show(pick(row));
    },
  };
}

const sheet = document.createElement('link');
sheet.rel = 'stylesheet';
sheet.href = new URL('../batch.css', import.meta.url).href;
document.head.append(sheet);
