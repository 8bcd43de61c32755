/** Day figures of a key, newest first: from the batch where it has settled the day, from the speed layer otherwise. */
import { textCell } from '../cells.js';
import { element, setLines, setShown, setText } from '../dom.js';
import { Table } from '../table.js';
import { tableBox } from '../table-box.js';

/** @import { Cell } from '../cells.js' */

/** @typedef {{ day: string, layer: string }} DayRow */

/** @type {Readonly<Record<string, string>>} */
const LAYERS = { batch: 'Settled', speed: 'Moving' };
const EMPTY = ['No day has figures yet.', 'The first window of the first event brings one.'];

/**
 * @template {DayRow} Row
 * @param {readonly { head: string, cell: Cell<Row> }[]} columns besides the day and whether it is settled
 * @returns {{ element: HTMLElement, show(days: readonly Row[] | null, partial: boolean, note: string, nowMs: number): void }}
 */
export function dayTable(columns) {
  const title = element('h3', '', 'Days');
  title.id = 'days-heading';
  const note = element('p', 'note');
  const empty = element('div', 'empty');
  const heads = ['Day', ...columns.map(({ head }) => head), 'State'].map(
    (head, index) => /** @type {const} */ ([index === 0 ? 'name' : 'number', head]),
  );
  const { table: tableElement, box: around } = tableBox('days', heads, title.id);
  around.classList.add('figures-scroll');
  const section = element('section', '', element('div', 'section-head', title, note), element('div', 'card', empty, around));
  section.setAttribute('aria-labelledby', title.id);
  /** @type {Table<Row>} */
  const table = new Table(tableElement, ({ day }) => day, [
    { ...textCell('name', ({ day }) => day), tag: 'th' },
    ...columns.map(({ cell }) => cell),
    textCell('number layer', ({ layer }) => LAYERS[layer] ?? layer),
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
