/** The STS API on the wire (query protocol): AssumeRole. Signatures must be there but are not checked. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { readBody, startWireServer, type WireServer } from '../wire-server.ts';
import type { StsEngine } from './engine.ts';

const MAX_BODY_BYTES = 64 * 1024;
const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const PARAMETERS = new Set(['Action', 'Version', 'RoleArn', 'RoleSessionName', 'DurationSeconds', 'Policy']);

/** Serves the engine on 127.0.0.1; port 0 takes a free one. */
export function startStsServer(engine: StsEngine, port: number): Promise<WireServer> {
  return startWireServer(port, async (request, response) => {
    let status = 200;
    let document: string;
    try {
      const body = await readBody(request, MAX_BODY_BYTES);
      if (body === null) throw new AwsError('RequestEntityTooLarge', `the body is longer than ${MAX_BODY_BYTES} bytes`, 413);
      if (request.headers['authorization'] === undefined) {
        throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
      }
      document = answer(engine, new URLSearchParams(body.toString('utf8')));
    } catch (error) {
      const known = error instanceof AwsError ? error : new AwsError('InternalFailure', String(error), 500);
      status = known.statusCode;
      document = errorDocument(known);
    }
    response.statusCode = status;
    response.setHeader('content-type', 'text/xml');
    response.end(document);
  });
}

function answer(engine: StsEngine, parameters: URLSearchParams): string {
  const action = parameters.get('Action');
  if (action !== 'AssumeRole') throw new AwsError('InvalidAction', `the action ${action} is not run locally, only AssumeRole is`);
  for (const name of parameters.keys()) {
    if (!PARAMETERS.has(name)) throw new AwsError('InvalidParameterValue', `the parameter ${name} is not run locally`);
  }
  const duration = parameters.get('DurationSeconds');
  const policy = parameters.get('Policy');
  const sessionName = parameters.get('RoleSessionName') ?? '';
  const roleArn = parameters.get('RoleArn') ?? '';
  const { accessKeyId, secretAccessKey, sessionToken, expiresMs } = engine.assumeRole({
    roleArn,
    sessionName,
    ...(duration === null ? {} : { durationSeconds: Number(duration) }),
    ...(policy === null ? {} : { policy }),
  });
  const credentials =
    `<AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(expiresMs).toISOString()}</Expiration>`;
  // The names were checked against the registered roles and the allowed characters: nothing in them needs escaping.
  const user =
    `<AssumedRoleId>${accessKeyId}:${sessionName}</AssumedRoleId>` +
    `<Arn>${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${sessionName}</Arn>`;
  return (
    `<AssumeRoleResponse xmlns="${NAMESPACE}"><AssumeRoleResult><Credentials>${credentials}</Credentials>` +
    `<AssumedRoleUser>${user}</AssumedRoleUser></AssumeRoleResult>${metadata()}</AssumeRoleResponse>`
  );
}

function metadata(): string {
  return `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
}

function errorDocument({ code, message, statusCode }: AwsError): string {
  const text = message.replaceAll(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
  const type = statusCode < 500 ? 'Sender' : 'Receiver';
  return (
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${code}</Code><Message>${text}</Message></Error>` +
    `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`
  );
}
