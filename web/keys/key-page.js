/** What the pages of a sensor and of a symbol have in common: the range of time in the address, and what to say of a key nothing is known of. */
import { ApiError } from '../api.js';
import { rangeBar } from '../charts/range-bar.js';
import { rangeOf, spanOf, startOfAll, withSpan, zoomOf } from '../charts/span.js';
import { spanText } from '../charts/time-text.js';
import { element, setLines, setShown } from '../dom.js';
import { timeOf } from '../format.js';
import { hrefOf } from '../router.js';
import { MAX_ASKED, MAX_WINDOWS } from '../window-rows.js';

/** @import { Range, Span } from '../charts/span.js' */
/** @import { Context } from '../shell.js' */

/**
 * The range of time that the charts of a page show, kept in the address.
 * @param {URLSearchParams} params
 * @param {Pick<Context, 'navigate' | 'requestShow'>} context
 */
export function shownRange(params, { navigate, requestShow }) {
  let range = rangeOf(params);
  let zoom = zoomOf(params);
  /** @param {Range} newRange @param {Span | null} newZoom */
  function choose(newRange, newZoom) {
    range = newRange;
    zoom = newZoom;
    navigate(withSpan(params, range, zoom));
    requestShow();
  }
  const bar = rangeBar(
    (chosen) => choose(chosen, null),
    () => choose(range, null),
  );
  return {
    element: bar.element,
    /** @param {Span | null} span */
    zoomTo: (span) => choose(range, span),
    /**
     * What to show, and from when on to ask for it.
     * @param {readonly { day: string, atMost: number }[] | null} days that have windows, ascending; null before they are known
     * @param {{ isCut: boolean, isCurrent: boolean, firstMs: number | null }} windows
     * @param {number} newestMs of the key
     * @param {number} nowMs
     * @returns {{ span: Span, fromMs: number | null, note: string }} `fromMs` null: not known yet
     */
    show(days, windows, newestMs, nowMs) {
      const { fromMs: askedMs, isCut: isLate } =
        range.lengthMs === null ? startOfAll(days ?? [], MAX_ASKED, newestMs) : { fromMs: null, isCut: false };
      const { isPast, ...whole } = spanOf(range, windows.isCurrent ? windows.firstMs : askedMs, newestMs, nowMs);
      const span = zoom ?? whole;
      bar.show(range, spanText(span.fromMs, span.toMs), zoom !== null);
      const notes = [
        isPast && zoom === null ? 'Ends at the newest event' : '',
        windows.isCut || isLate ? `The newest only: at most ${MAX_WINDOWS.toLocaleString('en')} points are drawn` : '',
      ];
      const wantedMs = range.lengthMs === null ? (askedMs ?? (days && newestMs)) : whole.fromMs;
      const fromMs = wantedMs === null || zoom === null ? wantedMs : Math.min(wantedMs, zoom.fromMs);
      return { span, fromMs, note: notes.filter(Boolean).join('. ') };
    },
  };
}

/**
 * Heading, way back and what to say while there is nothing to show.
 * @param {{ key: string, kind: 'sensor' | 'symbol', list: string, commands: readonly string[] }} about
 */
export function keyFrame({ key, kind, list, commands }) {
  const back = element('a', '', list);
  back.href = `${hrefOf('overview', '', { section: list.toLowerCase() })}`;
  const empty = element('div', 'card empty');
  const body = element('div', 'key-page');
  setLines(empty, ['Waiting for the first answer of the API.']);
  setShown(body, false);
  return {
    elements: [element('p', 'crumb', back), element('h2', 'page-title', key), empty, body],
    body,
    /**
     * @param {boolean} isKnown whether there is something to show
     * @param {Error | null} error of the newest request
     */
    show(isKnown, error) {
      setShown(body, isKnown);
      setShown(empty, !isKnown);
      if (isKnown) return;
      if (error instanceof ApiError && error.trouble === 'absent')
        setLines(empty, [`Nothing was received of this ${kind} yet.`, ...commands]);
      else setLines(empty, [error ? `No picture yet: ${error.message}` : 'Waiting for the first answer of the API.']);
    },
  };
}

/**
 * The tidemark as a moment; null while nothing is settled.
 * @param {unknown} boundary as the API tells it
 */
export function boundaryMsOf(boundary) {
  return timeOf(boundary);
}
