/** The steps of the state machine `daily`, by the name its definition calls them. Each may be called again with the same input. */
import { attemptFailed } from './attempt-failed.ts';
import { cleanUp } from './clean-up.ts';
import { fail, finish, skip } from './finish.ts';
import { plan } from './plan.ts';
import type { BatchPorts } from './ports.ts';
import { prepare } from './prepare.ts';
import { publish } from './publish.ts';
import { reconcileDays } from './reconcile.ts';
import { register } from './register.ts';
import type { StepEvent } from './state.ts';
import { takeLock } from './take-lock.ts';
import { validate } from './validate.ts';

type Step = (ports: BatchPorts, event: StepEvent) => Promise<unknown>;

/** A step that works on the state alone, as the step before left it. */
function onState<State>(step: (ports: BatchPorts, state: State) => Promise<unknown>): Step {
  return (ports, { state }) => step(ports, state as State);
}

const STEPS: Readonly<Record<string, Step>> = {
  'take-lock': takeLock,
  plan: onState(plan),
  prepare: onState(prepare),
  'attempt-failed': onState(attemptFailed),
  validate: onState(validate),
  register: onState(register),
  publish: onState(publish),
  reconcile: onState(reconcileDays),
  'clean-up': onState(cleanUp),
  finish: onState(finish),
  fail,
  skip,
};

export async function runStep(ports: BatchPorts, event: StepEvent): Promise<unknown> {
  const step = STEPS[event.step];
  if (step === undefined) throw new RangeError(`no step is called "${event.step}"; known are ${Object.keys(STEPS).join(', ')}`);
  return (await step(ports, event)) ?? null;
}
