/** What a sensor's alarms did: every rule in one list, newest first. */
import { ApiError } from '../api.js';
import { ageCell, linkCell, numberCell, severityCell } from '../cells.js';
import { element, setAttribute, setLines, setShown, setText } from '../dom.js';
import { durationText, numberText, timeOf } from '../format.js';
import { topicOf } from '../live.js';
import { compareRevisions, LiveList, readList } from '../live-list.js';
import { transitionsOf } from '../pages/alarm.js';
import { limitText, ruleWord } from '../render-alarms.js';
import { hrefOf } from '../router.js';
import { Table } from '../table.js';
import { tableBox } from '../table-box.js';
import { timeline } from '../timeline.js';

/** @import { Answer } from '../api.js' */
/** @import { Cell } from '../cells.js' */
/** @import { Live } from '../live.js' */
/** @import { Alarm } from '../render-alarms.js' */

/** Transitions asked for, a rule, and shown in all. */
const MAX_SHOWN = 50;
/** An alarm that never changed is no alarm yet: the API is asked again so much later, or when the sensor's severity changes. */
const ABSENT_AGAIN_MS = 60_000;
/** @type {readonly (readonly [string, string])[]} */
const HEADS = [
  ['severity', 'Became'],
  ['rule', 'Rule'],
  ['number value', 'Value'],
  ['number limit', 'Limit'],
  ['number lasted', 'Lasted'],
  ['number age', 'When'],
];
const EMPTY = ['No alarm of this sensor ever changed.', 'It does when a reading, or the mean of a window, reaches a limit.'];

/** @typedef {{ alarm: Alarm, untilMs: number | null }} Transition */

/**
 * @param {string} sensorId
 * @param {Live} live
 * @param {() => void} requestShow
 */
export function alarmHistory(sensorId, live, requestShow) {
  /** @type {LiveList<Alarm>[]} */
  const lists = [];
  let severity = '';
  const view = historyView();

  /** @param {string} rule */
  function open(rule) {
    const alarmId = `${sensorId}:${rule}`;
    const list = new LiveList(
      {
        name: 'alarm history',
        read: readUnlessAbsent(`/v1/alarms/${encodeURIComponent(alarmId)}/history?limit=${MAX_SHOWN}`, () => severity),
        topic: topicOf('alarms', alarmId),
        keyOf: (/** @type {Alarm} */ alarm) => String(alarm.revision),
        compareAge: compareRevisions,
      },
      live,
      requestShow,
    );
    lists.push(list);
    list.open();
  }

  return {
    element: view.element,
    /**
     * @param {readonly string[]} rules that a sensor may break
     * @param {string} newSeverity of the sensor
     * @param {number} nowMs
     */
    show(rules, newSeverity, nowMs) {
      severity = newSeverity;
      if (lists.length === 0) for (const rule of rules) open(rule);
      const known = lists.flatMap((list) => (list.rows ? [list.rows] : []));
      if (known.length === 0 || known.length < lists.length) return;
      const byRule = known.map(transitionsOf).filter((transitions) => transitions.length > 0);
      const transitions = byRule.flat().sort((a, b) => (timeOf(b.alarm.event_time) ?? 0) - (timeOf(a.alarm.event_time) ?? 0));
      const isCut = transitions.length > MAX_SHOWN || lists.some((list) => list.partial);
      view.show(transitions.slice(0, MAX_SHOWN), isCut, nowMs);
      for (const ofRule of byRule)
        view.showStrip(
          ofRule.map(({ alarm }) => alarm),
          nowMs,
        );
    },
    close() {
      for (const list of lists) list.close();
    },
  };
}

/**
 * Reads a list that may not be there; then it is empty.
 * @param {string} address
 * @param {() => string} sign of what makes it worth asking again
 * @returns {() => Promise<Answer<readonly Alarm[]>>}
 */
function readUnlessAbsent(address, sign) {
  const read = readList(address);
  /** @type {{ sign: string, ms: number } | null} */
  let absent = null;
  const nothing = { data: [], partial: false, nextCursor: null, boundary: null, settledDay: null };
  return async () => {
    const asked = { sign: sign(), ms: Date.now() };
    if (absent && absent.sign === asked.sign && asked.ms - absent.ms < ABSENT_AGAIN_MS) return nothing;
    try {
      absent = null;
      return await read();
    } catch (error) {
      if (!(error instanceof ApiError) || error.trouble !== 'absent') throw error;
      absent = asked;
      return nothing;
    }
  };
}

function historyView() {
  const title = element('h3', '', 'Alarm history');
  title.id = 'history-heading';
  const note = element('p', 'note');
  const empty = element('div', 'empty');
  setLines(empty, ['Waiting for the first answer of the API.']);
  const { table: tableElement, box: list } = tableBox('history of-sensor', HEADS, title.id);
  const strips = element('div', '');
  /** @type {Map<string, ReturnType<typeof timeline>>} */
  const byRule = new Map();
  const section = element('section', '', element('div', 'section-head', title, note), element('div', 'card', empty, strips, list));
  section.setAttribute('aria-labelledby', title.id);
  /** @type {Table<Transition>} */
  const table = new Table(
    tableElement,
    ({ alarm }) => `${alarm.alarm_id} ${alarm.revision}`,
    [
      severityCell(({ alarm }) => alarm.severity),
      {
        ...linkCell(
          ({ alarm }) => ruleWord(alarm.rule),
          ({ alarm }) => hrefOf('alarm', alarm.alarm_id),
        ),
        className: 'rule',
      },
      numberCell('value', ({ alarm }) => numberText(alarm.value, 1), '°C'),
      numberCell('limit', ({ alarm }) => limitText(alarm), '°C'),
      lastedCell(),
      ageCell(({ alarm }) => alarm.event_time),
    ],
    (row, { alarm }) => setAttribute(row, 'data-severity', alarm.severity),
  );
  setShown(list, false);
  return {
    element: section,
    /**
     * The same of one rule as a strip of time.
     * @param {readonly Alarm[]} newestFirst at least one
     * @param {number} nowMs
     */
    showStrip(newestFirst, nowMs) {
      const rule = newestFirst[0]?.rule ?? '';
      let strip = byRule.get(rule);
      if (!strip) {
        strip = timeline();
        strip.element.prepend(element('p', 'strip-name', ruleWord(rule)));
        strips.append(strip.element);
        byRule.set(rule, strip);
      }
      strip.show(newestFirst, nowMs);
    },
    /**
     * @param {readonly Transition[]} transitions newest first
     * @param {boolean} isCut
     * @param {number} nowMs
     */
    show(transitions, isCut, nowMs) {
      table.show(transitions, nowMs);
      setLines(empty, EMPTY);
      setShown(empty, transitions.length === 0);
      setShown(list, transitions.length > 0);
      setText(note, transitions.length === 0 ? '' : isCut ? `The newest ${transitions.length} changes` : 'Newest first');
    },
  };
}

/** @returns {Cell<Transition>} */
function lastedCell() {
  return {
    tag: 'td',
    className: 'number lasted',
    mount(cell) {
      const text = document.createTextNode('');
      cell.append(text);
      return ({ alarm, untilMs }, nowMs) => {
        const lastedMs = Math.max(0, (untilMs ?? nowMs) - (timeOf(alarm.event_time) ?? nowMs));
        setText(text, untilMs === null ? `${durationText(lastedMs)} so far` : durationText(lastedMs));
      };
    },
  };
}
