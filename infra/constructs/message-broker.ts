import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { allow } from './role-function.ts';

/** Topics of what is pushed to pages; devices publish elsewhere. */
const LIVE_TOPICS = 'live/*';

/** The account's own message broker (AWS IoT Core): it is there already, but its host name must be asked for. */
export class MessageBroker extends Construct {
  /** Host name of the account's endpoint. */
  readonly host: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Allowed: new PolicyDocument({
          statements: [
            allow(['iot:DescribeEndpoint'], ['*']),
            allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
          ],
        }),
      },
    });
    const endpoint = new AwsCustomResource(this, 'Endpoint', {
      resourceType: 'Custom::IotEndpoint',
      installLatestAwsSdk: false,
      onUpdate: {
        service: 'IoT',
        action: 'describeEndpoint',
        parameters: { endpointType: 'iot:Data-ATS' },
        outputPaths: ['endpointAddress'],
        physicalResourceId: PhysicalResourceId.of('iot-endpoint'),
      },
      role: role.withoutPolicyUpdates(),
      logGroup,
    });
    this.host = endpoint.getResponseField('endpointAddress');
  }

  /** Statement for who publishes what is pushed to pages. */
  mayPublishLive() {
    return allow(['iot:Publish'], [this.#arn('topic', LIVE_TOPICS)]);
  }

  /** Statements for who connects as a page: it hears, and says nothing. */
  mayListenLive() {
    return [
      allow(['iot:Connect'], [this.#arn('client', 'live-*')]),
      allow(['iot:Subscribe'], [this.#arn('topicfilter', LIVE_TOPICS)]),
      allow(['iot:Receive'], [this.#arn('topic', LIVE_TOPICS)]),
    ];
  }

  #arn(resource: string, resourceName: string): string {
    return Stack.of(this).formatArn({ service: 'iot', resource, resourceName });
  }
}
