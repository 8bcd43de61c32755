import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { startTestBed, type TestBed } from '../../../support/local-template.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await startTestBed();
});
afterEach(() => bed.stop());

const ROLE = 'arn:aws:iam::000000000000:role/daily';

function functionOf(name: string, body: string): object {
  writeFileSync(path.join(bed.asset(name), 'index.cjs'), `exports.handler = async (event) => { ${body} };`);
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { Code: { S3Bucket: 'assets', S3Key: `${name}.zip` }, Handler: 'index.handler', Runtime: 'nodejs24.x', Timeout: 10 },
  };
}

/** As CDK writes them: the definition joined of texts and references. */
function machineOf(task: object, more: object = {}): object {
  const definition = JSON.stringify({ StartAt: 'F', States: { F: { Type: 'Task', End: true, ...task } } }).split('FUNCTION');
  const text = { 'Fn::Join': ['', [definition[0], { 'Fn::GetAtt': ['F', 'Arn'] }, definition[1]]] };
  return { Type: 'AWS::StepFunctions::StateMachine', Properties: { DefinitionString: text, RoleArn: ROLE, ...more } };
}

const INVOKE = {
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'FUNCTION', 'Payload.$': '$' },
  OutputPath: '$.Payload',
};

describe('a state machine of the template', () => {
  it('runs functions of the template, and answers the stock client at the endpoint that functions are given', async () => {
    await bed.create({ F: functionOf('f', 'return { got: event };'), DailyStateMachine1A2B3C4D: machineOf(INVOKE) } as never);
    const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:daily';
    expect(bed.context.stateMachines.find(arn)?.name).toBe('daily');
    const endpoint = bed.context.serviceEnvironment['AWS_ENDPOINT_URL_SFN']!;
    const client = new SFNClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: arn, input: '{"a":1}' }));
    client.destroy();
    expect(await bed.context.stateMachines.ended(executionArn!)).toMatchObject({ status: 'SUCCEEDED', output: '{"got":{"a":1}}' });
  });

  it('fails by the name and in the words of the function', async () => {
    const body = "throw Object.assign(new Error('held by run 1'), { name: 'RunLocked' });";
    await bed.create({ F: functionOf('f', body), M: machineOf(INVOKE, { StateMachineName: 'm' }) } as never);
    const { arn } = bed.context.stateMachines.start('arn:aws:states:us-east-1:000000000000:stateMachine:m');
    const { status, error, cause } = await bed.context.stateMachines.ended(arn);
    expect([status, error, JSON.parse(cause!).errorMessage]).toEqual(['FAILED', 'RunLocked', 'held by run 1']);
  });

  it('takes its definition as an object, with substitutions', async () => {
    const Definition = { StartAt: 'P', States: { P: { Type: 'Pass', Result: { table: '${Table}', kept: '${Other}' }, End: true } } };
    const Properties = { StateMachineName: 'm', RoleArn: ROLE, Definition, DefinitionSubstitutions: { Table: 'runs' } };
    await bed.create({ M: { Type: 'AWS::StepFunctions::StateMachine', Properties } } as never);
    const { arn } = bed.context.stateMachines.start('arn:aws:states:us-east-1:000000000000:stateMachine:m');
    expect((await bed.context.stateMachines.ended(arn)).output).toBe('{"table":"runs","kept":"${Other}"}');
  });

  it.each([
    ['an express one', INVOKE, { StateMachineType: 'EXPRESS' }, 'M (AWS::StepFunctions::StateMachine, stack S): StateMachineType EXPRESS'],
    [
      'a resource that is not run here',
      { ...INVOKE, Resource: 'arn:aws:states:::sqs:sendMessage' },
      {},
      'stack S): state F: Resource arn:aws:states:::sqs:sendMessage',
    ],
    ['a property that nobody knows', INVOKE, { EncryptionConfiguration: {} }, 'EncryptionConfiguration'],
  ])('is refused as %s, by its logical id', async (_, task, more, message) => {
    await expect(bed.create({ F: functionOf('f', ''), M: machineOf(task, more) } as never)).rejects.toThrow(message);
  });

  it('is started by a schedule, which says when and by what in its input', async () => {
    const Input = '{"at":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.execution-id>","attempt":<aws.scheduler.attempt-number>}';
    const Target = { Arn: { 'Fn::GetAtt': ['M', 'Arn'] }, Input, RoleArn: 'r' };
    const Properties = { ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' }, Target };
    const { start } = await bed.create({
      F: functionOf('f', 'return event;'),
      M: machineOf(INVOKE, { StateMachineName: 'm' }),
      Hourly: { Type: 'AWS::Scheduler::Schedule', Properties },
    } as never);
    const beforeMs = Date.now();
    await start();
    const { stateMachines } = bed.context;
    const [first] = await eventually(async () => {
      const executions = stateMachines.executions('arn:aws:states:us-east-1:000000000000:stateMachine:m');
      return executions.length > 0 ? executions : null;
    });
    const { at, by, attempt } = JSON.parse((await stateMachines.ended(first!.arn)).output!);
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Math.abs(Date.parse(at) - beforeMs)).toBeLessThan(5_000);
    expect([by, attempt]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/), 1]);
  });

  it('tells of executions that failed, once for each cause', async () => {
    await bed.create({ F: functionOf('f', "throw new Error('no');"), M: machineOf(INVOKE, { StateMachineName: 'm' }) } as never);
    const { stateMachines } = bed.context;
    const { arn } = stateMachines.start('arn:aws:states:us-east-1:000000000000:stateMachine:m', '{}', 'run');
    await stateMachines.ended(arn);
    expect(bed.errors.at(-1)).toMatch(/^m: execution FAILED Error: \{"errorType":"Error","errorMessage":"no".*\(run\)$/);
  });
});
