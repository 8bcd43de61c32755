/** All resource types that have an effect on a laptop. */
import { ATHENA_PREPARED_STATEMENT } from './athena-prepared-statement.ts';
import { ATHENA_WORKGROUP } from './athena-workgroup.ts';
import { BUCKET_DEPLOYMENT } from './bucket-deployment.ts';
import { DISTRIBUTION } from './distribution.ts';
import { DYNAMODB_TABLE } from './dynamodb-table.ts';
import { ECS_SERVICE } from './ecs-service.ts';
import { ECS_TASK_DEFINITION } from './ecs-task-definition.ts';
import { EVENT_SOURCE_MAPPING } from './event-source-mapping.ts';
import { GLUE_DATABASE } from './glue-database.ts';
import { GLUE_TABLE } from './glue-table.ts';
import { HTTP_API, HTTP_API_INTEGRATION, HTTP_API_ROUTE, HTTP_API_STAGE } from './http-api.ts';
import { IAM_ROLE } from './iam-role.ts';
import { IOT_ENDPOINT } from './iot-endpoint.ts';
import { IOT_POLICY } from './iot-policy.ts';
import { KINESIS_STREAM } from './kinesis-stream.ts';
import { LAMBDA_FUNCTION } from './lambda-function.ts';
import type { ResourceType } from './resource-type.ts';
import { RESPONSE_HEADERS_POLICY } from './response-headers-policy.ts';
import { S3_BUCKET } from './s3-bucket.ts';
import { SCHEDULE } from './schedule.ts';
import { SECRET } from './secret.ts';
import { STATE_MACHINE } from './state-machine.ts';
import { TOPIC_RULE } from './topic-rule.ts';

export const RESOURCE_TYPES: readonly ResourceType[] = [
  ATHENA_PREPARED_STATEMENT,
  ATHENA_WORKGROUP,
  BUCKET_DEPLOYMENT,
  DISTRIBUTION,
  DYNAMODB_TABLE,
  ECS_SERVICE,
  ECS_TASK_DEFINITION,
  EVENT_SOURCE_MAPPING,
  GLUE_DATABASE,
  GLUE_TABLE,
  HTTP_API,
  HTTP_API_INTEGRATION,
  HTTP_API_ROUTE,
  HTTP_API_STAGE,
  IAM_ROLE,
  IOT_ENDPOINT,
  IOT_POLICY,
  KINESIS_STREAM,
  LAMBDA_FUNCTION,
  RESPONSE_HEADERS_POLICY,
  S3_BUCKET,
  SCHEDULE,
  SECRET,
  STATE_MACHINE,
  TOPIC_RULE,
];
