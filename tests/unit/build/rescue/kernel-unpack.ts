import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import * as z from 'zod';

/** What the kernel has after it unpacked an initrd. */
export interface UnpackedFile {
  mode: number;
  content: Buffer;
}

const zstdMagic = 0xfd2fb528;
/** What `info: true` gives, which Node's types do not know. */
const unzippedSchema = z.object({ buffer: z.instanceof(Buffer), engine: z.object({ bytesWritten: z.int() }) });

/**
 * Reads an initrd as init/initramfs.c does: segment after segment; zeros between them are skipped; one that is not compressed
 * counts only on a multiple of 4 bytes; each compressed one is exactly one frame; a later file takes an earlier one's place.
 * @throws where the kernel would say "junk"
 */
export function unpackAsKernel(initrd: Buffer): Map<string, UnpackedFile> {
  const files = new Map<string, UnpackedFile>();
  for (let at = 0; at < initrd.length; ) {
    if (initrd[at] === 0x30 && at % 4 === 0) at += unpackArchive(initrd.subarray(at), files);
    else if (initrd[at] === 0) at += 1;
    else {
      const { archive, length } = decompress(initrd.subarray(at));
      unpackArchive(archive, files);
      at += length;
    }
  }
  return files;
}

function decompress(bytes: Buffer): { archive: Buffer; length: number } {
  if (bytes.length > 4 && bytes.readUInt32LE(0) === zstdMagic) {
    const length = zstdFrameBytes(bytes);
    return { archive: zstdDecompressSync(bytes.subarray(0, length)), length };
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw new Error('junk within compressed archive');
  // Where one gzip member ends is where the next thing begins: what follows has no gzip magic in these tests.
  const { buffer, engine } = unzippedSchema.parse(gunzipSync(bytes, { info: true }));
  return { archive: buffer, length: engine.bytesWritten };
}

/** RFC 8878: header, blocks, checksum. */
function zstdFrameBytes(bytes: Buffer): number {
  const descriptor = bytes.readUInt8(4);
  const single = (descriptor >> 5) & 1;
  const contentSize = [single, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = 5 + (single ? 0 : 1) + dictionary + contentSize;
  for (let last = false; !last; ) {
    const block = bytes.readUIntLE(at, 3);
    last = (block & 1) === 1;
    at += 3 + (((block >> 1) & 3) === 1 ? 1 : block >> 3);
  }
  return at + ((descriptor >> 2) & 1 ? 4 : 0);
}

/** Gives where the archive's trailer ends; what it holds goes into `files`. */
function unpackArchive(bytes: Buffer, files: Map<string, UnpackedFile>): number {
  const aligned = (length: number): number => Math.ceil(length / 4) * 4;
  for (let at = 0; ; ) {
    if (bytes.toString('latin1', at, at + 6) !== '070701') throw new Error(`no cpio magic at ${at}`);
    const field = (index: number): number =>
      Number.parseInt(bytes.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [mode, size, nameBytes] = [field(1), field(6), field(11)];
    const name = bytes.toString('utf8', at + 110, at + 110 + nameBytes - 1);
    const content = at + aligned(110 + nameBytes);
    at = content + aligned(size);
    if (name === 'TRAILER!!!') return at;
    files.set(name, { mode, content: bytes.subarray(content, content + size) });
  }
}
