/** How each source is doing, in words, and its counters over all its keys. */
import { isRecord } from './api.js';
import { byId, element, icon, setAttribute, setIcon, setShown, setText } from './dom.js';
import { agoText, countText, momentText, NONE, numberText, timeOf } from './format.js';
import { healthOf } from './pipeline-health.js';
import { hrefOf } from './router.js';
import { severityIcon } from './severity.js';
import { Table } from './table.js';

/** @import { BatchState } from './batch-health.js' */
/** @import { Cell } from './cells.js' */

/**
 * @typedef {object} Arrived
 * @property {number} keys
 * @property {number} received
 * @property {number} applied
 * @property {number} duplicate
 * @property {Record<string, number>} late by reason
 * @property {Record<string, number>} quarantined by reason
 * @property {Record<string, number>} quality by verdict
 * @property {string | null} last_event_time
 * @property {string | null} last_ingest_time
 * @property {string | null} archived_through
 */

/** @typedef {Arrived & BatchState} Source */
/** @typedef {{ sources: { trades: Source, readings: Source } }} Pipeline */
/** @typedef {{ text: string, detail: string, title: string }} Figure */
/** @typedef {{ name: string, figureOf: (source: Source, nowMs: number) => Figure }} Counter */

/** @type {readonly Counter[]} */
const COUNTERS = [
  counter('Keys', (source) => figure(source.keys)),
  counter('Received', (source) => figure(source.received)),
  counter('Applied', (source) => ({ ...figure(source.applied), detail: reasons(source.quality, 'OK') })),
  counter('Duplicate', (source) => figure(source.duplicate)),
  counter('Late', (source) => byReason(source.late)),
  counter('Quarantined', (source) => byReason(source.quarantined)),
  counter('Newest event', (source, nowMs) => moment(source.last_event_time, nowMs)),
  counter('Newest arrival', (source, nowMs) => moment(source.last_ingest_time, nowMs)),
  counter('Archived through', (source, nowMs) => moment(source.archived_through, nowMs)),
  counter('Settled up to', (source) => ({ text: source.boundary ?? NONE, detail: settledDetail(source), title: '' })),
];

/**
 * Whether the API answered with something that can be shown.
 * @param {unknown} data
 * @returns {data is Pipeline}
 */
export function isPipeline(data) {
  return isRecord(data) && isRecord(data['sources']) && isRecord(data['sources']['trades']) && isRecord(data['sources']['readings']);
}

/** @returns {{ show(pipeline: Pipeline, nowMs: number): void }} */
export function pipelineView() {
  const table = byId('pipeline-table');
  const health = byId('pipeline-health');
  const healths = [healthLine('trades', 'Trades'), healthLine('readings', 'Readings')];
  health.append(...healths.map(({ line }) => line));
  /** @type {Table<{ counter: Counter, pipeline: Pipeline }>} */
  const view = new Table(table, ({ counter: { name } }) => name, [
    {
      tag: 'th',
      className: 'name',
      mount:
        (cell) =>
        ({ counter: { name } }) =>
          setText(cell, name),
    },
    figureCell('trades'),
    figureCell('readings'),
  ]);
  return {
    show(pipeline, nowMs) {
      view.show(
        COUNTERS.map((shown) => ({ counter: shown, pipeline })),
        nowMs,
      );
      for (const { update } of healths) update(pipeline, nowMs);
      setShown(health, true);
      setShown(table, true);
      setShown(byId('pipeline-foot'), true);
      setShown(byId('pipeline-empty'), false);
    },
  };
}

/**
 * @param {'trades' | 'readings'} name
 * @param {string} title
 */
function healthLine(name, title) {
  const sign = icon('none');
  const word = document.createTextNode('');
  const text = document.createTextNode('');
  const cause = element('a', '', 'See why');
  const line = element(
    'li',
    '',
    element('strong', '', title),
    ' ',
    element('span', 'sign', sign, word),
    element('p', 'health-text', text, ' ', cause),
  );
  return {
    line,
    /** @param {Pipeline} pipeline @param {number} nowMs */
    update({ sources }, nowMs) {
      const health = healthOf(sources[name], name, nowMs);
      setAttribute(line, 'data-severity', health.severity);
      setIcon(sign, health.severity === 'none' ? 'none' : severityIcon(health.severity));
      setText(word, health.word);
      setText(text, health.text);
      const [failed] = sources[name].failed_days;
      setShown(cause, failed !== undefined);
      if (failed) setAttribute(cause, 'href', hrefOf('run', failed.run_id));
    },
  };
}

/**
 * @param {'trades' | 'readings'} name
 * @returns {Cell<{ counter: Counter, pipeline: Pipeline }>}
 */
function figureCell(name) {
  return {
    tag: 'td',
    className: 'number',
    mount(cell) {
      const text = document.createTextNode('');
      const detail = element('span', 'detail');
      cell.append(text, detail);
      return ({ counter: { figureOf }, pipeline }, nowMs) => {
        const shown = figureOf(pipeline.sources[name], nowMs);
        setText(text, shown.text);
        setText(detail, shown.detail);
        if (cell.title !== shown.title) cell.title = shown.title;
      };
    },
  };
}

/** @param {Source} source */
function settledDetail({ published_days: days, late_pending: late }) {
  return [days > 0 && `${countText(days, 'day')}`, late > 0 && `${numberText(late)}\u00a0late`].filter(Boolean).join(', ');
}

/**
 * @param {string} name
 * @param {Counter['figureOf']} figureOf
 * @returns {Counter}
 */
function counter(name, figureOf) {
  return { name, figureOf };
}

/**
 * @param {number} count
 * @returns {Figure}
 */
function figure(count) {
  return { text: numberText(count), detail: '', title: '' };
}

/**
 * @param {Record<string, number>} counts
 * @returns {Figure}
 */
function byReason(counts) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { ...figure(total), detail: reasons(counts) };
}

/**
 * `249 nan, 4 bit shift`: most frequent first.
 * @param {Record<string, number>} counts
 * @param {string} [usual] what need not be told
 */
function reasons(counts, usual) {
  return Object.entries(counts)
    .filter(([reason, count]) => count > 0 && reason !== usual)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${numberText(count)}\u00a0${reason.toLowerCase().replaceAll('_', ' ')}`)
    .join(', ');
}

/**
 * @param {string | null} iso
 * @param {number} nowMs
 * @returns {Figure}
 */
function moment(iso, nowMs) {
  const ms = timeOf(iso);
  return { text: agoText(ms, nowMs), detail: '', title: ms === null ? '' : momentText(ms) };
}
