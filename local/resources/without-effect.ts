/**
 * Resource types that the local runtime accepts and leaves out, each with its reason. This list is the whole of what is left out:
 * a type that is neither here nor in the catalog is an error.
 */
const PERMISSIONS = 'whoever may start this runtime may do everything in it; the template tests hold the permissions';
const NETWORK = 'everything listens on the loopback address of one machine';

export const WITHOUT_LOCAL_EFFECT: Readonly<Record<string, string>> = {
  'AWS::Lambda::Permission': PERMISSIONS,
  'AWS::S3::BucketPolicy': PERMISSIONS,
  'AWS::CloudFront::OriginAccessControl': PERMISSIONS,
  'AWS::Logs::LogGroup': 'log lines go to the log of the data folder',
  'AWS::Lambda::LayerVersion': 'only the provider of bucket deployments has one',
  'AWS::EC2::VPC': NETWORK,
  'AWS::EC2::Subnet': NETWORK,
  'AWS::EC2::RouteTable': NETWORK,
  'AWS::EC2::SubnetRouteTableAssociation': NETWORK,
  'AWS::EC2::Route': NETWORK,
  'AWS::EC2::InternetGateway': NETWORK,
  'AWS::EC2::VPCGatewayAttachment': NETWORK,
  'AWS::EC2::SecurityGroup': NETWORK,
  'AWS::CloudWatch::Alarm': 'metrics are lines of the log here',
  'AWS::ECS::Cluster': 'the one machine is the cluster',
};
