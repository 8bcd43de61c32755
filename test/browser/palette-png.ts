/** Small PNGs of screenshots: 256 colours that stand for all of them. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_COLORS = 256;
/** So many are the commonest; the others are those that would be missed most. */
const COMMONEST = 160;

interface Image {
  readonly width: number;
  readonly height: number;
  /** 0xRRGGBB, row by row. */
  readonly pixels: Uint32Array;
}

/** Rewrites a PNG of eight bits a channel, without or with (opaque) alpha, not interlaced. Throws for another one. */
export function withPalette(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png);
  const counts = new Map<number, number>();
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1);
  const palette = paletteOf(counts);
  const indices = new Map([...counts.keys()].map((color) => [color, nearest(color, palette)]));

  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indices.get(pixels[y * width + x]!)!;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap(channels));
  const parts = [
    chunk('IHDR', header),
    chunk('PLTE', colors),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([SIGNATURE, ...parts]);
}

function paletteOf(counts: ReadonlyMap<number, number>): number[] {
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  const palette = byCount.slice(0, COMMONEST).map(([color]) => color);
  let others = byCount.slice(COMMONEST).map(([color, count]) => ({ color, count, distance: Number.POSITIVE_INFINITY }));
  const follow = (added: readonly number[]) => {
    for (const other of others) for (const color of added) other.distance = Math.min(other.distance, distance(color, other.color));
    others = others.sort((a, b) => b.count * b.distance - a.count * a.distance);
  };
  follow(palette);
  while (palette.length < MAX_COLORS) {
    const [missed] = others.splice(0, 1);
    if (!missed) break;
    palette.push(missed.color);
    follow([missed.color]);
  }
  return palette;
}

function channels(color: number): [number, number, number] {
  return [color >> 16, (color >> 8) & 0xff, color & 0xff];
}

function nearest(color: number, palette: readonly number[]): number {
  let best = 0;
  for (const [index, candidate] of palette.entries()) if (distance(color, candidate) < distance(color, palette[best]!)) best = index;
  return best;
}

function distance(a: number, b: number): number {
  const [red, green, blue] = channels(a);
  const [otherRed, otherGreen, otherBlue] = channels(b);
  return (red - otherRed) ** 2 + (green - otherGreen) ** 2 + (blue - otherBlue) ** 2;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function decode(png: Buffer): Image {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('not a PNG');
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, kind, , , interlaced] = png.subarray(24, 29);
  const size = kind === 2 ? 3 : kind === 6 ? 4 : 0;
  if (depth !== 8 || size === 0 || interlaced !== 0) throw new Error(`a PNG of kind ${kind} with ${depth} bits a channel is not read here`);
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * size, height, size);
  const pixels = Uint32Array.from({ length: width * height }, (_, index) => bytes.readUIntBE(index * size, 3));
  return { width, height, pixels };
}

/** Undoes the filters of the rows (PNG specification, section 9). */
function unfiltered(rows: Buffer, stride: number, height: number, size: number): Buffer {
  const bytes = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= size ? bytes[at - size]! : 0;
      const up = y > 0 ? bytes[at - stride]! : 0;
      const corner = x >= size && y > 0 ? bytes[at - stride - size]! : 0;
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter!]!;
      bytes[at] = rows[y * (stride + 1) + 1 + x]! + predicted;
    }
  }
  return bytes;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
