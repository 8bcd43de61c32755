import type { ContainerDefinition } from './context.ts';
import type { Properties } from './properties.ts';
import { localName, NOT_A_CONTAINER, type ResourceType, TAGS } from './resource-type.ts';

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
