import { expect, it } from 'vitest';
import type { StateGraph } from '../../../../local/engines/step-functions/definition.ts';
import { prepareGraph } from '../../../../local/engines/step-functions/prepare.ts';

it('a task without a time-out of its own has none: the library would give it 60 s', () => {
  const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', TimeoutSeconds: 5, End: true };
  const { States } = prepareGraph({
    StartAt: 'A',
    States: { A: task, B: { Type: 'Wait', Seconds: 90, End: true } },
  } as unknown as StateGraph);
  // 24 days, the longest a timer of Node takes; the task's own is ours to keep.
  for (const state of [States['A'], States['B']]) expect(state).toMatchObject({ Type: 'Task', TimeoutSeconds: 2_147_483 });
});
