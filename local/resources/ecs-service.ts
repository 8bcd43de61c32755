import path from 'node:path';
import { SYMBOL } from '#domain/names.ts';
import { type SimulatedMarket, startSimulatedMarket } from '../../feed/simulated-market/server.ts';
import { startContainer } from '../runtime/container.ts';
import type { LocalContext } from './context.ts';
import { NOT_A_CONTAINER, type ResourceType, TAGS } from './resource-type.ts';

/** A market in place of the real one, unless there is a token for that: of the container's own symbols, and of any other that it is told to hear. */
async function startMarket({ sources, clock }: LocalContext, symbols: string): Promise<SimulatedMarket | undefined> {
  if (sources.finnhubToken !== undefined) return undefined;
  return await startSimulatedMarket({
    port: 0,
    seed: sources.seed,
    symbols: symbols.split(',').map((symbol) => symbol.trim()),
    listsOnDemand: (symbol) => SYMBOL.test(symbol),
    clock,
  });
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
