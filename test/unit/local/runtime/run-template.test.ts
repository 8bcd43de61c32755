import { describe, expect, it } from 'vitest';
import { REAL_CLOCK } from '#adapters/clock.ts';
import type { LocalContext } from '../../../../local/resources/context.ts';
import type { ResourceType } from '../../../../local/resources/resource-type.ts';
import { createLifecycle } from '../../../../local/runtime/lifecycle.ts';
import { createResources } from '../../../../local/runtime/run-template.ts';
import { parseTemplate } from '../../../../local/template/assembly.ts';
import type { JsonObject } from '../../../../local/template/json.ts';

const logged: string[] = [];
const context = {
  region: 'us-east-1',
  accountId: '000000000000',
  wallClock: REAL_CLOCK,
  log: { line: (_part: string, text: string) => void logged.push(text) },
} as unknown as LocalContext;

/** A catalog whose resources write down what happens to them. */
function recording() {
  const seen: string[] = [];
  const type = (name: string, more: Partial<ResourceType> = {}, hasStart = false): ResourceType => ({
    type: name,
    properties: { Name: true, Of: true, Role: 'no permissions here' },
    ...more,
    create(_context, { logicalId, properties }) {
      seen.push(`create ${logicalId} ${properties.optionalText('Of') ?? ''}`.trim());
      if (properties.optionalText('Name') === 'broken') throw new Error('it is broken');
      const fail = properties.optionalText('Name') === 'fails to start';
      const start = (): void => {
        seen.push(`start ${logicalId}`);
        if (fail) throw new Error('it does not start');
      };
      return {
        ref: properties.optionalText('Name')?.startsWith('named ') ? 'same' : `ref-${logicalId}`,
        attributes: { Arn: `arn-${logicalId}` },
        ...(hasStart && { start }),
        stop: () => {
          seen.push(`stop ${logicalId}`);
          return properties.optionalText('Name') === 'never ends' ? new Promise<void>(() => undefined) : undefined;
        },
      };
    },
  });
  const types = [type('Test::Base'), type('Test::Consumer', {}, true), type('Test::Source', { isSource: true }, true)];
  const run = async (resources: JsonObject, more: Partial<LocalContext> = {}): Promise<void> => {
    const assembly = { folder: '', stacks: [parseTemplate('S', { Resources: resources })], assetPaths: new Map(), imageFolders: new Map() };
    const lifecycle = createLifecycle((message) => seen.push(message));
    try {
      const running = await createResources(
        assembly,
        { ...context, ...more },
        { types, withoutEffect: { 'AWS::IAM::Role': 'tests' } },
        lifecycle,
      );
      await running.start();
    } finally {
      await lifecycle.stop();
    }
  };
  return { seen, run };
}

describe('running a template', () => {
  it('creates by reference, starts consumers before sources, and stops in reverse', async () => {
    const { seen, run } = recording();
    await run({
      Feed: { Type: 'Test::Source', Properties: { Of: { Ref: 'Stream' } } },
      Mapping: { Type: 'Test::Consumer', Properties: { Of: { 'Fn::GetAtt': ['Stream', 'Arn'] } } },
      Stream: { Type: 'Test::Base' },
    });
    expect(seen).toEqual([
      'create Stream',
      'create Feed ref-Stream',
      'create Mapping arn-Stream',
      'start Mapping',
      'start Feed',
      'stop Feed',
      'stop Mapping',
      'stop Stream',
    ]);
  });

  it('gives a resource without local effect a stand-in for those that refer to it', async () => {
    const { seen, run } = recording();
    await run({
      Role: { Type: 'AWS::IAM::Role', Properties: { Anything: 1 } },
      A: { Type: 'Test::Base', Properties: { Of: { Ref: 'Role' }, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
    });
    expect(seen).toEqual(['create A S-Role', 'stop A']);
  });

  it('leaves out the function behind a custom resource, whatever it is made of', async () => {
    const { seen, run } = recording();
    await run({
      Provider: { Type: 'Test::Base', Properties: { Unknown: 'property of a provider' } },
      Custom: { Type: 'AWS::IAM::Role', Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] } } },
    });
    expect(seen).toEqual([]);
  });

  it('fails on an unknown type, naming the logical id, and stops what was created before', async () => {
    const { seen, run } = recording();
    const running = run({ A: { Type: 'Test::Base' }, Odd: { Type: 'AWS::SQS::Queue', Properties: { Of: { Ref: 'A' } } } });
    await expect(running).rejects.toThrow('Odd (AWS::SQS::Queue, stack S): the local runtime does not know this resource type');
    expect(seen).toEqual(['create A', 'stop A']);
  });

  it('fails on an unknown property, naming logical id, type and property', async () => {
    const { run } = recording();
    const running = run({ A: { Type: 'Test::Base', Properties: { Colour: 'red' } } });
    await expect(running).rejects.toThrow('A (Test::Base, stack S): the local runtime does not know the property Colour');
  });

  it('fails on a reference that cannot be resolved, naming the resource that has it', async () => {
    const { run } = recording();
    const running = run({ A: { Type: 'Test::Base', Properties: { Of: { 'Fn::GetAtt': ['B', 'Colour'] } } }, B: { Type: 'Test::Base' } });
    await expect(running).rejects.toThrow('A (Test::Base, stack S): B (Test::Base) has no attribute Colour here');
  });

  it('fails when two of a type get the same local name, since they would share their data', async () => {
    const { run } = recording();
    const named = { Type: 'Test::Base', Properties: { Name: 'named same' } };
    await expect(run({ A: named, B: named })).rejects.toThrow(
      'B (Test::Base, stack S): its local name same is that of A (Test::Base, stack S) too',
    );
    await run({ A: named, B: { ...named, Type: 'Test::Consumer' } });
  });

  it('stops everything when one does not start, those that did start and the one that failed', async () => {
    const { seen, run } = recording();
    const running = run({
      A: { Type: 'Test::Consumer' },
      B: { Type: 'Test::Consumer', Properties: { Name: 'fails to start' } },
      C: { Type: 'Test::Source' },
    });
    await expect(running).rejects.toThrow('it does not start');
    expect(seen.filter((line) => line.startsWith('st'))).toEqual(['start A', 'start B', 'stop B', 'stop A']);
  });

  it('waits for the work in progress only so long when it stops', async () => {
    const { seen, run } = recording();
    const delays: number[] = [];
    const after = (delayMs: number, task: () => void) => {
      delays.push(delayMs);
      queueMicrotask(task);
      return () => undefined;
    };
    const resources = { A: { Type: 'Test::Base' }, B: { Type: 'Test::Consumer', Properties: { Name: 'never ends' } } };
    await run(resources, { wallClock: { now: () => 0, after } });
    expect(seen.slice(-2)).toEqual(['stop B', 'stop A']);
    expect(delays).toContain(1_000);
    expect(logged).toEqual(['not waiting any longer for B (Test::Consumer, stack S)']);
  });
});
