/** What there is to say of one run besides its days. */
import { ageCell, textCell } from '../cells.js';
import { element, setShown, setText } from '../dom.js';
import { numberText } from '../format.js';
import { outcomeCell } from './sign.js';
import { daysText, tookText, triggerText, verdictOfRun } from './words.js';

/** @import { Cell } from '../cells.js' */
/** @import { Run } from './words.js' */

/** @returns {{ element: HTMLElement, show(run: Run, nowMs: number): void }} */
export function runFacts() {
  /** @type {readonly [string, Cell<Run>][]} */
  const facts = [
    ['Result', outcomeCell('', verdictOfRun)],
    ['Started', ageCell(({ started_at: started }) => started)],
    ['Took', tookCell()],
    ['Begun', textCell('', ({ trigger }) => triggerText(trigger))],
    ['Days', textCell('', daysText)],
    ['Left for the next run', textCell('', ({ remaining }) => numberText(remaining))],
  ];
  const list = element('dl', 'facts');
  const updates = facts.map(([term, { className, mount }]) => {
    const value = element('dd', className);
    list.append(element('dt', '', term), value);
    return mount(value);
  });
  const cause = element('p', 'cause run-cause');
  return {
    element: element('div', 'run-facts', list, cause),
    show(run, nowMs) {
      for (const update of updates) update(run, nowMs);
      setShown(cause, run.cause !== null);
      setText(cause, run.cause ?? '');
    },
  };
}

/** How long a run took, or has taken so far. @returns {Cell<Run>} */
export function tookCell(className = '') {
  return {
    tag: 'td',
    className,
    mount(cell) {
      const text = document.createTextNode('');
      cell.append(text);
      return ({ started_at: started, ended_at: ended }, nowMs) =>
        setText(text, `${tookText(started, ended, nowMs)}${ended === null ? ' so far' : ''}`);
    },
  };
}
