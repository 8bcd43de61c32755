/** One run of the batch. */
import { ApiError, isRecord, reader } from '../api.js';
import { runFacts } from '../batch/facts.js';
import { runGrid } from '../batch/grid.js';
import { element, setLines, setShown } from '../dom.js';
import { Poller } from '../poller.js';
import { hrefOf } from '../router.js';

/** @import { Run } from '../batch/words.js' */
/** @import { Context, OpenPage } from '../shell.js' */

/**
 * @param {HTMLElement} root
 * @param {string} key
 * @param {URLSearchParams} _params
 * @param {Pick<Context, 'requestShow'>} context
 * @returns {OpenPage}
 */
export function openPage(root, key, _params, { requestShow }) {
  const back = element('a', '', 'Batch runs');
  back.href = hrefOf('runs');
  const title = element('h2', 'page-title', `Run ${key}`);
  title.id = 'run-heading';
  const empty = element('div', 'card empty');
  const facts = runFacts();
  const grid = runGrid(title.id);
  const body = element('div', 'key-page', element('div', 'card', facts.element), element('div', 'card', grid.element));
  root.append(element('p', 'crumb', back), title, empty, body);

  /** @type {Poller<{ data: any }>} */
  const run = new Poller(
    'batch run',
    reader(`/v1/batch/runs/${encodeURIComponent(key)}`, isRecord),
    requestShow,
    () => run.answer?.data['status'] !== 'running',
  );
  run.wake();

  return {
    show(nowMs) {
      /** @type {Run | null} */
      const known = run.answer?.data ?? null;
      setShown(body, known !== null);
      setShown(empty, known === null);
      setLines(empty, [whyEmpty(run.error)]);
      if (!known) return;
      facts.show(known, nowMs);
      grid.show(known, nowMs);
      // A run that found nothing to do has no grid.
      setShown(/** @type {HTMLElement} */ (grid.element.parentElement), known.days.length > 0);
    },
    close: () => run.rest(),
  };
}

/** @param {Error | null} error */
function whyEmpty(error) {
  if (error instanceof ApiError && error.trouble === 'absent') return 'There is no such run, or its record is no longer kept.';
  return error ? `No picture yet: ${error.message}` : 'Waiting for the first answer of the API.';
}
