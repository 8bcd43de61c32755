import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

export interface RoleFunctionProps {
  /** Folder with the bundled `index.cjs`, which exports `handler`. */
  readonly code: string;
  readonly description: string;
  /** Variables beside those that Lambda sets itself. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Concurrent executions that are kept for this function and are also its most; the account's quota has to leave 100 for others. */
  readonly reservedConcurrency: number;
  /** Everything it may do beside writing its own log. */
  readonly statements: readonly PolicyStatement[];
}

/** One of Tidemark's functions with a role and a log group of its own. The role's whole permission is one inline policy. */
export class RoleFunction extends Construct {
  readonly function: LambdaFunction;
  readonly #policy: PolicyDocument;

  constructor(scope: Construct, id: string, props: RoleFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.#policy = new PolicyDocument({
      statements: [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]), ...props.statements],
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Allowed: this.#policy },
    });
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(props.code),
      handler: 'index.handler',
      environment: props.environment,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      reservedConcurrentExecutions: props.reservedConcurrency,
      role: role.withoutPolicyUpdates(),
      logGroup,
      loggingFormat: LoggingFormat.TEXT,
    });
  }

  /** Adds to what the function may do. */
  allow(statement: PolicyStatement): void {
    this.#policy.addStatements(statement);
  }
}

/** A statement that allows the actions on the resources (ARNs). */
export function allow(actions: readonly string[], resources: readonly string[], conditions: Record<string, unknown> = {}): PolicyStatement {
  return new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources], conditions });
}

/** A condition that names the one item, by its partition key. */
export function onItem(key: string): Record<string, unknown> {
  return { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [key] } };
}
