import { describe, expect, it } from 'vitest';
import { displayProgress } from '../../../cli/replay/progress-display.ts';

describe('progress without a terminal', () => {
  it('is a line every five seconds, not one a row', () => {
    let nowMs = 0;
    const written: string[] = [];
    const display = displayProgress(1_000, { write: (text) => written.push(text) }, () => nowMs);
    for (nowMs = 0; nowMs <= 10_000; nowMs += 100) display.sent(5);
    for (nowMs = 10_100; nowMs <= 15_100; nowMs += 100) display.waitingFor(['speed', 'archive']);
    display.stop();
    expect(written).toEqual([
      'replay: 255 of 1000 rows sent\n',
      'replay: 505 of 1000 rows sent\n',
      'replay: all 1000 rows sent, waiting for speed and archive\n',
    ]);
  });
});
