/** Wires the page: the address, the connection, what is told unasked, and when to show what is known. */
import { alarmAnnouncer, announce } from './announce.js';
import { connectionOf } from './connection.js';
import { byId, setText } from './dom.js';
import { numberText } from './format.js';
import { pageLive, topicOf } from './live.js';
import { compareRevisions, LiveList, readList } from './live-list.js';
import { UNKNOWN_PAGE } from './pages/notice.js';
import * as overview from './pages/overview.js';
import { goTo } from './places.js';
import { awakePollers } from './poller.js';
import { connectionView } from './render-connection.js';
import { Shell } from './shell.js';

/** @import { Poller } from './poller.js' */
/** @import { Alarm } from './render-alarms.js' */
/** @import { PageModule } from './shell.js' */

/** Ages go on while nothing arrives. */
const TICK_MS = 1000;
/** The eye follows four changes a second. */
const MIN_PAUSE_MS = 250;

/** @param {string} name of a module that comes when its page is opened first @returns {() => Promise<PageModule>} */
const late = (name) => () => import(`./pages/${name}.js`);

const live = pageLive();
const alarms = new LiveList(
  {
    name: 'alarms',
    read: readList('/v1/alarms?state=ACTIVE&limit=1000'),
    topic: topicOf('alarms', '#'),
    keyOf: (/** @type {Alarm} */ alarm) => alarm.alarm_id,
    compareAge: compareRevisions,
    isListed: ({ state }) => state === 'ACTIVE',
  },
  live,
  requestShow,
);
const shell = new Shell(
  byId('page'),
  {
    overview: () => overview,
    sensor: late('sensor'),
    symbol: late('symbol'),
    alarm: late('alarm'),
    runs: late('runs'),
    run: late('run'),
    unknown: () => UNKNOWN_PAGE,
  },
  { live, requestShow, alarms },
);
const connection = connectionView();
const announceAlarms = alarmAnnouncer();

/** Those that go on when the page is seen again. @type {Poller<unknown>[]} */
let rested = [];
let wasLive = false;
let requested = false;
let shownMs = Number.NEGATIVE_INFINITY;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let tick;

/** Answers and rows that come together are shown together. */
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
  shownMs = Date.now();
  clearTimeout(tick);
  tick = setTimeout(requestShow, TICK_MS);
  connection.show(connectionOf(awakePollers(), shownMs), live, shownMs);
  if (alarms.rows) {
    setText(byId('alarms-count'), `${numberText(alarms.rows.length)}${alarms.partial ? '+' : ''}`);
    announceAlarms(alarms.rows);
  }
  shell.show();
}

/** Asks while somebody looks. */
function wakeOrRest() {
  if (document.hidden) {
    wasLive = false;
    live.stop();
    // Those that rest already are not forgotten when the page is hidden, or online, once more.
    rested.push(...awakePollers());
    for (const poller of rested) poller.rest();
    return;
  }
  for (const poller of rested.length > 0 ? rested : awakePollers()) poller.wake();
  rested = [];
  live.start();
  void shell.follow();
  requestShow();
}

addEventListener('hashchange', () => {
  // Followed when it is seen: a page nobody looks at asks nothing.
  if (!document.hidden) void shell.follow();
});
document.addEventListener('visibilitychange', wakeOrRest);
addEventListener('online', wakeOrRest);
document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = link.hash === '#content' ? byId('content') : shell.headingOf(link.hash);
  if (!target || !link.closest('.skip, .top')) return;
  event.preventDefault();
  goTo(target);
});
live.onChange(() => {
  if (wasLive && !live.connected) announce('Live connection lost. Asking each second.');
  wasLive = live.connected;
  requestShow();
});
alarms.open();
wakeOrRest();
