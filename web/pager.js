/** Pages of a long list: however long it is, the document holds one page of it. */
import { element, setAttribute, setShown, setText } from './dom.js';
import { numberText } from './format.js';

/** The page of a list that is shown, and the buttons that turn it. */
export class Pager {
  #size;
  #page;
  #onTurn;
  #element;
  #text = document.createTextNode('');
  #before;
  #after;

  /**
   * @param {object} pages
   * @param {string} pages.what the list is of, as in "previous sensors"
   * @param {number} pages.size rows a page
   * @param {number} pages.page the first one shown, from 1
   * @param {(page: number) => void} pages.onTurn somebody turned to this page
   */
  constructor({ what, size, page, onTurn }) {
    this.#size = size;
    this.#page = page;
    this.#onTurn = onTurn;
    this.#before = this.#button('Previous', what, -1);
    this.#after = this.#button('Next', what, 1);
    this.#element = element('div', 'pager', this.#before, element('span', 'pager-place', this.#text), this.#after);
    this.#element.hidden = true;
  }

  /** Where the buttons are. */
  get element() {
    return this.#element;
  }

  /** Back to the first page, as for another list. */
  reset() {
    this.#page = 1;
  }

  /**
   * The rows of the page that is shown; a page beyond the end is the last one.
   * @template Row
   * @param {readonly Row[]} rows
   * @returns {readonly Row[]}
   */
  slice(rows) {
    const pages = Math.max(1, Math.ceil(rows.length / this.#size));
    const shown = Math.min(this.#page, pages);
    const start = (shown - 1) * this.#size;
    const end = Math.min(start + this.#size, rows.length);
    setShown(this.#element, pages > 1);
    setText(this.#text, `${numberText(start + 1)}–${numberText(end)} of ${numberText(rows.length)}`);
    setAttribute(this.#before, 'aria-disabled', String(shown === 1));
    setAttribute(this.#after, 'aria-disabled', String(shown === pages));
    this.#page = shown;
    return rows.slice(start, end);
  }

  /**
   * @param {string} word
   * @param {string} what
   * @param {-1 | 1} step
   */
  #button(word, what, step) {
    const button = element('button', 'turn', word, element('span', 'unseen', ` ${what}`));
    button.type = 'button';
    button.addEventListener('click', () => {
      // Kept in reach of the keyboard at both ends: a button that disables itself would lose the focus.
      if (button.getAttribute('aria-disabled') === 'true') return;
      this.#page += step;
      this.#onTurn(this.#page);
    });
    return button;
  }
}

/**
 * The page that an address asks for, from 1; whatever else it says is the first one.
 * @param {string | null} text
 */
export function pageOf(text) {
  return /^[1-9]\d{0,5}$/.test(text ?? '') ? Number(text) : 1;
}
