/** The state machine that a batch command starts and watches: here or in AWS, by the same calls. */
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { openInstance } from '../shared/instance.ts';
import { messageOf, UserError } from '../shared/user-error.ts';
import type { BatchTarget } from './options.ts';

export type { HistoryEvent };

export interface Execution {
  readonly status: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
}

/** Each call throws UserError when it is not answered. */
export interface BatchMachine {
  /** How long to wait between two looks, ms. */
  readonly pollMs: number;
  /** Answers with the execution's ARN. */
  start(input: object): Promise<string>;
  execution(arn: string): Promise<Execution>;
  /** What happened after the event of this id (0 for all), in order. */
  eventsAfter(arn: string, id: number): Promise<HistoryEvent[]>;
  close(): void;
}

const HOW = 'start one with npm start, name one with --url, or use --aws';
const LOCAL_POLL_MS = 250;
const AWS_POLL_MS = 2_000;
const PAGE = 1_000;
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
/** As the stack names it: `tidemark-<stage>-daily`. */
const NAME = /^tidemark-[a-z0-9-]+-daily$/;
/** An instance has no machine but its own. */
const LOCAL_NAME = /daily$/;

/** Throws UserError when no instance answers, and when there is no such machine, or more than one. */
export async function openBatchMachine(target: BatchTarget, signal: AbortSignal): Promise<BatchMachine> {
  const isLocal = target.kind !== 'aws';
  const client = isLocal ? await localClient(target, signal) : new SFNClient({});
  const ask = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(`Step Functions does not answer as it should: ${messageOf(error)}`, { cause: error });
    }
  };
  try {
    const stateMachineArn = (isLocal ? null : target.stateMachineArn) ?? (await ask(findMachine(client, isLocal ? LOCAL_NAME : NAME)));
    return {
      pollMs: isLocal ? LOCAL_POLL_MS : AWS_POLL_MS,
      async start(input) {
        const { executionArn } = await ask(client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) })));
        return executionArn!;
      },
      async execution(executionArn) {
        const { status, output, error, cause } = await ask(client.send(new DescribeExecutionCommand({ executionArn })));
        return { status: status!, output, error, cause };
      },
      eventsAfter: (executionArn, id) => ask(eventsAfter(client, executionArn, id)),
      close: () => client.destroy(),
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

async function localClient(target: Exclude<BatchTarget, { kind: 'aws' }>, signal: AbortSignal): Promise<SFNClient> {
  const { endpoints } = await openInstance(target, () => undefined, signal, HOW);
  return new SFNClient({ endpoint: endpoints.sfn, region: endpoints.region, credentials: LOCAL_CREDENTIALS });
}

async function findMachine(client: SFNClient, called: RegExp): Promise<string> {
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new ListStateMachinesCommand({ maxResults: PAGE, nextToken }));
    found.push(...page.stateMachines!.filter(({ name }) => called.test(name!)).map(({ stateMachineArn }) => stateMachineArn!));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  if (found.length === 1) return found[0]!;
  if (found.length === 0)
    throw new UserError(`there is no state machine called like ${called.source}: is the stack deployed in this region?`);
  throw new UserError(`there are several: choose one with --state-machine: ${found.join(', ')}`);
}

/** From the newest backwards: what was seen before is not read again. */
async function eventsAfter(client: SFNClient, executionArn: string, id: number): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: PAGE, reverseOrder: true, nextToken }));
    const unseen = page.events!.filter((event) => event.id! > id);
    events.push(...unseen);
    nextToken = unseen.length < page.events!.length ? undefined : page.nextToken;
  } while (nextToken !== undefined);
  return events.reverse();
}
