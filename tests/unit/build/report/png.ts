import { inflateSync } from 'node:zlib';

/** A picture that can be asked for its pixels. */
export class Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue of each pixel, row by row. */
  readonly pixels: Uint8Array;

  constructor(width: number, height: number, pixels: Uint8Array) {
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  /** '#rrggbb' */
  at(x: number, y: number): string {
    const start = (y * this.width + x) * 3;
    return `#${Buffer.from(this.pixels.subarray(start, start + 3)).toString('hex')}`;
  }

  /** The colours along a row of pixels: one run for each stretch of the same colour. */
  runs(y: number, from = 0, to = this.width): { colour: string; from: number; width: number }[] {
    const runs: { colour: string; from: number; width: number }[] = [];
    for (let x = from; x < to; x += 1) {
      const colour = this.at(x, y);
      const last = runs.at(-1);
      if (last?.colour === colour) last.width += 1;
      else runs.push({ colour, from: x, width: 1 });
    }
    return runs;
  }

  /** How many pixels of a rectangle are darker than this (0 black, 255 white): ink of text. */
  dark(box: { x: number; y: number; width: number; height: number }, below = 110): number {
    let count = 0;
    for (let y = Math.round(box.y); y < Math.round(box.y + box.height); y += 1)
      for (let x = Math.round(box.x); x < Math.round(box.x + box.width); x += 1) {
        const [red = 0, green = 0, blue = 0] = this.pixels.subarray((y * this.width + x) * 3);
        if ((red + green + blue) / 3 < below) count += 1;
      }
    return count;
  }
}

/** PNG specification, third edition: 8-bit RGB or RGBA without interlacing, which is what Chromium writes. */
export function decodePng(file: Buffer): Picture {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    chunks.push({ type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  const header = chunks.find(({ type }) => type === 'IHDR')?.data;
  if (!header) throw new Error('no PNG');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colourType, , , interlace] = header.subarray(8);
  const channels = colourType === 2 ? 3 : colourType === 6 ? 4 : 0;
  if (depth !== 8 || channels === 0 || interlace !== 0) throw new Error('a kind of PNG that this does not read');
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const bytes = unfilter(raw, width * channels, height, channels);
  const pixels = new Uint8Array(width * height * 3);
  for (let index = 0; index < width * height; index += 1)
    pixels.set(bytes.subarray(index * channels, index * channels + 3), index * 3);
  return new Picture(width, height, pixels);
}

/** Each row is stored as the difference to its neighbours (section 9). */
function unfilter(raw: Buffer, stride: number, height: number, channels: number): Uint8Array {
  const bytes = new Uint8Array(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (stride + 1)] ?? 0;
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column >= channels ? (bytes[at - channels] ?? 0) : 0;
      const up = row > 0 ? (bytes[at - stride] ?? 0) : 0;
      const corner = row > 0 && column >= channels ? (bytes[at - stride - channels] ?? 0) : 0;
      bytes[at] = (raw[at + row + 1] ?? 0) + predict(filter, left, up, corner);
    }
  }
  return bytes;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) throw new Error(`PNG filter ${filter}`);
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(left + up - corner - value));
  if ((toLeft ?? 0) <= (toUp ?? 0) && (toLeft ?? 0) <= (toCorner ?? 0)) return left;
  return (toUp ?? 0) <= (toCorner ?? 0) ? up : corner;
}
