/** A long table in a box of its own height, which the keyboard can scroll. */
import { element } from '../dom.js';

/**
 * @param {HTMLTableElement} table
 * @param {string} labelId of what names it
 */
export function scrolling(table, labelId) {
  const box = element('div', 'scrolling', table);
  box.tabIndex = 0;
  box.setAttribute('role', 'group');
  box.setAttribute('aria-labelledby', labelId);
  return box;
}
