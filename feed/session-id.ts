/**
 * Name of one run of a source (a feed session, a device boot): UTC time, then a suffix drawn by lot, so that names sort by
 * start and two runs of the same millisecond differ. Matches `[A-Za-z0-9_-]{1,64}`.
 * @param suffix 1 to 40 characters of `[A-Za-z0-9]`
 */
export function sessionId(nowMs: number, suffix: string): string {
  return `${new Date(nowMs).toISOString().replace(/[^0-9TZ]/g, '')}-${suffix}`;
}
