/** What the local runtime needs to know of one CloudFormation resource type. */
import type { Assembly } from '../template/assembly.ts';
import type { ResourceValues } from '../template/resolve.ts';
import type { LocalContext } from './context.ts';
import type { Properties, PropertyRules } from './properties.ts';

export interface LocalResource {
  readonly stackName: string;
  readonly logicalId: string;
  /** How messages name it: type, logical id and stack. */
  readonly where: string;
  readonly properties: Properties;
  readonly assembly: Assembly;
}

export interface CreatedResource extends ResourceValues {
  /** Begins its work; called when every resource of the template exists, in the order of creation. */
  readonly start?: () => void | Promise<void>;
  /**
   * Ends it; called once, also when starting failed half-way: first all sources together, then all others that were started,
   * then, one by one in reverse order of their creation, those without `start`.
   */
  readonly stop?: () => void | Promise<void>;
}

export interface ResourceType {
  /** CloudFormation's name, e.g. `AWS::Kinesis::Stream`. */
  readonly type: string;
  /** All properties that may be given; any other is an error. */
  readonly properties: PropertyRules;
  /** Sources of data start after everything that receives it, and stop before. */
  readonly isSource?: boolean;
  create(context: LocalContext, resource: LocalResource): CreatedResource | Promise<CreatedResource>;
}

/**
 * The name of a resource whose template gives none. CloudFormation would invent one; here it is what the template's author called it:
 * the logical id without CDK's hash and without `noun`, the word for its type. `TradesStream5B2C1A00` → `trades`.
 */
export function localName({ logicalId }: { readonly logicalId: string }, noun: string): string {
  const called = logicalId.replace(/[0-9A-F]{8}$/, '');
  const own = called.endsWith(noun) && called.length > noun.length ? called.slice(0, -noun.length) : called;
  return own.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

export const TAGS = 'tags carry no behaviour';
export const NOT_A_CONTAINER = 'the program of a container runs in a worker thread';
