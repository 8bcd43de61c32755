/** Temporary credentials of roles (AWS STS), kept in memory: a restart makes them void. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#adapters/clock.ts';
import { AwsError } from '../aws-error.ts';
import { type Authorizer, authorizerOf, type PolicyDocument } from '../iot/policy.ts';

/** STS's own bounds, in s; a role's default maximum is one hour. */
const MIN_DURATION_S = 900;
const MAX_DURATION_S = 3_600;
const DEFAULT_DURATION_S = 3_600;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

export interface AssumeRoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds?: number;
  /** What the session may do at most, as JSON: it allows what both this and the role allow. */
  readonly policy?: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresMs: number;
}

export interface RoleSession {
  readonly credentials: Credentials;
  readonly may: Authorizer;
}

/** Whoever reaches it may assume any role: trust policies are held by the template tests. */
export class StsEngine {
  readonly #clock: Clock;
  readonly #roles = new Map<string, readonly PolicyDocument[]>();
  readonly #sessions = new Map<string, RoleSession>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addRole(arn: string, policies: readonly PolicyDocument[]): void {
    this.#roles.set(arn, policies);
  }

  /** Throws AwsError under the names that STS gives its errors; a policy that cannot be evaluated here is one, naming what. */
  assumeRole({ roleArn, sessionName, durationSeconds = DEFAULT_DURATION_S, policy }: AssumeRoleRequest): Credentials {
    const role = this.#roles.get(roleArn);
    if (!role) throw new AwsError('AccessDenied', `not authorized to perform: sts:AssumeRole on resource: ${roleArn}`, 403);
    if (!SESSION_NAME.test(sessionName)) {
      throw new AwsError('ValidationError', `roleSessionName "${sessionName}" must satisfy the pattern ${SESSION_NAME.source}`);
    }
    if (!Number.isInteger(durationSeconds) || durationSeconds < MIN_DURATION_S || durationSeconds > MAX_DURATION_S) {
      throw new AwsError('ValidationError', `durationSeconds ${durationSeconds} must be from ${MIN_DURATION_S} to ${MAX_DURATION_S}`);
    }
    const roleMay = authorizer(role);
    const sessionMay = policy === undefined ? () => true : authorizer([parsedPolicy(policy)]);
    const credentials = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(96).toString('base64'),
      expiresMs: this.#clock.now() + durationSeconds * 1_000,
    };
    this.#forgetExpired();
    this.#sessions.set(credentials.accessKeyId, {
      credentials,
      may: (action, resource) => roleMay(action, resource) && sessionMay(action, resource),
    });
    return credentials;
  }

  /** The session of an access key; undefined when it was never given out or has expired. */
  session(accessKeyId: string): RoleSession | undefined {
    const session = this.#sessions.get(accessKeyId);
    return session && session.credentials.expiresMs > this.#clock.now() ? session : undefined;
  }

  #forgetExpired(): void {
    const nowMs = this.#clock.now();
    for (const [key, { credentials }] of this.#sessions) if (credentials.expiresMs <= nowMs) this.#sessions.delete(key);
  }
}

function authorizer(policies: readonly PolicyDocument[]): Authorizer {
  try {
    return authorizerOf(policies, null);
  } catch (error) {
    throw new AwsError('MalformedPolicyDocument', (error as Error).message);
  }
}

function parsedPolicy(policy: string): PolicyDocument {
  try {
    return JSON.parse(policy);
  } catch (error) {
    throw new AwsError('MalformedPolicyDocument', `the session policy is no JSON: ${(error as Error).message}`);
  }
}
