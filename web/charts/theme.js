/** Colours of charts: the tokens of the stylesheet, read anew when the theme changes. */

const DARK = matchMedia('(prefers-color-scheme: dark)');

/** @type {Map<string, string>} */
const known = new Map();
DARK.addEventListener('change', () => known.clear());

/**
 * The value of a custom property, as it is now.
 * @param {string} token `--line`
 */
export function color(token) {
  let value = known.get(token);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
    known.set(token, value);
  }
  return value;
}

/**
 * Calls the listener after each change of the theme.
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function onThemeChange(listener) {
  DARK.addEventListener('change', listener);
  return () => DARK.removeEventListener('change', listener);
}
