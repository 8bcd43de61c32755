/** The checksums a client may send along with its bytes; all as S3 writes them, base64. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface Checksum {
  update(chunk: Uint8Array): void;
  digest(): string;
}

export type ChecksumName = 'crc32' | 'crc32c' | 'sha1' | 'sha256';

export const CHECKSUM_NAMES: readonly ChecksumName[] = ['crc32', 'crc32c', 'sha1', 'sha256'];

export function startChecksum(name: ChecksumName): Checksum {
  switch (name) {
    case 'crc32':
      return startCrc((chunk, value) => crc32(chunk, value));
    case 'crc32c':
      return startCrc(crc32c);
    case 'sha1':
    case 'sha256': {
      const hash = createHash(name);
      return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
    }
  }
}

function startCrc(next: (chunk: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update(chunk) {
      value = next(chunk, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

/** Castagnoli polynomial, reflected. */
const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1;
  return value;
});

/** CRC-32C of `chunk`, going on from `value` (0 at the beginning). */
export function crc32c(chunk: Uint8Array, value = 0): number {
  let crc = ~value;
  for (const byte of chunk) crc = (CRC32C_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
