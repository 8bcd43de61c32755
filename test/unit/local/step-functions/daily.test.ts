/** The machine that is deployed: valid in the States Language, and within what is run here. */
import { StateMachine } from 'aws-local-stepfunctions';
import { expect, it } from 'vitest';
import { dailyMachine } from '../../../../infra/daily-machine.ts';
import { parseDefinition } from '../../../../local/engines/step-functions/definition.ts';
import { prepareGraph } from '../../../../local/engines/step-functions/prepare.ts';
import { isKnownResource } from '../../../../local/engines/step-functions/tasks.ts';

type Definition = ConstructorParameters<typeof StateMachine>[0];

it('the state machine daily is valid as it stands, and as it is prepared for the library', () => {
  const text = JSON.stringify(dailyMachine(2)).replaceAll('${Function}', 'arn:aws:lambda:us-east-1:000000000000:function:batch');
  const definition = parseDefinition(text, isKnownResource);
  expect(() => new StateMachine(JSON.parse(text) as Definition)).not.toThrow();
  // Waits become tasks of our own, whose resource is no ARN.
  expect(
    () => new StateMachine(prepareGraph(definition) as unknown as Definition, { validationOptions: { checkArn: false } }),
  ).not.toThrow();
  expect(() => new StateMachine({ ...(JSON.parse(text) as Definition), StartAt: 'Nowhere' })).toThrow('invalid');
});
