/** Times of charts as texts: local, as the person who looks reads them, and UTC for a second look. Times in ms since the epoch. */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayWithYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/**
 * Labels of the ticks of a time axis: the day stands where it begins to hold, the year beside the chart.
 * @param {readonly number[]} splitsMs ascending
 * @param {number} stepMs between two of them
 */
export function tickTexts(splitsMs, stepMs) {
  let shownDay = '';
  return splitsMs.map((ms) => {
    const dayText = day.format(ms);
    if (stepMs >= DAY_MS) return dayText;
    const time = (stepMs < MINUTE_MS ? clockWithSeconds : clock).format(ms);
    const text = dayText === shownDay ? time : `${time}\n${dayText}`;
    shownDay = dayText;
    return text;
  });
}

/**
 * A moment under the crosshair.
 * @param {number} ms
 * @returns {string} `7 Oct 2013, 14:03:05 (12:03:05 UTC)`
 */
export function crosshairText(ms) {
  return `${dayWithYear.format(ms)}, ${clockWithSeconds.format(ms)} (${new Date(ms).toISOString().slice(11, 19)} UTC)`;
}

/**
 * Which part of a span the batch has settled; empty before it has settled anything.
 * @param {{ fromMs: number, toMs: number }} span
 * @param {number | null} boundaryMs
 */
export function settledText({ fromMs, toMs }, boundaryMs) {
  if (boundaryMs === null) return '';
  if (boundaryMs <= fromMs) return 'Not settled by the batch yet.';
  if (boundaryMs >= toMs) return 'Of days that are settled.';
  return `Days before ${dayWithYear.format(boundaryMs)}, ${clock.format(boundaryMs)} are settled.`;
}

/**
 * A span in words: `6 Oct 2013, 14:03 to 7 Oct 2013, 14:03`.
 * @param {number} fromMs
 * @param {number} toMs
 */
export function spanText(fromMs, toMs) {
  const [from, to] = [fromMs, toMs].map((ms) => [dayWithYear.format(ms), clock.format(ms)]);
  return from?.[0] === to?.[0] ? `${from?.[0]}, ${from?.[1]} to ${to?.[1]}` : `${from?.join(', ')} to ${to?.join(', ')}`;
}
