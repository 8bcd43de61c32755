/** Kinds of table cells: each makes its nodes once and then changes only the texts that differ. */
import { element, icon, setAttribute, setIcon, setText } from './dom.js';
import { agoText, momentText, NONE, timeOf } from './format.js';
import { isTrusted, qualityWord, severityIcon, severityWord } from './severity.js';

/**
 * @template Row
 * @typedef {object} Cell
 * @property {'td' | 'th'} tag
 * @property {string} className
 * @property {(cell: HTMLElement) => (row: Row, nowMs: number) => void} mount makes the cell's nodes; gives what updates them
 */

/**
 * The cell that names its row.
 * @template Row
 * @param {(row: Row) => string} pick
 * @returns {Cell<Row>}
 */
export function nameCell(pick) {
  return { ...textCell('name', pick), tag: 'th' };
}

/**
 * The same, as a link to the row's page.
 * @template Row
 * @param {(row: Row) => string} pick
 * @param {(row: Row) => string} hrefOfRow
 * @returns {Cell<Row>}
 */
export function linkCell(pick, hrefOfRow) {
  return {
    tag: 'th',
    className: 'name',
    mount(cell) {
      const text = document.createTextNode('');
      const link = element('a', '', text);
      cell.append(link);
      return (row) => {
        setText(text, pick(row));
        setAttribute(link, 'href', hrefOfRow(row));
      };
    },
  };
}

/**
 * @template Row
 * @param {string} className
 * @param {(row: Row) => string} pick
 * @returns {Cell<Row>}
 */
export function textCell(className, pick) {
  return {
    tag: 'td',
    className,
    mount(cell) {
      const text = document.createTextNode('');
      cell.append(text);
      return (row) => setText(text, pick(row));
    },
  };
}

/**
 * A figure with its unit; without a value there is no unit.
 * @template Row
 * @param {string} className
 * @param {(row: Row) => string} pick
 * @param {string} [unit]
 * @returns {Cell<Row>}
 */
export function numberCell(className, pick, unit = '') {
  return {
    tag: 'td',
    className: `number ${className}`,
    mount(cell) {
      const value = document.createTextNode('');
      const unitText = document.createTextNode('');
      cell.append(value);
      if (unit) cell.append(element('span', 'unit', unitText));
      return (row) => {
        const text = pick(row);
        setText(value, text);
        setText(unitText, text === NONE ? '' : `\u00a0${unit}`);
      };
    },
  };
}

/**
 * How long ago something was; the time itself on hover.
 * @template Row
 * @param {(row: Row) => string | null} pick ISO 8601
 * @returns {Cell<Row>}
 */
export function ageCell(pick) {
  return {
    tag: 'td',
    className: 'number age',
    mount(cell) {
      const text = document.createTextNode('');
      const time = element('time', '', text);
      cell.append(time);
      /** @type {string | null | undefined} */
      let shown;
      /** @type {number | null} */
      let ms = null;
      return (row, nowMs) => {
        const iso = pick(row);
        if (iso !== shown) {
          shown = iso;
          ms = timeOf(iso);
          time.dateTime = ms === null ? '' : new Date(ms).toISOString();
          time.title = ms === null ? '' : momentText(ms);
        }
        setText(text, agoText(ms, nowMs));
      };
    },
  };
}

/**
 * Severity as colour, icon and word.
 * @template Row
 * @param {(row: Row) => string | null} pick
 * @returns {Cell<Row>}
 */
export function severityCell(pick) {
  return {
    tag: 'td',
    className: 'severity',
    mount(cell) {
      const sign = icon('none');
      const word = document.createTextNode('');
      cell.append(element('span', 'sign', sign, word));
      return (row) => {
        const severity = pick(row);
        setIcon(sign, severityIcon(severity));
        setText(word, severityWord(severity));
      };
    },
  };
}

/**
 * Whether the newest reading is to be believed, and if not, why.
 * @template Row
 * @param {(row: Row) => string | null} pick
 * @returns {Cell<Row>}
 */
export function qualityCell(pick) {
  return {
    tag: 'td',
    className: 'quality',
    mount(cell) {
      const sign = icon('untrusted');
      const word = document.createTextNode('');
      cell.append(element('span', 'sign', sign, word));
      return (row) => {
        const quality = pick(row);
        setAttribute(cell, 'data-trusted', String(isTrusted(quality)));
        setText(word, qualityWord(quality));
      };
    },
  };
}
