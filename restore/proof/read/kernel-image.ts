import { statSync } from 'node:fs';
import { NoToolError, PackingError, packingOf, unpack } from './decompress.ts';
import { readAt } from './root.ts';

/** What a kernel image says of itself. */
export type KernelImage =
  | { state: 'good'; architecture: string; version: string | null; note: string | null }
  | { state: 'bad'; reason: string }
  | { state: 'unknown'; reason: string };

/** x86 boot protocol (Documentation/arch/x86/boot.rst): offsets in the image. */
const x86 = {
  setupSectors: 0x1f1,
  systemSize: 0x1f4,
  flag: 0x1fe,
  magic: 0x202,
  protocol: 0x206,
  version: 0x20e,
  loadFlags: 0x236,
  payload: 0x248,
  payloadLength: 0x24c,
} as const;

/** Reads a kernel image: is it one, for which processor, is it whole. Its packed payload is unpacked, x86 only. @param part bytes of the file that it is */
export async function readKernelImage(file: string, part?: { start: number; end: number }): Promise<KernelImage> {
  const base = part?.start ?? 0;
  const size = (part?.end ?? statSync(file).size) - base;
  const head = readAt(file, base, Math.min(0x8000, size));
  if (head.length < 0x300) return { state: 'bad', reason: `it has only ${head.length} bytes` };
  if (head.toString('latin1', x86.magic, x86.magic + 4) === 'HdrS') return readX86({ file, base, head, size });
  // Documentation/arch/arm64/booting.rst and arch/riscv/boot-image-header.rst: magic at 0x38, image size at 0x10.
  const magic = head.toString('latin1', 0x38, 0x3c);
  if (magic === 'ARM\x64' || magic === 'RSC\x05') {
    const architecture = magic === 'ARM\x64' ? 'aarch64' : 'riscv64';
    return { state: 'good', architecture, version: null, note: 'only its header was looked at' };
  }
  if (head.toString('latin1', 0, 2) === 'MZ') return readPe(head, size);
  if (packingOf(head)?.name === 'gzip')
    return { state: 'unknown', reason: 'it is packed as a whole; it was not looked into' };
  return { state: 'bad', reason: 'it has the header of no kernel' };
}

/** An image with its first bytes, and where in its file it begins. */
interface Image {
  file: string;
  base: number;
  head: Buffer;
  size: number;
}

async function readX86(image: Image): Promise<KernelImage> {
  const { head, size } = image;
  const start = ((head.readUInt8(x86.setupSectors) || 4) + 1) * 512;
  const length = start + head.readUInt32LE(x86.systemSize) * 16;
  if (head.readUInt16LE(x86.flag) !== 0xaa55) return { state: 'bad', reason: 'its boot sector has no mark' };
  // The last paragraph of 16 bytes may be incomplete.
  if (size + 16 < length) return { state: 'bad', reason: `it has ${size} bytes, its header says ${length}` };
  const protocol = head.readUInt16LE(x86.protocol);
  const wide = protocol >= 0x020c && (head.readUInt16LE(x86.loadFlags) & 1) === 1;
  const at = head.readUInt16LE(x86.version) + 0x200;
  const version = at === 0x200 ? null : (/^[\w.+~-]+/.exec(head.toString('latin1', at, at + 256))?.[0] ?? null);
  const payload = await checkPayload(image, start);
  if (payload.state === 'bad') return payload;
  return { state: 'good', architecture: wide ? 'x86_64' : 'i686', version, note: payload.note };
}

const elfMagic = Buffer.from('\x7fELF', 'latin1');

/** The kernel proper: the decompressor unpacks it when the machine starts, and here too. */
async function checkPayload(
  { file, base, head, size }: Image,
  start: number,
): Promise<{ state: 'good'; note: string | null } | { state: 'bad'; reason: string }> {
  const length = head.readUInt32LE(x86.payloadLength);
  if (head.readUInt16LE(x86.protocol) < 0x0208 || length === 0) return { state: 'good', note: 'too old to look into' };
  const from = start + head.readUInt32LE(x86.payload);
  if (from + length > size) return { state: 'bad', reason: 'its payload goes beyond its end' };
  const packing = packingOf(readAt(file, base + from, 6));
  if (packing === null) return { state: 'bad', reason: 'its payload is packed in no known way: overwritten' };
  // The build puts the unpacked size, four bytes, behind all but gzip, whose own trailer ends with it.
  const end = from + length - (packing.name === 'gzip' ? 0 : 4);
  const wantedBytes = readAt(file, base + from + length - 4, 4).readUInt32LE(0);
  let bytes = 0;
  let first: Buffer = Buffer.alloc(0);
  try {
    await unpack(file, { start: base + from, end: base + end }, packing, (chunk) => {
      if (first.length < 4) first = Buffer.concat([first, chunk.subarray(0, 4)]);
      bytes += chunk.length;
      if (bytes > wantedBytes)
        throw new PackingError(`it unpacks to more than the ${wantedBytes} bytes that were packed`);
    });
  } catch (error) {
    if (error instanceof NoToolError) return { state: 'good', note: `not unpacked: ${error.message}` };
    if (error instanceof PackingError) return { state: 'bad', reason: `its payload is damaged: ${error.message}` };
    throw error;
  }
  if (!first.subarray(0, 4).equals(elfMagic)) return { state: 'bad', reason: 'its payload is no kernel' };
  if (bytes !== wantedBytes)
    return { state: 'bad', reason: `its payload has ${bytes} bytes, ${wantedBytes} were packed` };
  return { state: 'good', note: null };
}

const machines: Record<number, string> = { 34404: 'x86_64', 332: 'i686', 43620: 'aarch64', 20580: 'riscv64' };

/** An EFI program (PE/COFF): a boot loader, a unified kernel image. Whole when all of its sections lie in the file. */
export function readPe(head: Buffer, size: number): KernelImage {
  const at = head.length > 0x40 ? head.readUInt32LE(0x3c) : 0;
  if (
    head.toString('latin1', 0, 2) !== 'MZ' ||
    at === 0 ||
    at + 24 > head.length ||
    head.toString('latin1', at, at + 4) !== 'PE\0\0'
  )
    return { state: 'bad', reason: 'it is no EFI program' };
  const architecture = machines[head.readUInt16LE(at + 4)] ?? 'unknown';
  const sections = head.readUInt16LE(at + 6);
  const table = at + 24 + head.readUInt16LE(at + 20);
  for (let index = 0; index < sections; index += 1) {
    const entry = table + index * 40;
    if (entry + 40 > head.length) break;
    const end = head.readUInt32LE(entry + 16) + head.readUInt32LE(entry + 20);
    if (end > size) return { state: 'bad', reason: `it has ${size} bytes, a part of it would end at ${end}` };
  }
  return { state: 'good', architecture, version: null, note: null };
}
