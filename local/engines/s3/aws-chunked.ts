/** The `aws-chunked` body: `hex size[;chunk-signature=…] CRLF bytes CRLF` …, a chunk of size 0, then trailing headers. */
import { AwsError } from '../aws-error.ts';

const MAX_LINE_BYTES = 8192;
const CRLF = Buffer.from('\r\n');

/**
 * Yields the bytes without their framing; the trailing headers are put into `trailers`, names in lower case.
 * @throws AwsError IncompleteBody when it ends early, InvalidChunkSizeError when the framing is wrong
 */
export async function* decodeAwsChunked(body: AsyncIterable<Uint8Array>, trailers: Map<string, string>): AsyncGenerator<Uint8Array> {
  const input = new ByteReader(body);
  try {
    yield* chunks(input);
    for (;;) {
      const line = await input.line();
      if (line === '') return;
      const colon = line.indexOf(':');
      if (colon > 0) trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
  } finally {
    await input.close();
  }
}

async function* chunks(input: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const header = await input.line();
    const size = header.split(';', 1)[0] as string;
    if (!/^[0-9a-fA-F]{1,8}$/.test(size))
      throw new AwsError('InvalidChunkSizeError', `'${header.slice(0, 50)}' is not the header of a chunk`);
    let left = Number.parseInt(size, 16);
    if (left === 0) return;
    while (left > 0) {
      const part = await input.some(left);
      left -= part.length;
      yield part;
    }
    if ((await input.line()) !== '')
      throw new AwsError('InvalidChunkSizeError', `a chunk of ${size} (hexadecimal) bytes is not followed by a line end`);
  }
}

/** Pulls lines and byte runs out of chunks that were cut anywhere. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  async #more(): Promise<Buffer> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new AwsError('IncompleteBody', 'The request body ended before its last chunk.');
    return Buffer.from(value.buffer, value.byteOffset, value.length);
  }

  /** The next line without its end. */
  async line(): Promise<string> {
    let end = this.#buffer.indexOf(CRLF);
    while (end < 0) {
      if (this.#buffer.length > MAX_LINE_BYTES)
        throw new AwsError('InvalidChunkSizeError', `a line of a chunk header is longer than ${MAX_LINE_BYTES} bytes`);
      this.#buffer = Buffer.concat([this.#buffer, await this.#more()]);
      end = this.#buffer.indexOf(CRLF);
    }
    const line = this.#buffer.toString('utf8', 0, end);
    this.#buffer = this.#buffer.subarray(end + CRLF.length);
    return line;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** At least one byte, at most `most`. */
  async some(most: number): Promise<Buffer> {
    while (this.#buffer.length === 0) this.#buffer = await this.#more();
    const part = this.#buffer.subarray(0, most);
    this.#buffer = this.#buffer.subarray(part.length);
    return part;
  }
}
