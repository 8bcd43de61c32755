/** Runs of the batch: the newest one that had something to do, day by day and step by step, and all of them in a list. */
import { isList, reader } from '../api.js';
import { runFacts } from '../batch/facts.js';
import { runGrid } from '../batch/grid.js';
import { runsTable } from '../batch/runs-table.js';
import { element, setAttribute, setLines, setShown, setText } from '../dom.js';
import { Poller } from '../poller.js';
import { hrefOf } from '../router.js';

/** @import { Run } from '../batch/words.js' */
/** @import { Context, OpenPage } from '../shell.js' */

/** Runs asked for. */
const RUNS = 100;
const EMPTY = [
  'The batch has not run yet: it does within the first hour, and then each hour.',
  '`npm run batch` begins a run at once; with `-- --day 2026-01-31` it makes one day.',
];

/**
 * @param {HTMLElement} root
 * @param {string} _key
 * @param {URLSearchParams} _params
 * @param {Pick<Context, 'requestShow'>} context
 * @returns {OpenPage}
 */
export function openPage(root, _key, _params, { requestShow }) {
  const back = element('a', '', 'Pipeline');
  back.href = hrefOf('overview', '', { section: 'pipeline' });
  const empty = element('div', 'card empty');
  const newest = section('newest-run', 'Newest run with something to do');
  const facts = runFacts();
  const grid = runGrid('newest-run');
  const whole = element('a', '', 'Open this run');
  newest.head.append(whole);
  newest.card.append(facts.element, grid.element);
  const all = section('all-runs', 'Runs');
  const note = element('p', 'note');
  all.head.append(note);
  const table = runsTable('all-runs');
  all.card.append(table.element);
  const body = element('div', 'key-page', newest.element, all.element);
  root.append(element('p', 'crumb', back), element('h2', 'page-title', 'Batch runs'), empty, body);

  /** @type {Poller<{ data: any[], partial: boolean }>} */
  const runs = new Poller(
    'batch runs',
    reader(`/v1/batch/runs?limit=${RUNS}`, isList),
    requestShow,
    // What goes on is followed each second.
    () => !runs.answer?.data.some(({ status }) => status === 'running'),
  );
  runs.wake();

  return {
    title: 'Batch runs – Tidemark',
    show(nowMs) {
      /** @type {readonly Run[] | null} */
      const known = runs.answer?.data ?? null;
      const first = known && shownRun(known);
      setShown(body, Boolean(first));
      setShown(empty, !first);
      setLines(empty, known ? EMPTY : [runs.error ? `No picture yet: ${runs.error.message}` : 'Waiting for the first answer of the API.']);
      if (!known || !first) return;
      facts.show(first, nowMs);
      grid.show(first, nowMs);
      setAttribute(whole, 'href', hrefOf('run', first.run_id));
      table.show(known, nowMs);
      setText(note, runs.answer?.partial ? `The newest ${RUNS}` : 'Newest first');
    },
    close: () => runs.rest(),
  };
}

/**
 * The newest run that is worth a look: most find that everything is settled.
 * @param {readonly Run[]} runs newest first
 */
function shownRun(runs) {
  return runs.find(({ days, status }) => days.length > 0 || status === 'running' || status === 'failed') ?? runs[0];
}

/**
 * @param {string} id of the heading
 * @param {string} heading
 */
function section(id, heading) {
  const title = element('h3', '', heading);
  title.id = id;
  const head = element('div', 'section-head', title);
  const card = element('div', 'card');
  const whole = element('section', '', head, card);
  whole.setAttribute('aria-labelledby', id);
  return { element: whole, head, card };
}
