/** Runs of the batch, newest first: one row a run, one square a day; runs in a row that found nothing to do are one row. */
import { textCell } from '../cells.js';
import { element, setAttribute, setText } from '../dom.js';
import { agoText, countText, momentText, timeOf } from '../format.js';
import { hrefOf } from '../router.js';
import { Table } from '../table.js';
import { tookCell } from './facts.js';
import { outcomeCell } from './sign.js';
import { daysText, folded, triggerText, verdictOfDay, verdictOfRun } from './words.js';

/** @import { Cell } from '../cells.js' */
/** @import { Run, Runs } from './words.js' */

const HEADS = [
  ['name', 'Started'],
  ['result', 'Result'],
  ['days', 'Days'],
  ['number took', 'Took'],
  ['trigger', 'Begun'],
];

/**
 * @param {string} labelId of what names the table
 * @returns {{ element: HTMLElement, show(runs: readonly Run[], nowMs: number): void }}
 */
export function runsTable(labelId) {
  const cells = HEADS.map(([className = '', head = '']) => {
    const cell = element('th', className, head);
    cell.scope = 'col';
    return cell;
  });
  const tableElement = element('table', 'runs', element('thead', '', element('tr', '', ...cells)), element('tbody', ''));
  tableElement.setAttribute('aria-labelledby', labelId);
  /** @type {Table<Runs>} */
  const table = new Table(tableElement, ({ oldest }) => oldest.run_id, [
    startedCell(),
    outcomeCell('result', ({ run }) => verdictOfRun(run)),
    daysCell(),
    ofNewest(tookCell('number took')),
    textCell('trigger', ({ run }) => triggerText(run.trigger)),
  ]);
  return { element: tableElement, show: (runs, nowMs) => table.show(folded(runs), nowMs) };
}

/**
 * A cell about one run, of the newest of several.
 * @param {Cell<Run>} cell
 * @returns {Cell<Runs>}
 */
function ofNewest({ mount, ...rest }) {
  return {
    ...rest,
    mount(cell) {
      const update = mount(cell);
      return ({ run }, nowMs) => update(run, nowMs);
    },
  };
}

/** @returns {Cell<Runs>} */
function startedCell() {
  return {
    tag: 'th',
    className: 'name',
    mount(cell) {
      const text = document.createTextNode('');
      const link = element('a', '', text);
      cell.append(link);
      return ({ run: { run_id: id, started_at: started } }, nowMs) => {
        const ms = timeOf(started);
        setAttribute(link, 'href', hrefOf('run', id));
        setText(text, agoText(ms, nowMs));
        if (ms !== null) setAttribute(link, 'title', momentText(ms));
      };
    },
  };
}

/** @returns {Cell<Runs>} */
function daysCell() {
  return {
    tag: 'td',
    className: 'days',
    mount(cell) {
      const squares = element('span', 'squares');
      squares.setAttribute('aria-hidden', 'true');
      const text = element('span', 'days-text');
      cell.append(text, squares);
      return ({ run, count }) => {
        setText(text, count === 1 ? daysText(run) : `${daysText(run)} in ${countText(count, 'run')}`);
        while (squares.childElementCount > run.days.length) squares.lastElementChild?.remove();
        while (squares.childElementCount < run.days.length) squares.append(element('span', 'square'));
        for (const [index, day] of run.days.entries()) {
          const square = squares.children[index];
          if (square) setAttribute(square, 'data-outcome', verdictOfDay(day, run).outcome);
        }
      };
    },
  };
}
