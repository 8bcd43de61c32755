/** A run as a grid: its days down, the steps of each across, with outcome and duration; and every cause of failure in full. */
import { nameCell, numberCell } from '../cells.js';
import { element, setAttribute, setShown, setText } from '../dom.js';
import { NONE, numberText } from '../format.js';
import { Table } from '../table.js';
import { tableBox } from '../table-box.js';
import { outcomeCell } from './sign.js';
import { causeTitle, dayDetail, newestTry, stepNames, stepWord, tookText, verdictOfDay, verdictOfStep } from './words.js';

/** @import { Cell } from '../cells.js' */
/** @import { Run, RunDay, Verdict } from './words.js' */

/**
 * @param {string} labelId of what names the grid
 * @returns {{ element: HTMLElement, show(run: Run, nowMs: number): void }}
 */
export function runGrid(labelId) {
  const causes = element('ul', 'causes');
  const around = element('div', '');
  /** @type {Table<DayOfRun> | null} */
  let table = null;
  let shownSteps = '';

  /** @param {readonly string[]} steps */
  function build(steps) {
    const heads = /** @type {const} */ ([
      ['name', 'Day'],
      ['result', 'Result'],
      ...steps.map((step) => /** @type {const} */ (['step', stepWord(step)])),
      ['number', 'Rows'],
    ]);
    const { table: tableElement, box } = tableBox('run-grid', heads, labelId);
    box.classList.add('figures-scroll');
    around.replaceChildren(box);
    table = new Table(tableElement, keyOf, [
      dayCell(),
      resultCell(),
      ...steps.map(stepCell),
      numberCell('', ({ day: { rows } }) => (rows === null ? NONE : numberText(rows))),
    ]);
  }

  return {
    element: element('div', '', around, causes),
    show(run, nowMs) {
      const { days } = run;
      const steps = stepNames(days);
      if (!table || steps.join() !== shownSteps) {
        shownSteps = steps.join();
        build(steps);
      }
      table?.show(
        days.map((day) => ({ day, run })),
        nowMs,
      );
      setShown(around, days.length > 0);
      showCauses(causes, run);
    },
  };
}

/** @typedef {{ day: RunDay, run: Run }} DayOfRun */

/** @param {DayOfRun} row */
const keyOf = ({ day: { source, day } }) => `${source} ${day}`;

/**
 * A cell with a detail under what it says.
 * @param {Cell<DayOfRun>} cell
 * @param {(row: DayOfRun, nowMs: number) => string} detailOf
 * @returns {Cell<DayOfRun>}
 */
function withDetail({ mount, ...rest }, detailOf) {
  return {
    ...rest,
    mount(cell) {
      const update = mount(cell);
      const detail = element('span', 'detail');
      cell.append(detail);
      return (row, nowMs) => {
        update(row, nowMs);
        setText(detail, detailOf(row, nowMs));
      };
    },
  };
}

function dayCell() {
  return withDetail(
    nameCell(({ day }) => day.day),
    ({ day }) => day.source,
  );
}

function resultCell() {
  return withDetail(
    outcomeCell('result', ({ day, run }) => verdictOfDay(day, run)),
    ({ day }) => dayDetail(day),
  );
}

/** @param {string} name */
function stepCell(name) {
  /** @param {DayOfRun} row */
  const stepOf = ({ day }) => newestTry(day).get(name);
  /** @param {DayOfRun} row @returns {Verdict} */
  const verdictOf = (row) => {
    const step = stepOf(row);
    return step ? verdictOfStep(step) : { outcome: 'idle', word: NONE };
  };
  const cell = withDetail(outcomeCell('step', verdictOf), (row, nowMs) => {
    const step = stepOf(row);
    return step ? tookText(step.started_at, step.ended_at, nowMs) : '';
  });
  return {
    ...cell,
    mount(/** @type {HTMLElement} */ into) {
      const update = cell.mount(into);
      return (/** @type {DayOfRun} */ row, /** @type {number} */ nowMs) => {
        update(row, nowMs);
        setAttribute(into, 'data-outcome', verdictOf(row).outcome);
      };
    },
  };
}

/**
 * @param {HTMLElement} list
 * @param {Run} run
 */
function showCauses(list, run) {
  const causes = run.days.flatMap((day) => (day.cause === null ? [] : [[causeTitle(day, run), day.cause]]));
  const text = JSON.stringify(causes);
  setShown(list, causes.length > 0);
  if (list.dataset['causes'] === text) return;
  list.dataset['causes'] = text;
  list.replaceChildren(
    ...causes.map(([title = '', cause = '']) => element('li', '', element('strong', '', title), element('p', 'cause', cause))),
  );
}
