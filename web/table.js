/** The body of a table of index.html: one row a key, kept and changed in place. */
import { element } from './dom.js';

/** @import { Cell } from './cells.js' */

/** Roles by tag: the narrow layout takes the display of a table away, and some browsers its meaning with it. */
const ROLES = { table: 'table', thead: 'rowgroup', tbody: 'rowgroup', tr: 'row', th: 'columnheader', td: 'cell' };

/** A click anywhere in a row follows its link, as one beside the name means it; who marks text to copy it stays. @param {MouseEvent} event */
function followRow({ target }) {
  if (!(target instanceof Element) || target.closest('a') || getSelection()?.isCollapsed === false) return;
  target.closest('tr')?.querySelector('a')?.click();
}

/** @template Row */
export class Table {
  /** @type {Map<string, { element: HTMLTableRowElement, update: (row: Row, nowMs: number) => void }>} */
  #rows = new Map();
  #body;
  #keyOf;
  #cells;
  #mark;

  /**
   * @param {HTMLElement} table
   * @param {(row: Row) => string} keyOf
   * @param {readonly Cell<Row>[]} cells in the order of the table's head
   * @param {(element: HTMLElement, row: Row, nowMs: number) => void} [mark] sets the state of a whole row
   */
  constructor(table, keyOf, cells, mark = () => {}) {
    const body = table.querySelector('tbody');
    if (!body) throw new Error(`table ${table.id} has no body`);
    this.#body = body;
    this.#keyOf = keyOf;
    this.#cells = cells;
    this.#mark = mark;
    for (const part of [table, ...table.querySelectorAll('thead, tbody, tr, th, td')]) {
      part.setAttribute('role', ROLES[/** @type {keyof typeof ROLES} */ (part.localName)]);
    }
    body.addEventListener('click', followRow);
  }

  /**
   * Shows exactly these rows in this order.
   * @param {readonly Row[]} rows
   * @param {number} nowMs
   */
  show(rows, nowMs) {
    const wanted = new Set(rows.map(this.#keyOf));
    for (const [key, shown] of this.#rows) {
      if (wanted.has(key)) continue;
      shown.element.remove();
      this.#rows.delete(key);
    }
    let place = this.#body.firstElementChild;
    for (const row of rows) {
      const shown = this.#rowOf(row);
      shown.update(row, nowMs);
      if (shown.element === place) place = place.nextElementSibling;
      else this.#body.insertBefore(shown.element, place);
    }
  }

  /** @param {Row} row */
  #rowOf(row) {
    const key = this.#keyOf(row);
    const known = this.#rows.get(key);
    if (known) return known;
    const created = this.#create();
    this.#rows.set(key, created);
    return created;
  }

  #create() {
    const tr = element('tr', '');
    tr.setAttribute('role', ROLES.tr);
    const updates = this.#cells.map(({ tag, className, mount }) => {
      const cell = element(tag, className);
      if (tag === 'th') cell.setAttribute('scope', 'row');
      cell.setAttribute('role', tag === 'th' ? 'rowheader' : ROLES.td);
      tr.append(cell);
      return mount(cell);
    });
    /** @param {Row} row @param {number} nowMs */
    const update = (row, nowMs) => {
      this.#mark(tr, row, nowMs);
      for (const updateCell of updates) updateCell(row, nowMs);
    };
    return { element: tr, update };
  }
}
