/** Day figures of a key, as a chart and newest first as a table: from the batch where it has settled the day, from the speed layer otherwise. */
import { textCell } from '../cells.js';
import { element, setLines, setShown, setText } from '../dom.js';
import { Table } from '../table.js';
import { tableBox } from '../table-box.js';

/** @import { Cell } from '../cells.js' */

/** @typedef {{ day: string, layer: string, revision?: number }} DayRow */

const EMPTY = ['No day has figures yet.', 'The first window of the first event brings one.'];

/**
 * @template {DayRow} Row
 * @param {readonly { head: string, cell: Cell<Row> }[]} columns besides the day and whether it is settled
 * @param {HTMLElement} chart of the same days
 * @returns {{ element: HTMLElement, show(days: readonly Row[] | null, partial: boolean, note: string, nowMs: number): void }}
 */
export function dayTable(columns, chart) {
  const title = element('h3', '', 'Days');
  title.id = 'days-heading';
  const note = element('p', 'note');
  const empty = element('div', 'empty');
  const heads = /** @type {const} */ ([
    ['name', 'Day'],
    ['layer', 'State'],
    ...columns.map(({ head }) => /** @type {const} */ (['number', head])),
  ]);
  const { table: tableElement, box: around } = tableBox('days', heads, title.id);
  around.classList.add('figures-scroll');
  const section = element('section', '', element('div', 'section-head', title, note), element('div', 'card', empty, chart, around));
  section.setAttribute('aria-labelledby', title.id);
  /** @type {Table<Row>} */
  const table = new Table(tableElement, ({ day }) => day, [
    { ...textCell('name', ({ day }) => day), tag: 'th' },
    textCell('layer', stateText),
    ...columns.map(({ cell }) => cell),
  ]);
  return {
    element: section,
    show(days, partial, words, nowMs) {
      setLines(empty, days === null ? ['Waiting for the first answer of the API.'] : EMPTY);
      setShown(empty, !days?.length);
      setShown(around, Boolean(days?.length));
      setText(note, days?.length ? `Newest first${partial ? ', there are older ones' : ''}. ${words}` : '');
      if (days) table.show([...days].reverse(), nowMs);
    },
  };
}

/** How often a settled day was made anew, if it was. @param {DayRow} day */
function stateText({ layer, revision = 0 }) {
  if (layer !== 'batch') return 'Still moving';
  return revision > 1 ? `Settled, revision ${revision}` : 'Settled';
}
