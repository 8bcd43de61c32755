/** What the resources of one running template share: the engines they are made of, and what they tell each other. */

import type { Clock } from '#adapters/clock.ts';
import type { AthenaEngine } from '../engines/athena/engine.ts';
import type { Checkpoints } from '../engines/checkpoints.ts';
import type { GlueCatalog } from '../engines/glue/catalog.ts';
import type { PolicyDocument } from '../engines/iot/policy.ts';
import type { TopicRule } from '../engines/iot/topic-rule.ts';
import type { KinesisEngine } from '../engines/kinesis/engine.ts';
import type { InvokeResult } from '../engines/lambda-function.ts';
import type { LocalClock } from '../engines/local-clock.ts';
import type { S3Engine } from '../engines/s3/engine.ts';
import type { StepFunctionsEngine } from '../engines/step-functions/engine.ts';
import type { StsEngine } from '../engines/sts/engine.ts';
import type { DynamoDb } from '../runtime/dynamodb.ts';
import type { RunLog } from '../runtime/run-log.ts';
import type { Sensors } from '../runtime/sensors.ts';

export interface LocalFunction {
  readonly name: string;
  readonly arn: string;
  invoke(payload: string): Promise<InvokeResult>;
  /** Takes over changed local sensor assignments; later invocations see them. */
  refreshEnvironment(): Promise<void>;
}

export class Functions {
  private readonly byName = new Map<string, LocalFunction>();

  add(created: LocalFunction): void {
    this.byName.set(created.name, created);
  }

  all(): LocalFunction[] {
    return [...this.byName.values()];
  }

  /** By name, ARN, or the invocation URI that contains the ARN. */
  find(target: string): LocalFunction | undefined {
    return this.byName.get(target) ?? this.all().find(({ arn }) => target === arn || target.includes(`/functions/${arn}/`));
  }
}

export interface HttpApi {
  readonly id: string;
  readonly integrations: Map<string, LocalFunction>;
  readonly routes: { readonly routeKey: string; readonly integration: LocalFunction }[];
  /** Its routes answer once it has one. */
  hasStage: boolean;
}

export type HttpOrigin = { readonly bucket: string } | { readonly api: HttpApi };

/** What a distribution does with the paths of one pattern. */
export interface Behavior {
  /** `*` matches any run of characters, `?` one. */
  readonly pathPattern: string;
  readonly origin: HttpOrigin;
  /** Added to every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly methods: readonly string[];
}

export interface Distribution {
  /** What `/` stands for; empty for nothing. */
  readonly rootObject: string;
  /** The first whose pattern matches is taken. */
  readonly behaviors: readonly Behavior[];
}

export interface ContainerDefinition {
  readonly name: string;
  readonly imageFolder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** How far a consumer has come in a stream. */
export interface MappingProgress {
  readonly function: string;
  readonly stream: string;
  shards(): Record<string, string | null>;
}

export interface SourceOptions {
  /** False: no simulated source runs. */
  readonly simulate: boolean;
  readonly seed: number;
  readonly finnhubToken: string | undefined;
}

export interface LocalContext {
  /** Data time: when a record arrives, a batching window ends, a schedule fires. */
  readonly clock: LocalClock;
  /** The machine's time, which people wait in: how long stopping may take. */
  readonly wallClock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly kinesis: KinesisEngine;
  readonly s3: S3Engine;
  readonly dynamodb: DynamoDb;
  readonly sts: StsEngine;
  readonly glue: GlueCatalog;
  readonly athena: AthenaEngine;
  readonly stateMachines: StepFunctionsEngine;
  /** `http://127.0.0.1:PORT` of page and API, where the broker takes who comes with a signed address. */
  readonly pageUrl: string;
  /** What every function and container gets besides its own environment: endpoints, region, dummy credentials. */
  readonly serviceEnvironment: Readonly<Record<string, string>>;
  readonly log: RunLog;
  readonly sensors: Sensors;
  readonly sources: SourceOptions;
  readonly functions: Functions;
  readonly mappings: MappingProgress[];
  /** Where a mapping remembers its position. */
  checkpointsOf(mappingId: string): Checkpoints;
  readonly iot: { readonly policies: PolicyDocument[]; readonly rules: TopicRule[] };
  readonly http: {
    readonly apis: Map<string, HttpApi>;
    readonly responseHeaders: Map<string, Readonly<Record<string, string>>>;
    readonly distributions: Distribution[];
  };
  /** Values of secrets by ARN. */
  readonly secrets: Map<string, string>;
  /** By the ARN of their task definition. */
  readonly containers: Map<string, ContainerDefinition>;
}

/** What the resources add themselves, one after the other: empty at first. */
type Gathered = 'functions' | 'mappings' | 'iot' | 'http' | 'secrets' | 'containers';

/** The context of a template none of whose resources exists yet. */
export function newContext(given: Omit<LocalContext, Gathered>): LocalContext {
  return {
    ...given,
    functions: new Functions(),
    mappings: [],
    iot: { policies: [], rules: [] },
    http: { apis: new Map(), responseHeaders: new Map(), distributions: [] },
    secrets: new Map(),
    containers: new Map(),
  };
}
