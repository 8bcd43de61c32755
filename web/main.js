/** The page: asks the API for four things, and shows what it knows once a second and whenever it knows more. */
import { isList, isRecord, reader } from './api.js';
import { connectionOf } from './connection.js';
import { Poller } from './poller.js';
import { alarmsView } from './render-alarms.js';
import { connectionView } from './render-connection.js';
import { overviewView } from './render-overview.js';
import { pipelineView } from './render-pipeline.js';
import { sensorsView } from './render-sensors.js';
import { symbolsView } from './render-symbols.js';

/** @import { Pipeline } from './render-pipeline.js' */

/** Ages go on while nothing arrives. */
const TICK_MS = 1000;
/** The eye follows four changes a second. */
const MIN_PAUSE_MS = 250;
/** What tells that somebody is at the rows. */
const TOUCHES = ['pointermove', 'pointerdown', 'keydown', 'scroll'];

/** @param {unknown} data @returns {data is Pipeline} */
function isPipeline(data) {
  return isRecord(data) && isRecord(data['sources']) && isRecord(data['sources']['trades']) && isRecord(data['sources']['readings']);
}

const alarms = new Poller('alarms', reader('/v1/alarms?state=ACTIVE&limit=1000', isList), requestShow);
const sensors = new Poller('sensors', reader('/v1/sensors?limit=1000', isList), requestShow);
const symbols = new Poller('symbols', reader('/v1/symbols?limit=1000', isList), requestShow);
const pipeline = new Poller('pipeline', reader('/v1/pipeline', isPipeline), requestShow);
const pollers = [alarms, sensors, symbols, pipeline];

const connection = connectionView();
const overview = overviewView();
const alarmsShown = alarmsView();
const sensorsShown = sensorsView(requestShow);
const symbolsShown = symbolsView();
const pipelineShown = pipelineView();

let requested = false;
let shownMs = Number.NEGATIVE_INFINITY;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let tick;

/** Answers that come together are shown together. */
function requestShow() {
  if (requested) return;
  requested = true;
  setTimeout(
    () =>
      requestAnimationFrame(() => {
        requested = false;
        show();
      }),
    Math.max(0, shownMs + MIN_PAUSE_MS - Date.now()),
  );
}

function show() {
  // A picture that rests is old, but nothing is wrong with it.
  if (document.hidden) return;
  const browserMs = Date.now();
  shownMs = browserMs;
  clearTimeout(tick);
  tick = setTimeout(requestShow, TICK_MS);
  connection.show(connectionOf(pollers, browserMs), browserMs);
  // Ages are told by the server's clock: that of a phone may be wrong.
  const nowMs = browserMs + (pollers.find(({ answer }) => answer)?.answer?.clockOffsetMs ?? 0);
  if (alarms.answer) alarmsShown.show(alarms.answer.data, alarms.answer.partial, nowMs);
  if (sensors.answer) {
    overview.show(sensors.answer.data, nowMs);
    sensorsShown.show(sensors.answer.data, sensors.answer.partial, nowMs);
  }
  if (symbols.answer) symbolsShown.show(symbols.answer.data, symbols.answer.partial, nowMs);
  if (pipeline.answer) pipelineShown.show(pipeline.answer.data, nowMs);
}

/** Asks while somebody looks. */
function wakeOrRest() {
  for (const poller of pollers) {
    if (document.hidden) poller.rest();
    else poller.wake();
  }
  requestShow();
}

for (const touch of TOUCHES) {
  addEventListener(
    touch,
    () => {
      alarmsShown.touch();
      sensorsShown.touch();
    },
    { passive: true, capture: true },
  );
}
document.addEventListener('visibilitychange', wakeOrRest);
addEventListener('online', wakeOrRest);
wakeOrRest();
