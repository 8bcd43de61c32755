/** Pages that say why there is nothing else to see. */
import { element } from '../dom.js';
import { hrefOf } from '../router.js';

/** @import { PageModule } from '../shell.js' */

/** For an address that is none of this page. @type {PageModule} */
export const UNKNOWN_PAGE = {
  openPage(root) {
    const link = element('a', '', 'Go to the overview');
    link.href = hrefOf('overview');
    return notice(root, 'There is no such page', 'The address names no sensor, symbol, alarm or batch run.', link);
  },
};

/**
 * For a page whose code did not come.
 * @param {unknown} error
 * @returns {PageModule}
 */
export function failedPage(error) {
  return {
    openPage(root) {
      const again = element('button', 'turn', 'Load again');
      again.type = 'button';
      again.addEventListener('click', () => location.reload());
      return notice(root, 'This page could not be loaded', String(error), again);
    },
  };
}

/**
 * @param {HTMLElement} root
 * @param {string} title
 * @param {string} text
 * @param {HTMLElement} way what to do now
 */
function notice(root, title, text, way) {
  root.append(element('h2', '', title), element('p', 'note-line', text), element('p', 'note-line', way));
  return { title: `${title} – Tidemark`, show() {}, close() {} };
}
