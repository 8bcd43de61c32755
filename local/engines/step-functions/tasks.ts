/** What a Task can call: the optimised integrations of Lambda and Athena. */
import type { Json, JsonObject } from '../../template/json.ts';
import { AwsError } from '../aws-error.ts';
import type { InvokeResult } from '../lambda-function.ts';
import { TaskError } from './task-error.ts';

/** What machines need of Athena; inputs and answers are those of its API. */
export interface AthenaPort {
  /** StartQueryExecution; answers with the query's id. */
  start(input: JsonObject): Promise<string>;
  /** GetQueryExecution's `QueryExecution`, once the query has ended. */
  ended(queryExecutionId: string): Promise<JsonObject>;
  /** StopQueryExecution. */
  stop(queryExecutionId: string): Promise<void>;
  /** GetQueryResults. */
  results(input: JsonObject): Promise<JsonObject>;
}

/** What the tasks of a machine reach. */
export interface Services {
  /** Rejects with AwsError when the function could not be run, ResourceNotFoundException when there is none. */
  invoke(functionName: string, payload: string): Promise<InvokeResult>;
  readonly athena: AthenaPort;
}

/** What is given up on when the signal is aborted goes on by itself, as in AWS; a query is stopped. */
type Integration = (services: Services, parameters: JsonObject, signal: AbortSignal) => Promise<Json>;

/** By what follows `arn:aws:states:::`. */
const INTEGRATIONS: Readonly<Record<string, Integration>> = {
  'lambda:invoke': invokeFunction,
  'athena:startQueryExecution.sync': runQuery,
  'athena:startQueryExecution': async ({ athena }, parameters) => ({ QueryExecutionId: await athena.start(parameters) }),
  'athena:getQueryResults': ({ athena }, parameters) => athena.results(parameters),
};
const RESOURCE = /^arn:aws[a-z-]*:states:::(.+)$/;

export function isKnownResource(resource: string): boolean {
  return (RESOURCE.exec(resource)?.[1] ?? '') in INTEGRATIONS;
}

/** `lambda` and `invoke`, as history events name them. */
export function partsOf(resource: string): { resourceType: string; resource: string } {
  const [resourceType = '', action = ''] = RESOURCE.exec(resource)![1]!.split(':');
  return { resourceType, resource: action };
}

/** Calls it; errors are TaskErrors, of the service's name where it refused the call. */
export async function callResource(resource: string, services: Services, parameters: JsonObject, signal: AbortSignal): Promise<Json> {
  try {
    return await INTEGRATIONS[RESOURCE.exec(resource)![1]!]!(services, parameters, signal);
  } catch (error) {
    if (error instanceof TaskError) throw error;
    const { resourceType } = partsOf(resource);
    const service = `${resourceType.charAt(0).toUpperCase()}${resourceType.slice(1)}`;
    const code = error instanceof AwsError ? error.code : `AWS${service}Exception`;
    throw new TaskError(`${service}.${code}`, (error as Error).message);
  }
}

async function invokeFunction({ invoke }: Services, { FunctionName: name, Payload: payload = {} }: JsonObject): Promise<Json> {
  const result = await invoke(String(name), JSON.stringify(payload));
  if (!('functionError' in result)) return { ExecutedVersion: '$LATEST', Payload: JSON.parse(result.payload), StatusCode: 200 };
  const { errorType } = (JSON.parse(result.payload) ?? {}) as { errorType?: string };
  throw new TaskError(errorType ?? 'Lambda.Unknown', result.payload);
}

async function runQuery({ athena }: Services, parameters: JsonObject, signal: AbortSignal): Promise<Json> {
  const id = await athena.start(parameters);
  // The query may just have ended.
  const stop = (): void => void athena.stop(id).catch(() => undefined);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const execution = await athena.ended(id);
    const { State: state } = execution['Status'] as JsonObject;
    if (state !== 'SUCCEEDED') throw new TaskError('States.TaskFailed', JSON.stringify(execution));
    return { QueryExecution: execution };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
