import { describe, expect, it } from 'vitest';
import { createLifecycle } from '../../../../local/runtime/lifecycle.ts';

describe('stopping what was started', () => {
  it('goes in reverse order, one after the other, on past a failure that it reports', async () => {
    const seen: string[] = [];
    const lifecycle = createLifecycle((message) => seen.push(message));
    lifecycle.onStop('first', () => void seen.push('first'));
    lifecycle.onStop('second', () => {
      throw new Error('stuck');
    });
    lifecycle.onStop('third', async () => {
      await Promise.resolve();
      seen.push('third');
    });
    await lifecycle.stop();
    expect(seen).toEqual(['third', 'second did not stop cleanly: stuck', 'first']);
  });

  it('stops everything once, however often it is asked', async () => {
    let stops = 0;
    const lifecycle = createLifecycle(() => undefined);
    lifecycle.onStop('only', async () => {
      await Promise.resolve();
      stops += 1;
    });
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await lifecycle.stop();
    expect(stops).toBe(1);
  });
});
