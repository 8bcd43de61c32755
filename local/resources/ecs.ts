/** A Fargate service with one container: its program runs in a worker thread of the runtime. */
import path from 'node:path';
import { type SimulatedMarket, startSimulatedMarket } from '../../feed/simulated-market/server.ts';
import { startContainer } from '../runtime/container.ts';
import type { ContainerDefinition, LocalContext } from './context.ts';
import type { Properties } from './properties.ts';
import { localName, type ResourceType, TAGS } from './resource-type.ts';

const NOT_A_CONTAINER = 'a worker thread is no container';

function environmentOf(container: Properties, secrets: ReadonlyMap<string, string>, where: string): Record<string, string> {
  const variables = container.objects('Environment').map((variable) => [variable.text('Name'), variable.text('Value')] as const);
  const secret = container.objects('Secrets').map((variable) => {
    const from = variable.text('ValueFrom');
    const found = [...secrets].find(([arn]) => from === arn || from.startsWith(`${arn}:`));
    if (!found) throw new Error(`${where}: the secret ${variable.text('Name')} comes from ${from}, which is no secret of this template`);
    return [variable.text('Name'), found[1]] as const;
  });
  return Object.fromEntries([...variables, ...secret]);
}

export const ECS_TASK_DEFINITION: ResourceType = {
  type: 'AWS::ECS::TaskDefinition',
  properties: {
    Family: true,
    ContainerDefinitions: {
      Name: true,
      Image: true,
      Environment: true,
      Secrets: true,
      Essential: 'the only container is essential',
      Command: NOT_A_CONTAINER,
      EntryPoint: NOT_A_CONTAINER,
      LogConfiguration: 'log lines go to the log of the data folder',
      ReadonlyRootFilesystem: NOT_A_CONTAINER,
      StopTimeout: 'everything stops within 2 s',
      User: NOT_A_CONTAINER,
      LinuxParameters: NOT_A_CONTAINER,
    },
    Cpu: NOT_A_CONTAINER,
    Memory: NOT_A_CONTAINER,
    NetworkMode: NOT_A_CONTAINER,
    RequiresCompatibilities: NOT_A_CONTAINER,
    RuntimePlatform: NOT_A_CONTAINER,
    Volumes: NOT_A_CONTAINER,
    ExecutionRoleArn: 'whoever may start this runtime may do everything in it',
    TaskRoleArn: 'whoever may start this runtime may do everything in it',
    Tags: TAGS,
  },
  create(context, resource) {
    const { properties, where, assembly } = resource;
    const containers = properties.objects('ContainerDefinitions');
    const [container] = containers;
    if (!container || containers.length !== 1) throw new Error(`${where}: ${containers.length} containers; one is run locally`);
    const image = container.text('Image');
    const imageFolder = assembly.imageFolders.get(image.slice(image.lastIndexOf(':') + 1));
    if (imageFolder === undefined) throw new Error(`${where}: its image ${image} is no asset of this assembly`);
    const definition: ContainerDefinition = {
      name: container.text('Name'),
      imageFolder,
      environment: environmentOf(container, context.secrets, where),
    };
    const family = properties.optionalText('Family') ?? localName(resource, 'Task');
    const arn = `arn:aws:ecs:${context.region}:${context.accountId}:task-definition/${family}:1`;
    context.containers.set(arn, definition);
    return { ref: arn, attributes: { TaskDefinitionArn: arn } };
  },
};

/** The market of the container's own symbols in place of the real one, unless there is a token for that. */
async function startMarket({ sources, clock }: LocalContext, symbols: string): Promise<SimulatedMarket | undefined> {
  if (sources.finnhubToken !== undefined) return undefined;
  return await startSimulatedMarket({ port: 0, seed: sources.seed, symbols: symbols.split(',').map((symbol) => symbol.trim()), clock });
}

export const ECS_SERVICE: ResourceType = {
  type: 'AWS::ECS::Service',
  isSource: true,
  properties: {
    ServiceName: 'for people only',
    TaskDefinition: true,
    DesiredCount: true,
    Cluster: NOT_A_CONTAINER,
    LaunchType: NOT_A_CONTAINER,
    CapacityProviderStrategy: NOT_A_CONTAINER,
    AvailabilityZoneRebalancing: NOT_A_CONTAINER,
    // Only an empty list is accepted.
    LoadBalancers: {},
    PlatformVersion: NOT_A_CONTAINER,
    DeploymentConfiguration: 'changes of a running template do not exist here',
    EnableECSManagedTags: TAGS,
    EnableExecuteCommand: NOT_A_CONTAINER,
    HealthCheckGracePeriodSeconds: NOT_A_CONTAINER,
    NetworkConfiguration: 'everything listens on the loopback address of one machine',
    PropagateTags: TAGS,
    Tags: TAGS,
  },
  create(context, resource) {
    const { properties, where, logicalId } = resource;
    const task = properties.text('TaskDefinition');
    const definition = context.containers.get(task);
    if (!definition) throw new Error(`${where}: TaskDefinition ${task} is none of this template`);
    const count = properties.optionalNumber('DesiredCount') ?? 1;
    if (count !== 0 && count !== 1) throw new Error(`${where}: DesiredCount ${count} is not run locally, only 0 or 1 is`);
    const arn = `arn:aws:ecs:${context.region}:${context.accountId}:service/${logicalId}`;
    const { clock, log, sources } = context;
    const isRun = count === 1 && (sources.simulate || sources.finnhubToken !== undefined);
    let stop: (() => Promise<void>) | undefined;
    return {
      ref: arn,
      attributes: { Name: logicalId, ServiceArn: arn },
      async start() {
        if (!isRun) return;
        const market = await startMarket(context, definition.environment['SYMBOLS'] ?? '');
        const container = startContainer({
          entry: path.join(definition.imageFolder, 'index.cjs'),
          environment: { ...definition.environment, ...(market && { FINNHUB_URL: market.url }), ...context.serviceEnvironment },
          clock,
          onLog: (line) => log.line(definition.name, line),
          onFailure: (message) => log.error(definition.name, message),
        });
        stop = async () => {
          await container.stop();
          await market?.close();
        };
      },
      stop: () => stop?.(),
    };
  },
};
