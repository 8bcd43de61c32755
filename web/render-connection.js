/** The connection in plain words: a word at the top, and a bar when the picture is not of now. */
import { byId, setAttribute, setShown, setText } from './dom.js';
import { clockText } from './format.js';

/** @import { Connection } from './connection.js' */

/** Without pushed rows the picture is of now as well, a second old at most. */
const ASKED = 'Each second';
const WORDS = { connecting: 'Connecting', live: 'Live', partial: 'Partly old', lost: 'Connection lost', refused: 'Not allowed' };

/**
 * What the bar says: `message` once, also aloud; `detail` goes on changing. null while all is well. Pure.
 * @param {Connection} connection
 * @param {number} nowMs
 * @returns {{ message: string, detail: string } | null}
 */
export function barOf({ state, goodMs, missing, reason, nextMs }, nowMs) {
  if (state === 'live' || state === 'connecting') return null;
  const picture =
    goodMs === null
      ? 'There is no picture yet.'
      : `${state === 'partial' ? 'This part' : 'The picture'} is of ${clockText(goodMs, nowMs)}.`;
  const next = nextMs === null ? 'Trying now.' : `Next try in ${Math.max(1, Math.ceil((nextMs - nowMs) / 1000))} s.`;
  const detail = [picture, reason, next].filter(Boolean).join(' ');
  if (state === 'refused') {
    return {
      message: 'The API refuses to answer this page: it wants signed requests.',
      detail: `${reason} Deployed with api.auth = iam it answers only AWS credentials; api.auth = none opens it to this page. ${next}`,
    };
  }
  if (state === 'partial') return { message: `Not up to date: ${missing.join(', ')}.`, detail };
  return { message: 'No connection to Tidemark.', detail };
}

/** @returns {{ show(connection: Connection, live: { connected: boolean, reason: string }, nowMs: number): void }} */
export function connectionView() {
  const state = byId('state');
  const message = byId('bar-message');
  return {
    show(connection, { connected: isPushed, reason }, nowMs) {
      setAttribute(state, 'title', reason && `Rows are not pushed, the page asks each second: ${reason}`);
      const isLive = connection.state === 'live';
      setAttribute(state, 'data-state', connection.state);
      setAttribute(state, 'data-pushed', String(isPushed));
      setText(byId('state-word'), isLive && !isPushed ? ASKED : WORDS[connection.state]);
      // Pushed rows make the picture one of now, whenever the newest answer came.
      const goodMs = isLive && isPushed ? nowMs : connection.goodMs;
      setText(byId('state-time'), goodMs === null ? '' : clockText(goodMs, nowMs));
      const bar = barOf(connection, nowMs);
      setShown(byId('bar'), bar !== null);
      setText(message, bar?.message ?? '');
      setText(byId('bar-detail'), bar?.detail ?? '');
      setAttribute(document.documentElement, 'data-connection', connection.state);
    },
  };
}
