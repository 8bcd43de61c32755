/** Shows the page that the address asks for, and hands the eye and the keyboard over to it. */
import { serverNowMs } from './api.js';
import { failedPage } from './pages/notice.js';
import { goTo, Places } from './places.js';
import { hrefOf, parseRoute } from './router.js';

/** @import { Live } from './live.js' */
/** @import { LiveList } from './live-list.js' */
/** @import { Alarm } from './render-alarms.js' */
/** @import { Page, Route } from './router.js' */

/**
 * What a page has of the shell.
 * @typedef {object} Context
 * @property {Live} live
 * @property {(params: URLSearchParams) => void} navigate replaces the parameters in the address of the page
 * @property {() => void} requestShow there is something new to show
 * @property {LiveList<Alarm>} alarms those that are active
 */

/**
 * What the shell has of a page.
 * @typedef {object} OpenPage
 * @property {string} [title] of the document; without it the key
 * @property {HTMLElement | null} [start] the heading to begin at; without it the first one
 * @property {(nowMs: number) => void} show shows what is known; called at most four times and at least once a second while somebody looks, with the server's clock
 * @property {() => void} close
 */

/** @typedef {{ openPage(root: HTMLElement, key: string, params: URLSearchParams, context: Context): OpenPage }} PageModule */

/** @typedef {{ route: Route, hash: string, entry: number, page: OpenPage }} Opened */

export class Shell {
  /** @type {Opened | null} */
  #opened = null;
  /** The newest address asked for: one that loads slowly must not replace it. */
  #wanted = '';
  #places = new Places();
  #root;
  #modules;
  #context;

  /**
   * @param {HTMLElement} root where pages go
   * @param {Readonly<Record<Page, () => PageModule | Promise<PageModule>>>} modules
   * @param {Omit<Context, 'navigate'>} context
   */
  constructor(root, modules, context) {
    this.#root = root;
    this.#modules = modules;
    this.#context = context;
  }

  /** Opens what the address asks for, unless it is open. */
  async follow() {
    const { hash } = location;
    if (this.#opened && hash === this.#wanted) return;
    this.#wanted = hash;
    const route = parseRoute(hash);
    const module = await this.#load(route.page);
    if (hash === this.#wanted) this.#open(route, hash, module);
  }

  /** Shows what the page knows by now. */
  show() {
    if (!this.#opened) return;
    const { page, route } = this.#opened;
    page.show(serverNowMs());
    const title = page.title ?? `${route.key} – Tidemark`;
    if (document.title !== title) document.title = title;
  }

  /**
   * The heading within the open page that a link leads to; null when it leads to another page.
   * @param {string} href
   */
  headingOf(href) {
    const { page, params } = parseRoute(href);
    if (page !== 'overview' || this.#opened?.route.page !== page) return null;
    return document.getElementById(params.has('section') ? `${params.get('section')}-heading` : 'verdict');
  }

  /** @param {Page} page */
  async #load(page) {
    try {
      return await this.#modules[page]();
    } catch (error) {
      return failedPage(error);
    }
  }

  /**
   * @param {Route} route
   * @param {string} hash
   * @param {PageModule} module
   */
  #open(route, hash, module) {
    const left = this.#opened;
    if (left) {
      this.#places.leave(left.entry);
      left.page.close();
    }
    this.#root.replaceChildren();
    const { entry, top } = this.#places.arrive();
    const navigate = (/** @type {URLSearchParams} */ params) => {
      if (this.#opened?.entry !== entry || route.page === 'unknown') return;
      history.replaceState(history.state, '', hrefOf(route.page, route.key, params));
      this.#opened.hash = this.#wanted = location.hash;
    };
    this.#opened = { route, hash, entry, page: module.openPage(this.#root, route.key, route.params, { ...this.#context, navigate }) };
    this.show();
    this.#arrive(left, top);
    this.#context.requestShow();
  }

  /**
   * Begins at the top of a new page, and goes on where one comes back to.
   * @param {Opened | null} left
   * @param {number | null} top
   */
  #arrive(left, top) {
    const start = this.#opened?.page.start;
    if (start && top === null) return goTo(start);
    // Who just came finds the page as a browser leaves it: the first Tab reaches the way past the sections.
    if (!left) return;
    scrollTo({ top: top ?? 0, behavior: 'instant' });
    const way = top === null ? null : [...this.#root.querySelectorAll('a')].find((link) => link.hash === left.hash);
    const heading = this.#root.querySelector('h2');
    if (way) way.focus({ preventScroll: true });
    else if (heading) goTo(heading, { preventScroll: true });
  }
}
