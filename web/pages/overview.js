/** The overview: is anything wrong, where, since when; what moves; how the pipeline is doing. */
import { reader } from '../api.js';
import { byId, openTemplate } from '../dom.js';
import { topicOf } from '../live.js';
import { compareCounted, LiveList, readList } from '../live-list.js';
import { pageOf } from '../pager.js';
import { Poller } from '../poller.js';
import { alarmsView } from '../render-alarms.js';
import { overviewView } from '../render-overview.js';
import { isPipeline, pipelineView } from '../render-pipeline.js';
import { sensorsView } from '../render-sensors.js';
import { symbolsView } from '../render-symbols.js';

/** @import { Pipeline } from '../render-pipeline.js' */
/** @import { Context, OpenPage } from '../shell.js' */
/** @import { Sensor } from '../render-sensors.js' */
/** @import { TradedSymbol } from '../render-symbols.js' */

/** What tells that somebody is at the rows. */
const TOUCHES = ['pointermove', 'pointerdown', 'keydown', 'scroll'];
const SECTIONS = ['alarms', 'sensors', 'symbols', 'pipeline'];

/** @type {{ sensors: LiveList<Sensor>, symbols: LiveList<TradedSymbol>, pipeline: Poller<{ data: Pipeline }> } | null} */
let known = null;

/** What the lists say outlives the page: who comes back sees it at once. @param {Context} context */
function listsOf({ live, requestShow }) {
  if (known) return known;
  known = {
    sensors: new LiveList(
      {
        name: 'sensors',
        read: readList('/v1/sensors?limit=1000'),
        topic: topicOf('sensors', '#'),
        keyOf: (/** @type {Sensor} */ sensor) => sensor.sensor_id,
        compareAge: compareCounted,
      },
      live,
      requestShow,
    ),
    symbols: new LiveList(
      {
        name: 'symbols',
        read: readList('/v1/symbols?limit=1000'),
        topic: topicOf('symbols', '#'),
        keyOf: (/** @type {TradedSymbol} */ { symbol }) => symbol,
        compareAge: compareCounted,
      },
      live,
      requestShow,
    ),
    pipeline: new Poller('pipeline', reader('/v1/pipeline', isPipeline), requestShow, () => live.connected),
  };
  return known;
}

/**
 * @param {HTMLElement} root
 * @param {string} _key
 * @param {URLSearchParams} params `filter`: part of a sensor's name; `alarms`, `sensors`, `symbols`: page of the list; `section`: where to start
 * @param {Context} context
 * @returns {OpenPage}
 */
export function openPage(root, _key, params, context) {
  openTemplate('overview-page', root);
  const { sensors, symbols, pipeline } = listsOf(context);
  const { alarms } = context;

  /** @param {string} name @param {string} value empty for what need not be said */
  function remember(name, value) {
    if (value === '') params.delete(name);
    else params.set(name, value);
    params.delete('section');
    context.navigate(params);
    context.requestShow();
  }
  /** @param {'alarms' | 'sensors' | 'symbols'} list */
  const onTurn = (list) => (/** @type {number} */ page) => remember(list, page === 1 ? '' : String(page));

  const overview = overviewView();
  const alarmsShown = alarmsView(pageOf(params.get('alarms')), onTurn('alarms'));
  const sensorsShown = sensorsView({
    page: pageOf(params.get('sensors')),
    filter: params.get('filter') ?? '',
    onTurn: onTurn('sensors'),
    onFilter(filter) {
      params.delete('sensors');
      remember('filter', filter);
    },
  });
  const symbolsShown = symbolsView(pageOf(params.get('symbols')), onTurn('symbols'));
  const pipelineShown = pipelineView();

  const closing = new AbortController();
  for (const touch of TOUCHES) {
    addEventListener(
      touch,
      () => {
        for (const list of [alarmsShown, sensorsShown, symbolsShown]) list.touch();
      },
      { passive: true, capture: true, signal: closing.signal },
    );
  }
  sensors.open();
  symbols.open();
  pipeline.wake();
  const off = context.live.onChange(() => pipeline.wake());
  const section = params.get('section') ?? '';

  return {
    title: 'Tidemark',
    start: SECTIONS.includes(section) ? byId(`${section}-heading`) : null,
    show(nowMs) {
      if (alarms.rows) alarmsShown.show(alarms.rows, alarms.partial, nowMs);
      if (sensors.rows) {
        this.title = overview.show(sensors.rows, nowMs);
        sensorsShown.show(sensors.rows, sensors.partial, nowMs);
      }
      if (symbols.rows) symbolsShown.show(symbols.rows, symbols.partial, nowMs);
      if (pipeline.answer) pipelineShown.show(pipeline.answer.data, nowMs);
    },
    close() {
      closing.abort();
      off();
      sensors.close();
      symbols.close();
      pipeline.rest();
    },
  };
}
