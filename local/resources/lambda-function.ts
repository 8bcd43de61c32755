import { LambdaFunction } from '../engines/lambda-function.ts';
import { localName, type ResourceType, TAGS } from './resource-type.ts';

/** Lambda's own defaults. */
const DEFAULT_TIMEOUT_S = 3;
const DEFAULT_MEMORY_MB = 128;
/** What a log line in JSON has when it is about an error. */
const ERROR_LINE = '"level":"error"';
/** Worker threads of one function; a template may reserve fewer. */
const MOST_CONCURRENT = 8;

export const LAMBDA_FUNCTION: ResourceType = {
  type: 'AWS::Lambda::Function',
  properties: {
    FunctionName: true,
    Code: { S3Bucket: true, S3Key: true },
    Handler: true,
    Runtime: true,
    Environment: { Variables: true },
    Timeout: true,
    MemorySize: true,
    Description: 'for people only',
    Role: 'whoever may start this runtime may do everything in it; the template tests hold the permissions',
    Architectures: 'the machine is what it is',
    LoggingConfig: 'log lines go to the log of the data folder',
    TracingConfig: 'no tracing service here',
    ReservedConcurrentExecutions: true,
    EphemeralStorage: 'the temporary folder is that of the machine',
    Tags: TAGS,
  },
  create(context, resource) {
    const { properties, where, assembly } = resource;
    const runtime = properties.text('Runtime');
    if (!runtime.startsWith('nodejs')) throw new Error(`${where}: Runtime ${runtime} is not run locally, only nodejs is`);
    const key = properties.object('Code').text('S3Key');
    const codeFolder = assembly.assetPaths.get(key);
    if (codeFolder === undefined) throw new Error(`${where}: its code ${key} is no asset of this assembly`);
    const name = properties.optionalText('FunctionName') ?? localName(resource, 'Function');
    const arn = `arn:aws:lambda:${context.region}:${context.accountId}:function:${name}`;
    const declared = properties.optionalObject('Environment')?.textMap('Variables') ?? {};
    const environmentOf = (): Record<string, string> => ({ ...context.sensors.applyTo(declared), ...context.serviceEnvironment });
    const engine = new LambdaFunction({
      name,
      codeFolder,
      handler: properties.text('Handler'),
      environment: environmentOf(),
      timeoutMs: (properties.optionalNumber('Timeout') ?? DEFAULT_TIMEOUT_S) * 1000,
      memoryMb: properties.optionalNumber('MemorySize') ?? DEFAULT_MEMORY_MB,
      maximumConcurrency: Math.min(properties.optionalNumber('ReservedConcurrentExecutions') ?? MOST_CONCURRENT, MOST_CONCURRENT),
      arn,
      instant: context.clock.instant,
      onLog: (line) => (line.includes(ERROR_LINE) ? context.log.error(name, line) : context.log.line(name, line)),
    });
    context.functions.add({
      name,
      arn,
      async invoke(payload) {
        const result = await engine.invoke(payload);
        if ('functionError' in result) context.log.error(name, `the function failed (${result.functionError}): ${result.payload}`);
        return result;
      },
      async refreshEnvironment() {
        if (declared['SETTINGS'] !== undefined) await engine.reconfigure(environmentOf());
      },
    });
    return { ref: name, attributes: { Arn: arn }, stop: () => engine.stop() };
  },
};
