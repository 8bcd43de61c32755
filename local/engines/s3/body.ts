/** Writes a body to a file and checks what its sender claimed about it. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AwsError } from '../aws-error.ts';
import { type ChecksumName, startChecksum } from './checksum.ts';

export type Body = Uint8Array | AsyncIterable<Uint8Array>;

/** Claims of the sender; `checksums` is asked after the body, as some come behind it. */
export interface BodyClaims {
  /** Computed in any case; a claim is needed for none of them. */
  readonly compute?: readonly ChecksumName[];
  readonly checksums?: () => Partial<Record<ChecksumName, string>>;
  /** Base64, as in Content-MD5. */
  readonly md5?: string | undefined;
  /** Hexadecimal, as in x-amz-content-sha256. */
  readonly sha256Hex?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
}

export interface WrittenBody {
  readonly size: number;
  readonly md5Hex: string;
  readonly checksums: Partial<Record<ChecksumName, string>>;
}

/** @throws AwsError BadDigest, XAmzContentSHA256Mismatch or IncompleteBody when a claim does not hold; the file is then for the caller to remove */
export async function writeBody(path: string, body: Body, claims: BodyClaims = {}): Promise<WrittenBody> {
  const md5 = createHash('md5');
  const sha256 = claims.sha256Hex === undefined ? null : createHash('sha256');
  const running = (claims.compute ?? []).map((name) => ({ name, checksum: startChecksum(name) }));
  let size = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      md5.update(chunk);
      sha256?.update(chunk);
      for (const { checksum } of running) checksum.update(chunk);
      for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
      size += chunk.length;
    }
  } finally {
    await file.close();
  }
  const checksums = Object.fromEntries(running.map(({ name, checksum }) => [name, checksum.digest()]));
  const md5Bytes = md5.digest();
  if (claims.size !== undefined && claims.size !== size) {
    throw new AwsError(
      'IncompleteBody',
      `You did not provide the number of bytes specified by x-amz-decoded-content-length: ${claims.size} announced, ${size} received.`,
    );
  }
  verify('Content-MD5', claims.md5, md5Bytes.toString('base64'));
  for (const [name, claimed] of Object.entries(claims.checksums?.() ?? {})) verify(name.toUpperCase(), claimed, checksums[name]);
  if (sha256 !== null && sha256.digest('hex') !== claims.sha256Hex) {
    throw new AwsError('XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return { size, md5Hex: md5Bytes.toString('hex'), checksums };
}

function verify(name: string, claimed: string | undefined, computed: string | undefined): void {
  if (claimed !== undefined && claimed !== computed) {
    throw new AwsError('BadDigest', `The ${name} you specified did not match the calculated checksum: ${claimed} against ${computed}.`);
  }
}
