import { athenaPort } from '../engines/athena/port.ts';
import { AwsError } from '../engines/aws-error.ts';
import { localName, type ResourceType, TAGS } from './resource-type.ts';

const SUBSTITUTION = /\$\{([A-Za-z0-9]+)\}/g;

export const STATE_MACHINE: ResourceType = {
  type: 'AWS::StepFunctions::StateMachine',
  properties: {
    StateMachineName: true,
    StateMachineType: true,
    Definition: true,
    DefinitionString: true,
    DefinitionSubstitutions: true,
    RoleArn: 'whoever may start this runtime may do everything in it; the template tests hold the permissions',
    LoggingConfiguration: 'every execution keeps its whole history',
    TracingConfiguration: 'no tracing service here',
    Tags: TAGS,
  },
  create(context, resource) {
    const { properties, where } = resource;
    const type = properties.optionalText('StateMachineType') ?? 'STANDARD';
    if (type !== 'STANDARD') throw new Error(`${where}: StateMachineType ${type} is not run locally, only STANDARD is`);
    const name = properties.optionalText('StateMachineName') ?? localName(resource, 'StateMachine');
    const definition = properties.optionalText('DefinitionString') ?? JSON.stringify(properties.object('Definition').values);
    const substitutions = properties.textMap('DefinitionSubstitutions');
    let machine: { readonly arn: string };
    try {
      machine = context.stateMachines.createStateMachine({
        name,
        definition: definition.replaceAll(SUBSTITUTION, (whole, key: string) => substitutions[key] ?? whole),
        roleArn: properties.text('RoleArn'),
        services: {
          async invoke(functionName, payload) {
            const called = context.functions.find(functionName);
            if (!called) throw new AwsError('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
            return called.invoke(payload);
          },
          athena: athenaPort(context.athena),
        },
        onEnded({ name: execution, status, error, cause }) {
          const line = `execution ${status}${error ? ` ${error}` : ''}${cause ? `: ${cause}` : ''} (${execution})`;
          if (status === 'FAILED' || status === 'TIMED_OUT') context.log.error(name, line);
          else context.log.line(name, line);
        },
      });
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
    return {
      ref: machine.arn,
      attributes: { Arn: machine.arn, Name: name },
      // Before the functions end that its executions call.
      stop: () => context.stateMachines.close(),
    };
  },
};
