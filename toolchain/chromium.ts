import { existsSync } from 'node:fs';

/** Path of a Chromium, or null. */
export function findChromium(): string | null {
  return [process.env['CHROMIUM'], '/usr/bin/chromium'].find((path) => path !== undefined && existsSync(path)) ?? null;
}

export function ensureChromium(): string {
  const found = findChromium();
  if (!found) throw new Error('no Chromium');
  return found;
}
