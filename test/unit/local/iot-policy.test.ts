import { describe, expect, it } from 'vitest';
import { authorizerOf, type PolicyDocument } from '../../../local/engines/iot/policy.ts';

const ARN = 'arn:aws:iot:us-east-1:000000000000';
const attached = { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } };
const policy = (...Statement: PolicyDocument['Statement'][]): PolicyDocument[] => [{ Version: '2012-10-17', Statement: Statement.flat() }];
const publish = (Resource: string | string[], Effect = 'Allow') => ({ Effect, Action: 'iot:Publish', Resource, Condition: attached });

describe('an IoT policy', () => {
  it('binds a topic to the name of the thing', () => {
    const may = authorizerOf(policy(publish(`${ARN}:topic/dht22/\${iot:Connection.Thing.ThingName}/telemetry`)), 'roof');
    expect(may('iot:Publish', `${ARN}:topic/dht22/roof/telemetry`)).toBe(true);
    expect(may('iot:Publish', `${ARN}:topic/dht22/cellar/telemetry`)).toBe(false);
    expect(may('iot:Publish', `${ARN}:topic/dht22/roof/telemetry/more`)).toBe(false);
    expect(may('iot:Subscribe', `${ARN}:topic/dht22/roof/telemetry`)).toBe(false);
  });

  it('takes the wildcards of the policy, but none of the name: a thing called * is no wildcard', () => {
    const may = authorizerOf(policy({ ...publish(`${ARN}:topic/dht22/\${iot:ClientId}/*`), Condition: {} }), '*');
    expect(may('iot:Publish', `${ARN}:topic/dht22/*/x`)).toBe(true);
    expect(may('iot:Publish', `${ARN}:topic/dht22/roof/x`)).toBe(false);
    expect(authorizerOf(policy(publish(`${ARN}:topic/?`)), 'a')('iot:Publish', `${ARN}:topic/xy`)).toBe(false);
  });

  it('keeps MQTT wildcards literal, lets a Deny win, and denies what names an unknown variable', () => {
    const may = authorizerOf(
      policy(
        publish([`${ARN}:topic/a/+`, `${ARN}:topic/b/*`]),
        publish(`${ARN}:topic/b/secret`, 'Deny'),
        publish(`${ARN}:topic/\${iot:Certificate.Subject.Country}`),
      ),
      'x',
    );
    expect(may('iot:Publish', `${ARN}:topic/a/1`)).toBe(false);
    expect(may('iot:Publish', `${ARN}:topic/b/1`)).toBe(true);
    expect(may('iot:Publish', `${ARN}:topic/b/secret`)).toBe(false);
    expect(may('iot:Publish', `${ARN}:topic/`)).toBe(false);
  });

  it('allows nothing whose condition does not hold, and refuses operators it does not know', () => {
    const unattached = { ...publish('*'), Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'false' } } };
    expect(authorizerOf(policy(unattached), 'x')('iot:Publish', 'anything')).toBe(false);
    expect(() => authorizerOf(policy({ ...publish('*'), Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }), 'x')).toThrow(
      'IpAddress',
    );
  });

  it('resolves the thing variables only for a client whose id can be the name of a thing', () => {
    const byThing = policy({ ...publish('*'), Resource: `${ARN}:topic/\${iot:Connection.Thing.ThingName}` });
    expect(authorizerOf(byThing, 'roof:1_a-b')('iot:Publish', `${ARN}:topic/roof:1_a-b`)).toBe(true);
    expect(authorizerOf(byThing, 'roof/x')('iot:Publish', `${ARN}:topic/roof/x`)).toBe(false);
    const unattached = policy({
      Effect: 'Allow',
      Action: 'iot:*',
      Resource: '*',
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['false'] } },
    });
    expect(authorizerOf(unattached, 'roof/x')('iot:Connect', 'x')).toBe(true);
    expect(authorizerOf(unattached, 'roof')('iot:Connect', 'x')).toBe(false);
  });

  it('denies by a Deny whose variable is unresolved', () => {
    const may = authorizerOf(policy(publish('*'), publish('x/${iot:Certificate.Issuer.Country}', 'Deny')), 'x');
    expect(may('iot:Publish', 'anything')).toBe(false);
  });

  it('takes escaped wildcards literally', () => {
    const may = authorizerOf(policy(publish('a${*}b${?}')), 'x');
    expect(may('iot:Publish', 'a*b?')).toBe(true);
    expect(may('iot:Publish', 'axxbx')).toBe(false);
  });

  it.each([
    ['NotResource', { Effect: 'Allow', Action: 'iot:Publish', NotResource: 'x' }],
    ['Effect must be', { Effect: 'allow', Action: 'iot:Publish', Resource: 'x' }],
    ['Action must be', { Effect: 'Allow', Resource: 'x' }],
    ['Resource must be', { Effect: 'Allow', Action: 'iot:Publish', Resource: [] }],
    ['Bool aws:SecureTransport', { ...publish('*'), Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
  ])('refuses %s, also in a statement that is about something else', (named, statement) => {
    expect(() => authorizerOf(policy(statement as unknown as PolicyDocument['Statement']), 'x')).toThrow(named);
  });
});
