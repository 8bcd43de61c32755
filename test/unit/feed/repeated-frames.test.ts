import { describe, expect, it } from 'vitest';
import { MAX_REMEMBERED, REPEAT_WITHIN_MS, RepeatedFrames } from '../../../feed/repeated-frames.ts';

describe('A frame that was taken', () => {
  it('is a repeat up to 5 s later, and taken anew after that', () => {
    const frames = new RepeatedFrames();
    expect(frames.isRepeat('x', 2, 1000)).toBe(false);
    expect(frames.isRepeat('x', 2, 1000)).toBe(true);
    // A repeat does not prolong the time.
    expect(frames.isRepeat('x', 2, 1000 + REPEAT_WITHIN_MS)).toBe(true);
    expect(frames.isRepeat('x', 2, 1001 + REPEAT_WITHIN_MS)).toBe(false);
    expect(frames.isRepeat('x', 2, 1002 + REPEAT_WITHIN_MS)).toBe(true);
  });

  it('is no repeat when a single byte differs, and never with a single trade', () => {
    const frames = new RepeatedFrames();
    expect(frames.isRepeat('x', 2, 0)).toBe(false);
    expect(frames.isRepeat('x ', 2, 0)).toBe(false);
    expect([frames.isRepeat('y', 1, 0), frames.isRepeat('y', 1, 0)]).toEqual([false, false]);
  });

  it('is forgotten when too many came after it', () => {
    const frames = new RepeatedFrames();
    for (let frame = 0; frame < MAX_REMEMBERED; frame++) frames.isRepeat(`x${frame}`, 2, 0);
    expect(frames.isRepeat('one more', 2, 0)).toBe(false);
    expect(frames.isRepeat('x1', 2, 0)).toBe(true);
    expect(frames.isRepeat('x0', 2, 0)).toBe(false);
  });
});
