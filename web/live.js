/** What the pipeline pushes to the page. This connection is never there: pages ask the API. */

/**
 * @typedef {object} Live
 * @property {boolean} connected whether rows are pushed; if not, pages ask more often
 * @property {(topic: string, listener: (row: any) => void) => () => void} subscribe calls the listener with each row pushed to the topic (`…/#`: to all below) until the function it gives is called
 * @property {(listener: () => void) => () => void} onChange calls the listener whenever `connected` changed
 */

/**
 * The topic of what is pushed of one key, or with `#` of all of them.
 * @param {'sensors' | 'symbols' | 'alarms' | 'pipeline'} kind
 * @param {string} key
 */
export function topicOf(kind, key) {
  return `live/${kind}/${key}`;
}

/** @returns {Live} */
export function createLive() {
  return { connected: false, subscribe: () => () => {}, onChange: () => () => {} };
}
