/** What stands around a chart: heading, what is under the crosshair, why it is empty, a summary and the same figures as a table. */
import { textCell } from '../cells.js';
import { element, setLines, setShown, setText } from '../dom.js';
import { numberText } from '../format.js';
import { Table } from '../table.js';
import { tableBox } from '../table-box.js';

/** Rows of the table, the newest ones. */
const MAX_ROWS = 100;

let frames = 0;

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} head
 * @property {(row: Row) => string} text
 */

/** @template Row */
export class Frame {
  /** The plot goes here. */
  plot = element('div', 'plot');
  /** The whole of it. */
  element;
  #note = element('p', 'note');
  #readout = element('p', 'readout');
  #empty = element('div', 'empty');
  #summary = element('p', 'foot');
  #details = element('details', 'figures');
  #rest = element('p', 'foot');
  #table;
  /** @type {readonly Row[]} newest last */
  #rows = [];

  /**
   * @param {string} heading
   * @param {(row: Row) => string} keyOf
   * @param {readonly Column<Row>[]} columns of the table; the first one names the row
   */
  constructor(heading, keyOf, columns) {
    const title = element('h3', '', heading);
    title.id = `chart-${++frames}`;
    const heads = columns.map(({ head }, index) => /** @type {const} */ ([index === 0 ? '' : 'number', head]));
    const { table, box } = tableBox('figures-table', heads, title.id);
    box.classList.add('figures-scroll');
    const cells = columns.map(({ text }, index) => textCell(index === 0 ? '' : 'number', text));
    this.#table = new Table(
      table,
      keyOf,
      cells.map((cell, index) => (index === 0 ? { ...cell, tag: 'th' } : cell)),
    );
    this.#details.append(element('summary', '', 'As a table'), box, this.#rest);
    this.#details.addEventListener('toggle', () => this.#fill());
    const card = element('div', 'card chart', this.#readout, this.plot, this.#empty, this.#summary, this.#details);
    this.element = element('section', '', element('div', 'section-head', title, this.#note), card);
    this.element.setAttribute('aria-labelledby', title.id);
    this.show([], { note: '', summary: '', empty: ['Waiting for the first answer of the API.'] });
  }

  /**
   * @param {readonly Row[]} rows newest last
   * @param {{ note: string, summary: string, empty: readonly string[] | null }} words `empty`: why there is nothing to see, null when there is
   */
  show(rows, { note, summary, empty }) {
    const changed = rows !== this.#rows;
    this.#rows = rows;
    setText(this.#note, note);
    setText(this.#summary, summary);
    for (const part of [this.plot, this.#readout, this.#summary, this.#details]) setShown(part, empty === null);
    setShown(this.#empty, empty !== null);
    if (empty) setLines(this.#empty, empty);
    if (changed) this.#fill();
  }

  /**
   * What is under the crosshair; read out when a key went there.
   * @param {string} text empty when it is nowhere
   * @param {boolean} byKey
   */
  point(text, byKey) {
    this.#readout.setAttribute('aria-live', byKey ? 'polite' : 'off');
    setText(this.#readout, text);
  }

  #fill() {
    if (!this.#details.open) return;
    this.#table.show(this.#rows.slice(-MAX_ROWS).reverse(), 0);
    setText(this.#rest, this.#rows.length > MAX_ROWS ? `The newest ${MAX_ROWS} of ${numberText(this.#rows.length)}` : '');
    setShown(this.#rest, this.#rows.length > MAX_ROWS);
  }
}
