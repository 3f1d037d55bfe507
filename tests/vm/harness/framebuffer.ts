import { readFile } from 'node:fs/promises';

/** The font of the PC's text mode, which the Linux console draws on framebuffers too: 16 bytes a character, a bit a pixel. */
const romFile = '/usr/share/seabios/vgabios-stdvga.bin';
const capitalA = Buffer.from('000010386cc6c6fec6c6c6c600000000', 'hex');
/** In text mode the card draws nine columns a character; the ninth is empty, or goes on where lines are drawn. */
const textModeWidth = 720;
const glyphWidth = 8;
const cellHeight = 16;
const ascii = { first: 0x20, last: 0x7e } as const;
/** Of the 128 pixels of a cell: the kernel's font is not the card's in every letter. The nearest one counts. */
const tolerance = 24;

/** Letters that the kernel draws otherwise (lib/fonts/font_8x16.c); the first two rows and the last four are empty in all of them. */
const kernelGlyphs: Readonly<Record<string, string>> = {
  0: '386cc6c6d6d6c6c66c38',
  M: 'c6eefefed6c6c6c6c6c6',
  T: '7e7e5a1818181818183c',
  V: 'c6c6c6c6c6c6c66c3810',
  W: 'c6c6c6c6d6d6d6feee6c',
  X: 'c6c66c7c38387c6cc6c6',
  Y: '666666663c181818183c',
  Z: 'fec6860c183060c2c6fe',
  f: '1c363230783030303078',
  m: '000000ecfed6d6d6d6c6',
  v: '000000c6c6c6c6c66c38',
  w: '000000c6c6d6d6d6fe6c',
  x: '000000c66c3838386cc6',
};

interface Picture {
  width: number;
  height: number;
  /** Three bytes a pixel. */
  pixels: Buffer;
}

/** Reads a binary PPM (P6, 8 bits), as QEMU's screendump writes it. */
function parsePpm(file: Buffer): Picture {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 64));
  if (!head) throw new Error('not a PPM picture');
  return { width: Number(head[1]), height: Number(head[2]), pixels: file.subarray(head[0].length) };
}

async function readFont(): Promise<[character: string, glyph: Buffer][]> {
  const rom = await readFile(romFile);
  const start = rom.indexOf(capitalA) - 0x41 * cellHeight;
  if (start < 0) throw new Error(`${romFile} holds no 8x16 font`);
  const font = Object.entries(kernelGlyphs).map(([character, rows]): [string, Buffer] => [
    character,
    Buffer.from(`0000${rows}00000000`, 'hex'),
  ]);
  for (let code = ascii.first; code <= ascii.last; code += 1)
    font.push([String.fromCharCode(code), rom.subarray(start + code * cellHeight, start + (code + 1) * cellHeight)]);
  return font;
}

function cellWidthOf({ width }: Picture): number {
  return width === textModeWidth ? 9 : glyphWidth;
}

/** The cell's pixels that are not background, a byte a row; the background is what most pixels have. */
function cellAt(picture: Picture, column: number, row: number): Buffer {
  const { width, pixels } = picture;
  const colours: number[] = [];
  for (let y = 0; y < cellHeight; y += 1)
    for (let x = 0; x < glyphWidth; x += 1) {
      const at = ((row * cellHeight + y) * width + column * cellWidthOf(picture) + x) * 3;
      colours.push(pixels.readUIntBE(at, 3));
    }
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const background = [...counts].toSorted((one, other) => other[1] - one[1])[0]?.[0];
  const bits = Buffer.alloc(cellHeight);
  for (const [index, colour] of colours.entries())
    if (colour !== background) {
      const y = Math.floor(index / glyphWidth);
      bits[y] = (bits[y] ?? 0) | (0x80 >> (index % glyphWidth));
    }
  return bits;
}

function differingBits(one: Buffer, other: Buffer): number {
  let count = 0;
  for (let row = 0; row < cellHeight; row += 1)
    for (let bits = (one[row] ?? 0) ^ (other[row] ?? 0); bits !== 0; bits &= bits - 1) count += 1;
  return count;
}

/** The text that a framebuffer console shows; '#' for what is no ASCII character. @param file a PPM screendump */
export async function readFramebuffer(file: string): Promise<string> {
  const picture = parsePpm(await readFile(file));
  const font = await readFont();
  const known = new Map<string, string>();
  const read = (bits: Buffer): string => {
    const key = bits.toString('latin1');
    const before = known.get(key);
    if (before !== undefined) return before;
    let best = { character: '#', distance: tolerance + 1 };
    for (const [character, glyph] of font) {
      const distance = differingBits(bits, glyph);
      if (distance < best.distance) best = { character, distance };
    }
    known.set(key, best.character);
    return best.character;
  };
  const lines: string[] = [];
  for (let row = 0; row < Math.floor(picture.height / cellHeight); row += 1) {
    let line = '';
    for (let column = 0; column < Math.floor(picture.width / cellWidthOf(picture)); column += 1)
      line += read(cellAt(picture, column, row));
    lines.push(line.trimEnd());
  }
  return lines.join('\n');
}
