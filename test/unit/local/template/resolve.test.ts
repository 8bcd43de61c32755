import { describe, expect, it } from 'vitest';
import { parseTemplate, type Stack } from '../../../../local/template/assembly.ts';
import type { Json, JsonObject } from '../../../../local/template/json.ts';
import { createResolver, type Resolver } from '../../../../local/template/resolve.ts';

const DATA = parseTemplate('Data', {
  Resources: { Trades: { Type: 'AWS::Kinesis::Stream' }, Bucket: { Type: 'AWS::S3::Bucket' } },
  Outputs: {
    Stream: { Value: { 'Fn::GetAtt': ['Trades', 'Arn'] }, Export: { Name: { 'Fn::Join': [':', ['Data', 'TradesArn']] } } },
    Unexported: { Value: 'x' },
  },
});
const APP = parseTemplate('App', {
  Parameters: { Version: { Type: 'String', Default: '/bootstrap/version' } },
  Mappings: { Zones: { 'us-east-1': { zone: 'Z1' } } },
  Conditions: {
    Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
    China: { 'Fn::Or': [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'cn-north-1'] }, { 'Fn::Not': [{ Condition: 'Here' }] }] },
    Odd: { 'Fn::Contains': [['a'], 'a'] },
    Both: { 'Fn::And': [{ Condition: 'Here' }, { Condition: 'China' }] },
  },
  Resources: { Speed: { Type: 'AWS::Lambda::Function' } },
});

const CREATED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Data/Trades': { ref: 'trades', Arn: 'arn:trades' },
  'App/Speed': { ref: 'speed', Arn: 'arn:speed', 'Nested.Name': 'deep' },
};

function resolver(): Resolver {
  return createResolver([DATA, APP], {
    region: 'us-east-1',
    accountId: '000000000000',
    resource(stack: Stack, logicalId: string) {
      const values = CREATED[`${stack.name}/${logicalId}`];
      return values && { ref: values['ref']!, attributes: values };
    },
  });
}

const resolve = (value: Json): Json | undefined => resolver().resolve(APP, value);

describe('resolving intrinsic functions', () => {
  const examples: readonly [string, Json, Json | undefined][] = [
    ['Ref of a resource', { Ref: 'Speed' }, 'speed'],
    ['Ref of a parameter is its default', { Ref: 'Version' }, '/bootstrap/version'],
    [
      'pseudo parameters',
      [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }, { Ref: 'AWS::Partition' }, { Ref: 'AWS::URLSuffix' }],
      ['us-east-1', '000000000000', 'aws', 'amazonaws.com'],
    ],
    [
      'the other pseudo parameters',
      [{ Ref: 'AWS::StackId' }, { Ref: 'AWS::NotificationARNs' }],
      ['arn:aws:cloudformation:us-east-1:000000000000:stack/App/local', []],
    ],
    ['GetAZs', { 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b']],
    ['the name of the stack', { Ref: 'AWS::StackName' }, 'App'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Speed', 'Arn'] }, 'arn:speed'],
    ['GetAtt as a text, the attribute with a dot', { 'Fn::GetAtt': 'Speed.Nested.Name' }, 'deep'],
    [
      'Sub with references, attributes, own variables and an escape',
      { 'Fn::Sub': [`\${Speed}-\${Speed.Arn}-\${AWS::Region}-\${own}-\${!literal}`, { own: { Ref: 'Version' } }] },
      `speed-arn:speed-us-east-1-/bootstrap/version-\${literal}`,
    ],
    ['Sub of a plain text', { 'Fn::Sub': `assets-\${AWS::AccountId}` }, 'assets-000000000000'],
    ['Join of resolved pieces', { 'Fn::Join': ['/', ['a', { Ref: 'Speed' }, 3]] }, 'a/speed/3'],
    ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Speed', 'Arn'] }] }] }, 'speed'],
    ['ImportValue of another stack', { 'Fn::ImportValue': 'Data:TradesArn' }, 'arn:trades'],
    [
      'GetStackOutput of another stack',
      { 'Fn::GetStackOutput': { StackName: 'Data', OutputName: 'Stream', Region: { Ref: 'AWS::Region' } } },
      'arn:trades',
    ],
    ['FindInMap', { 'Fn::FindInMap': ['Zones', { Ref: 'AWS::Region' }, 'zone'] }, 'Z1'],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['If of a condition that holds', { 'Fn::If': ['Here', 'yes', 'no'] }, 'yes'],
    ['If of one that does not', { 'Fn::If': ['China', 'yes', 'no'] }, 'no'],
    ['NoValue leaves its property out', { a: 1, b: { Ref: 'AWS::NoValue' }, c: [{ Ref: 'AWS::NoValue' }, 2] }, { a: 1, c: [2] }],
    ['NoValue on top', { Ref: 'AWS::NoValue' }, undefined],
    ['plain JSON stays as it is', { a: [1, true, null, 'x'], 'Fn::not-alone': 1 }, { a: [1, true, null, 'x'], 'Fn::not-alone': 1 }],
  ];
  for (const [title, written, wanted] of examples) {
    it(title, () => {
      expect(resolve(written)).toEqual(wanted);
    });
  }

  it('evaluates And, Or and Not of conditions', () => {
    expect(['Here', 'China', 'Both'].map((name) => resolver().holds(APP, name))).toEqual([true, false, false]);
  });

  const errors: readonly [string, JsonObject, RegExp][] = [
    ['a resource that does not exist', { Ref: 'Nobody' }, /stack App refers to Nobody/],
    ['an attribute that does not exist', { 'Fn::GetAtt': ['Speed', 'Colour'] }, /Speed \(AWS::Lambda::Function\) has no attribute Colour/],
    ['a function that is not known', { 'Fn::Cidr': ['10.0.0.0/8', 1, 2] }, /Fn::Cidr is not known/],
    ['an export that does not exist', { 'Fn::ImportValue': 'Data:Nothing' }, /no stack exports Data:Nothing/],
    [
      'an output that does not exist',
      { 'Fn::GetStackOutput': { StackName: 'Data', OutputName: 'Nothing' } },
      /no stack Data has an output Nothing/,
    ],
    ['a condition that does not exist', { 'Fn::If': ['Nowhere', 1, 2] }, /no condition Nowhere/],
    ['a Select beyond the end', { 'Fn::Select': [5, ['a']] }, /no element 5/],
    ['a Join of an object', { 'Fn::Join': ['', [{ a: 1 }]] }, /Fn::Join wants a text/],
    ['a Join of no list', { 'Fn::Join': ['', 'x'] }, /Fn::Join wants a list, not "x"/],
    ['a Split without its text', { 'Fn::Split': [','] }, /Fn::Split wants a text/],
    ['a GetAtt of no attribute', { 'Fn::GetAtt': 'Speed' }, /Fn::GetAtt wants \[logicalId, attribute\], not "Speed"/],
    ['a Sub of no text', { 'Fn::Sub': [1, {}] }, /Fn::Sub wants a text or \[text, variables\]/],
    ['a condition that is not understood', { 'Fn::If': ['Odd', 1, 2] }, /not understood: \{"Fn::Contains"/],
    ['a stack output without its names', { 'Fn::GetStackOutput': 'Data' }, /Fn::GetStackOutput wants a text/],
    ['a Sub of a name that does not exist', { 'Fn::Sub': `\${Nobody}` }, /refers to Nobody/],
    ['a map entry that does not exist', { 'Fn::FindInMap': ['Zones', 'mars', 'zone'] }, /Zones\.mars\.zone/],
  ];
  for (const [title, written, message] of errors) {
    it(`fails on ${title}`, () => {
      expect(() => resolve(written)).toThrow(message);
    });
  }
});
