import { describe, expect, it } from 'vitest';
import { parseTemplate, type Stack } from '../../../../local/template/assembly.ts';
import { creationOrder } from '../../../../local/template/graph.ts';
import { createResolver } from '../../../../local/template/resolve.ts';

function orderOf(...stacks: Stack[]): string[] {
  const resolver = createResolver(stacks, { region: 'us-east-1', accountId: '000000000000', resource: () => undefined });
  return creationOrder(stacks, resolver).map(({ stack, resource }) => `${stack.name}/${resource.logicalId}`);
}

const resource = (properties: object = {}, more: object = {}) => ({ Type: 'Test::Thing', Properties: { ...properties }, ...more }) as never;

describe('the order of creation', () => {
  it('puts each resource after what it refers to by Ref, GetAtt, Sub and DependsOn', () => {
    const stack = parseTemplate('S', {
      Resources: {
        ByRef: resource({ a: [{ b: { Ref: 'Base' } }] }),
        ByAttribute: resource({ a: { 'Fn::GetAtt': ['ByRef', 'Arn'] } }),
        BySub: resource({ a: { 'Fn::Sub': [`\${ByAttribute.Arn}/\${AWS::Region}/\${x}`, { x: { Ref: 'Late' } }] } }),
        ByDependsOn: resource({}, { DependsOn: ['BySub'] }),
        ByOneDependsOn: resource({}, { DependsOn: 'ByDependsOn' }),
        Late: resource(),
        Base: resource(),
      },
    });
    expect(orderOf(stack)).toEqual(
      ['Base', 'ByRef', 'ByAttribute', 'Late', 'BySub', 'ByDependsOn', 'ByOneDependsOn'].map((id) => `S/${id}`),
    );
  });

  it.each([
    ['an import', { 'Fn::ImportValue': 'Data:Stream' }],
    ['an output', { 'Fn::GetStackOutput': { StackName: 'Data', OutputName: 'Out' } }],
  ])('follows %s into the other stack', (_title, a) => {
    const app = parseTemplate('App', { Resources: { Reader: resource({ a }) } });
    const data = parseTemplate('Data', {
      Resources: { Other: resource(), Stream: resource() },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['Stream', 'Arn'] }, Export: { Name: 'Data:Stream' } } },
    });
    expect(orderOf(app, data)).toEqual(['Data/Stream', 'App/Reader', 'Data/Other']);
  });

  it('leaves out a resource whose condition does not hold', () => {
    const stack = parseTemplate('S', {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] }, Always: { 'Fn::Equals': ['a', 'a'] } },
      Resources: { Gone: resource({}, { Condition: 'Never' }), Here: resource({}, { Condition: 'Always' }) },
    });
    expect(orderOf(stack)).toEqual(['S/Here']);
  });

  it('fails on a circle and names it', () => {
    const stack = parseTemplate('S', {
      Resources: { A: resource({ a: { Ref: 'B' } }), B: resource({}, { DependsOn: 'C' }), C: resource({ a: { 'Fn::Sub': `\${A}` } }) },
    });
    expect(() => orderOf(stack)).toThrow('S/A → S/B → S/C → S/A');
  });

  it('fails on a DependsOn that names nothing', () => {
    const stack = parseTemplate('S', { Resources: { A: resource({}, { DependsOn: 'Nobody' }) } });
    expect(() => orderOf(stack)).toThrow('A of stack S depends on Nobody, which does not exist');
  });
});
