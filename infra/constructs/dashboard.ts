import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { allow } from './role-function.ts';

/** Only what comes from the page's own address, and messages of the one broker; names of devices are texts of strangers. */
function contentSecurityPolicy(broker: string): string {
  return (
    `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' wss://${broker}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  );
}

export interface DashboardProps {
  /** Folders of the static files: as written, and what they use of others. */
  readonly files: { readonly own: string; readonly vendor: string };
  readonly api: HttpApi;
  /** Host of the message broker that pages connect to. */
  readonly broker: string;
}

/** The dashboard: a private bucket behind CloudFront, which also passes `/v1/*` to the API, so that the page needs one address. */
export class Dashboard extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { files, api, broker }: DashboardProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { region, urlSuffix } = Stack.of(this);
    const common = { viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS, responseHeadersPolicy: this.#headers(broker) };
    const distribution = new Distribution(this, 'Distribution', {
      comment: 'Tidemark dashboard',
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        ...common,
        origin: S3BucketOrigin.withOriginAccessControl(bucket as IBucket),
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      },
      additionalBehaviors: {
        '/v1/*': {
          ...common,
          origin: new HttpOrigin(`${api.apiId}.execute-api.${region}.${urlSuffix}`),
          allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // The API needs its own host name; everything else of the request reaches it.
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
        },
      },
    });
    this.url = `https://${distribution.distributionDomainName}`;
    this.#deploy(files, bucket);
  }

  #headers(broker: string): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy(broker), override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
      },
    });
  }

  /** Copies the files at each deployment. Caches must ask each time, so nothing has to be invalidated. */
  #deploy(files: DashboardProps['files'], bucket: Bucket): void {
    const assets = [new Asset(this, 'Files', { path: files.own }), new Asset(this, 'VendorFiles', { path: files.vendor })];
    const logGroup = new LogGroup(this, 'DeploymentLog', { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'DeploymentRole', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        Allowed: new PolicyDocument({
          statements: [
            allow(
              ['s3:GetObject'],
              assets.map((asset) => asset.bucket.arnForObjects(asset.s3ObjectKey)),
            ),
            allow(['s3:GetBucketTagging', 's3:ListBucket'], [bucket.bucketArn]),
            allow(['s3:DeleteObject', 's3:PutObject'], [bucket.arnForObjects('*')]),
            allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
          ],
        }),
      },
    });
    new BucketDeployment(this, 'Deployment', {
      sources: assets.map((asset) => Source.bucket(asset.bucket, asset.s3ObjectKey)),
      destinationBucket: bucket as IBucket,
      cacheControl: [CacheControl.noCache()],
      retainOnDelete: false,
      role: role.withoutPolicyUpdates(),
      logGroup,
    });
  }
}
