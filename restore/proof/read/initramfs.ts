import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { formatBytes } from '../../../common/format.ts';
import { CpioError, type CpioMember, CpioReader, CpioTooLarge } from './cpio.ts';
import { NoToolError, PackingError, packingOf, unpack } from './decompress.ts';
import { readAt } from './root.ts';

/** What an initramfs holds. Names without a leading '/'. */
export interface Initramfs {
  names: Set<string>;
  /** Small files that checks look into. */
  contents: Map<string, string>;
  /** 'gzip', 'zstd' ...; one a segment, 'none' for plain cpio. */
  packings: string[];
}

/** How reading ended. `unknown`: this rescue cannot read it, which says nothing about the kernel. */
export type InitramfsReading =
  | { state: 'whole'; initramfs: Initramfs }
  | { state: 'damaged'; reason: string }
  | { state: 'unknown'; reason: string };

/** A kernel with its initramfs must fit into the memory of a machine that is starting. Bytes. */
const mostPacked = 2 ** 32;
const zeros = Buffer.alloc(1 << 16);

const wanted =
  /^(conf\/conf\.d\/|conf\/initramfs\.conf$|cryptroot\/crypttab$|etc\/crypttab$|etc\/mdadm|etc\/cmdline\.d\/)/;

/** Reads an initramfs to its end: archives in a row, each plain or packed, zeros between them. @param part bytes of the file that it is */
export async function readInitramfs(file: string, part?: { start: number; end: number }): Promise<InitramfsReading> {
  const members: CpioMember[] = [];
  const packings: string[] = [];
  let archives = 0;
  try {
    const { start, end: size } = part ?? { start: 0, end: statSync(file).size };
    if (size > mostPacked) return { state: 'unknown', reason: `it has ${formatBytes(size)}, more than any` };
    for (let at = start; ; ) {
      at = skipZeros(file, at, size);
      if (at >= size) break;
      const head = readAt(file, at, 6);
      const packing = packingOf(head);
      const cpio = new CpioReader((name) => wanted.test(name));
      if (/^07070[12]/.test(head.toString('latin1'))) {
        at += readPlain(file, at, cpio, size);
        packings.push('none');
      } else if (packing === null) {
        return archives > 0
          ? { state: 'unknown', reason: `what follows at byte ${at} is of an unknown kind` }
          : { state: 'damaged', reason: `at byte ${at} it is neither a cpio archive nor packed in a known way` };
      } else {
        packings.push(packing.name);
        if (!(await unpackInto(file, { start: at, end: size }, packing, cpio)))
          return {
            state: 'unknown',
            reason: `behind its ${packing.name} part something follows that ${packing.name} cannot read`,
          };
        at = size;
      }
      if (!cpio.ended || cpio.complete === 0)
        return { state: 'damaged', reason: 'it ends in the middle of an archive' };
      archives += cpio.complete;
      members.push(...cpio.members);
    }
  } catch (error) {
    if (error instanceof NoToolError || error instanceof CpioTooLarge)
      return { state: 'unknown', reason: error.message };
    if (error instanceof CpioError || error instanceof PackingError) return { state: 'damaged', reason: error.message };
    throw error;
  }
  return archives === 0
    ? { state: 'damaged', reason: 'it is empty' }
    : { state: 'whole', initramfs: gather(members, packings) };
}

/** What the tools say of a stream without an end. */
const cutShort = /unexpected|premature|ends|unfinished|truncated/i;

/** False: the archives are whole, but the tool stumbled over what comes after them. */
async function unpackInto(
  file: string,
  range: { start: number; end: number },
  packing: Parameters<typeof unpack>[2],
  cpio: CpioReader,
): Promise<boolean> {
  try {
    await unpack(file, range, packing, (chunk) => cpio.push(chunk));
    return true;
  } catch (error) {
    const whole = cpio.complete > 0 && cpio.ended;
    if (error instanceof PackingError && whole && !cutShort.test(error.message)) return false;
    throw error;
  }
}

function gather(members: readonly CpioMember[], packings: string[]): Initramfs {
  const contents = new Map<string, string>();
  for (const { name, content } of members) if (content !== null) contents.set(name, content.toString('utf8'));
  return { names: new Set(members.map(({ name }) => name)), contents, packings };
}

/** @returns bytes up to the end of the last plain archive */
function readPlain(file: string, start: number, cpio: CpioReader, end: number): number {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(1 << 18);
    for (let at = start; ; ) {
      const read = readSync(descriptor, chunk, 0, Math.min(chunk.length, end - at), at);
      if (read === 0) break;
      cpio.push(Buffer.from(chunk.subarray(0, read)));
      at += read;
      if (cpio.atForeignBytes) break;
    }
    return cpio.ended ? cpio.completeAt : cpio.position;
  } finally {
    closeSync(descriptor);
  }
}

function skipZeros(file: string, from: number, size: number): number {
  for (let at = from; at < size; ) {
    const bytes = readAt(file, at, Math.min(zeros.length, size - at));
    if (!bytes.equals(zeros.subarray(0, bytes.length))) return at + bytes.findIndex((byte) => byte !== 0);
    if (bytes.length === 0) return size;
    at += bytes.length;
  }
  return size;
}
