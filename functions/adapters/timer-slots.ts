/** Partitions of the index of due timers, so that no single one takes every write. */
export const TIMER_SLOTS = 16;
export const TIMER_INDEX = 'due-timers';
