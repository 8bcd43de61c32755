/** A table without rows in a box of its own height, which the keyboard can scroll. */
import { element } from './dom.js';

/**
 * @param {string} className of the table
 * @param {readonly (readonly [className: string, head: string])[]} heads of its columns
 * @param {string} labelId of what names it
 * @returns {{ table: HTMLTableElement, box: HTMLElement }}
 */
export function tableBox(className, heads, labelId) {
  const cells = heads.map(([headClass, head]) => {
    const cell = element('th', headClass, head);
    cell.scope = 'col';
    return cell;
  });
  const table = element('table', className, element('thead', '', element('tr', '', ...cells)), element('tbody', ''));
  table.setAttribute('aria-labelledby', labelId);
  const box = element('div', 'scrolling', table);
  box.tabIndex = 0;
  box.setAttribute('role', 'group');
  box.setAttribute('aria-labelledby', labelId);
  return { table, box };
}
