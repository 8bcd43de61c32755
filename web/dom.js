/** The few ways in which this page touches the document: names are texts, and what is the same is left alone. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * The element with this id. Throws when the page lacks it.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no element with id "${id}"`);
  return element;
}

/**
 * Puts a copy of a template of index.html into an element.
 * @param {string} id
 * @param {HTMLElement} root
 */
export function openTemplate(id, root) {
  root.append(/** @type {HTMLTemplateElement} */ (byId(id)).content.cloneNode(true));
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {(Node | string)[]} children strings become text nodes
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className, ...children) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  created.append(...children);
  return created;
}

/**
 * An icon of index.html, beside a word that says the same.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Shows another icon in an element made by `icon`.
 * @param {Element} use the `use` element, or the one around it
 * @param {string} name
 */
export function setIcon(use, name) {
  const target = use.localName === 'use' ? use : use.firstElementChild;
  setAttribute(/** @type {Element} */ (target), 'href', `#icon-${name}`);
}

/**
 * @param {Node} node a text node, or an element that holds nothing but text
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {Element} target
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(target, name, value) {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/**
 * @param {HTMLElement} target
 * @param {boolean} shown
 */
export function setShown(target, shown) {
  if (target.hidden === shown) target.hidden = !shown;
}

/**
 * What to do to see something here: sentences, and commands between backquotes.
 * @param {HTMLElement} target
 * @param {readonly string[]} lines
 */
export function setLines(target, lines) {
  const text = lines.join('\n');
  if (target.dataset['lines'] === text) return;
  target.dataset['lines'] = text;
  target.replaceChildren(...lines.map((line) => element('p', '', ...parts(line))));
}

/** @param {string} line */
function parts(line) {
  return line.split('`').map((part, index) => (index % 2 === 1 ? element('code', '', part) : part));
}
