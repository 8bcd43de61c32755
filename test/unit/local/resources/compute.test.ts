import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../../support/eventually.ts';
import { startTestBed, type TestBed } from '../../../support/local-template.ts';

let bed: TestBed;
beforeEach(async () => {
  bed = await startTestBed();
});
afterEach(() => bed.stop());

/** A function whose code is `body`, of the event `event`. */
function functionOf(name: string, body: string, more: object = {}) {
  writeFileSync(path.join(bed.asset(name), 'index.cjs'), `exports.handler = async (event) => { ${body} };`);
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Timeout: 10,
      ...more,
    },
  };
}

const STREAM = { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'in', ShardCount: 1 } };
const MAPPING = {
  FunctionName: { Ref: 'Reader' },
  EventSourceArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
  StartingPosition: 'TRIM_HORIZON',
};
const mappingOf = (more: object = {}) => ({ Type: 'AWS::Lambda::EventSourceMapping', Properties: { ...MAPPING, ...more } });

async function invoke(name: string): Promise<unknown> {
  const result = await bed.context.functions.find(name)!.invoke('{}');
  return JSON.parse(result.payload);
}

describe('a function of the template', () => {
  it('runs with the environment of the template, the endpoints, and nothing of this process', async () => {
    const variables = { A: '1', STREAM: { Ref: 'Stream' } };
    await bed.create({ Stream: STREAM, F: functionOf('f', 'return process.env;', { Environment: { Variables: variables } }) } as never);
    const environment = (await invoke('f')) as Record<string, string>;
    expect(environment).toMatchObject({ A: '1', STREAM: 'in', ...bed.context.serviceEnvironment });
    expect(environment['PATH']).toBeUndefined();
    expect(environment['HOME']).toBeUndefined();
  });

  it('sees a sensor assignment that is given while it runs', async () => {
    const settings = { profiles: { dht22: {} }, sensors: [] };
    const body = 'return JSON.parse(process.env.SETTINGS).sensors;';
    await bed.create({ F: functionOf('f', body, { Environment: { Variables: { SETTINGS: JSON.stringify(settings) } } }) } as never);
    expect(await invoke('f')).toEqual([]);
    bed.context.sensors.put({ match: 'a', profile: 'dht22', zone: 'UTC' });
    await bed.context.functions.find('f')!.refreshEnvironment();
    expect(await invoke('f')).toEqual([{ match: 'a', profile: 'dht22', zone: 'UTC' }]);
  });

  it('tells its failures', async () => {
    await bed.create({ F: functionOf('f', "throw new Error('broken')") } as never);
    expect(await invoke('f')).toMatchObject({ errorMessage: 'broken' });
    expect(bed.errors).toEqual([expect.stringContaining('f: the function failed (Unhandled): ')]);
  });

  it.each([
    ['another runtime', { Runtime: 'python3.13' }, 'Runtime python3.13 is not run locally'],
    ['code that is no asset', { Code: { S3Key: 'none.zip' } }, 'its code none.zip is no asset'],
    ['a property that is not known', { VpcConfig: {} }, 'does not know the property VpcConfig'],
  ])('fails on %s', async (_title, more, message) => {
    await expect(bed.create({ F: functionOf('f', '', more) } as never)).rejects.toThrow(message);
  });
});

describe('an event-source mapping of the template', () => {
  const append = (...keys: string[]) =>
    bed.context.kinesis.stream('in').append(keys.map((partitionKey) => ({ partitionKey, data: Buffer.from(partitionKey) })));

  it('hands the records of its stream to its function once everything exists, and tells how far it is', async () => {
    const { start } = await bed.create({ Mapping: mappingOf(), Reader: functionOf('reader', ''), Stream: STREAM } as never);
    const [, last] = await append('a', 'b');
    expect(bed.context.mappings.map((mapping) => mapping.shards())).toEqual([{ [last!.shardId]: null }]);
    await start();
    await eventually(async () => (bed.context.mappings[0]?.shards()[last!.shardId] === last!.sequenceNumber ? true : null));
    expect(bed.context.mappings).toMatchObject([{ function: 'reader', stream: 'in' }]);
  });

  it('puts what it gives up into its bucket, under the key of AWS', async () => {
    const failures = { DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Bucket', 'Arn'] } } }, MaximumRetryAttempts: 0 };
    const { start } = await bed.create({
      Mapping: mappingOf(failures),
      Reader: functionOf('reader', "throw new Error('no')"),
      Stream: STREAM,
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'data' } },
    } as never);
    const [only] = await append('a');
    await start();
    const key = await eventually(async () => (await bed.context.s3.listObjects('data')).objects[0]?.key ?? null);
    const form = /^aws\/lambda\/Mapping\/(shardId-\d+)\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/;
    expect(form.exec(key)?.[1]).toBe(only!.shardId);
  });

  it('reads nothing when it is not enabled', async () => {
    const { start } = await bed.create({ Mapping: mappingOf({ Enabled: false }), Reader: functionOf('r', ''), Stream: STREAM } as never);
    await start();
    expect(bed.context.mappings).toHaveLength(1);
  });

  it.each([
    ['a setting out of range', { BatchSize: 10_001 }, 'batchSize is 10001'],
    ['a starting position that is not run', { StartingPosition: 'AT_TIMESTAMP' }, 'StartingPosition AT_TIMESTAMP is not run locally'],
    ['a window that is not run', { TumblingWindowInSeconds: 5 }, 'does not know the property TumblingWindowInSeconds'],
    ['a response type that is not run', { FunctionResponseTypes: ['Other'] }, 'not Other'],
    ['another destination', { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:x' } } }, 'only a bucket is'],
    ['a stream that does not exist', { EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/none' }, 'none'],
    ['a function that does not exist', { FunctionName: 'nobody' }, 'FunctionName nobody is no function'],
  ])('fails on %s', async (_title, more, message) => {
    const created = bed.create({ Mapping: mappingOf(more), Reader: functionOf('reader', ''), Stream: STREAM } as never);
    await expect(created).rejects.toThrow(message);
  });
});

describe('a schedule of the template', () => {
  const scheduleOf = (more: object = {}) => ({
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: { 'Fn::GetAtt': ['F', 'Arn'] }, Input: '{"a":1}', RoleArn: 'r' },
      ...more,
    },
  });

  it.each([
    ['an expression that is not run', { ScheduleExpression: 'cron(0 8 * * ? *)' }, 'Schedule (AWS::Scheduler::Schedule, stack S): '],
    ['a flexible window', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'only OFF is'],
    ['a target that nobody knows', { Target: { Arn: 'nobody' } }, 'Target.Arn nobody is no function and no state machine'],
  ])('fails on %s', async (_title, more, message) => {
    await expect(bed.create({ F: functionOf('f', ''), Schedule: scheduleOf(more) } as never)).rejects.toThrow(message);
  });

  it('begins with the others and ends with them', async () => {
    const { start } = await bed.create({ F: functionOf('f', ''), Schedule: scheduleOf(), Off: scheduleOf({ State: 'DISABLED' }) } as never);
    await start();
    await bed.stop();
    expect(bed.errors).toEqual([]);
  });
});

describe('a container service of the template', () => {
  const TASK = {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: {
      Family: 'feed',
      ContainerDefinitions: [
        {
          Name: 'Feed',
          Image: 'registry/repository:image',
          Environment: [
            { Name: 'SYMBOLS', Value: 'A,B' },
            { Name: 'FINNHUB_URL', Value: 'wss://real' },
          ],
          Secrets: [{ Name: 'FINNHUB_TOKEN', ValueFrom: { Ref: 'Token' } }],
        },
      ],
    },
  };
  const resourcesOf = (program: string, service: object = {}) => {
    writeFileSync(path.join(bed.asset('image'), 'index.cjs'), program);
    return {
      Token: { Type: 'AWS::SecretsManager::Secret', Properties: {} },
      Task: TASK,
      Service: {
        Type: 'AWS::ECS::Service',
        Properties: { TaskDefinition: { Ref: 'Task' }, DesiredCount: 1, LoadBalancers: [], ...service },
      },
    } as never;
  };
  const TELL = `require('node:fs').writeFileSync(__dirname + '/told.json', JSON.stringify(process.env));
    require('node:worker_threads').parentPort.on('message', (message) => {
      require('node:fs').writeFileSync(__dirname + '/ended', message);
      require('node:worker_threads').parentPort.close();
    });`;

  it('runs its program against the simulated market, and lets it end by itself', async () => {
    const { start } = await bed.create(resourcesOf(TELL));
    const { imageFolder } = [...bed.context.containers.values()][0]!;
    await start();
    const { existsSync, readFileSync } = await import('node:fs');
    const told = path.join(imageFolder, 'told.json');
    const environment = await eventually(async () =>
      existsSync(told) ? (JSON.parse(readFileSync(told, 'utf8')) as Record<string, string>) : null,
    );
    expect(environment).toMatchObject({ SYMBOLS: 'A,B', FINNHUB_TOKEN: 'simulated', ...bed.context.serviceEnvironment });
    expect(environment['FINNHUB_URL']).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    expect(environment['PATH']).toBeUndefined();
    // Its market also trades what the template does not name: which symbols the feed hears is changed while it runs.
    const socket = new WebSocket(`${environment['FINNHUB_URL']}?token=other`);
    const [first] = await Promise.all([
      once(socket, 'message'),
      once(socket, 'open').then(() => {
        for (const symbol of ['KO', 'no symbol']) socket.send(JSON.stringify({ type: 'subscribe', symbol }));
      }),
    ]);
    expect(String(first[0])).toBe('{"type":"error","msg":"Invalid symbol no symbol"}');
    socket.close();
    expect(bed.errors).toEqual([]);
  });

  it.each([
    ['a count above one', { DesiredCount: 2 }, 'DesiredCount 2 is not run locally'],
    ['a load balancer', { LoadBalancers: [{ ContainerPort: 80 }] }, 'does not know the property LoadBalancers.ContainerPort'],
    ['a task that does not exist', { TaskDefinition: 'nobody' }, 'TaskDefinition nobody is none'],
  ])('fails on %s', async (_title, more, message) => {
    await expect(bed.create(resourcesOf('', more))).rejects.toThrow(message);
  });
});
