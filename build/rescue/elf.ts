import { open } from 'node:fs/promises';

/** What the dynamic loader looks at in an ELF file (System V gABI, chapters 4 and 5). */
export interface ElfFile {
  /** PT_INTERP: the loader; null for libraries and static programs. */
  interpreter: string | null;
  /** DT_NEEDED, in order. */
  needed: string[];
  /** DT_RUNPATH, else DT_RPATH, split; `$ORIGIN` not yet replaced. */
  runPath: string[];
  /** Libraries loaded by name at run time, as `.note.dlopen` lists them (systemd since 256 does this). */
  loadedLater: string[];
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const SHT_NOTE = 7;

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

type Read = (offset: number, size: number) => Promise<Buffer>;

/** Reads an ELF file's needs; null when the file is not 64-bit little-endian ELF. */
export async function readElf(path: string): Promise<ElfFile | null> {
  const file = await open(path);
  try {
    const read: Read = async (offset, size) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, offset);
      return buffer.subarray(0, bytesRead);
    };
    const header = await read(0, 64);
    if (header.length < 64 || header.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return null;
    const segments = await readSegments(header, read);
    const interp = segments.find(({ type }) => type === PT_INTERP);
    return {
      interpreter: interp ? textAt(await read(interp.offset, interp.size), 0) : null,
      ...(await readDynamic(segments, read)),
      loadedLater: await readDlopenNotes(header, read),
    };
  } finally {
    await file.close();
  }
}

async function readSegments(header: Buffer, read: Read): Promise<Segment[]> {
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  const table = await read(Number(header.readBigUInt64LE(32)), size * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * size;
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      size: Number(table.readBigUInt64LE(at + 32)),
    };
  });
}

async function readDynamic(segments: Segment[], read: Read): Promise<Pick<ElfFile, 'needed' | 'runPath'>> {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (!dynamic) return { needed: [], runPath: [] };
  const table = await read(dynamic.offset, dynamic.size);
  const entries: { tag: number; value: number }[] = [];
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const tag = Number(table.readBigInt64LE(at));
    if (tag === 0) break;
    entries.push({ tag, value: Number(table.readBigUInt64LE(at + 8)) });
  }
  const strings = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
  const load = segments.find(
    ({ type, address, size }) => type === PT_LOAD && strings >= address && strings < address + size,
  );
  if (!load) return { needed: [], runPath: [] };
  const start = load.offset + strings - load.address;
  const texts = (wanted: number): Promise<string[]> =>
    Promise.all(
      entries.filter(({ tag }) => tag === wanted).map(async ({ value }) => textAt(await read(start + value, 4096), 0)),
    );
  const runPath = (await texts(DT_RUNPATH))[0] ?? (await texts(DT_RPATH))[0] ?? '';
  return { needed: await texts(DT_NEEDED), runPath: runPath.split(':').filter((part) => part !== '') };
}

/** `.note.dlopen` holds JSON: [{"soname": ["libkmod.so.2"], ...}] (systemd's ELF_DLOPEN_METADATA). */
async function readDlopenNotes(header: Buffer, read: Read): Promise<string[]> {
  const [size, count, namesIndex] = [header.readUInt16LE(58), header.readUInt16LE(60), header.readUInt16LE(62)];
  if (count === 0) return [];
  const table = await read(Number(header.readBigUInt64LE(40)), size * count);
  if (table.length < size * count) return [];
  const section = (index: number) => ({
    name: table.readUInt32LE(index * size),
    type: table.readUInt32LE(index * size + 4),
    offset: Number(table.readBigUInt64LE(index * size + 24)),
    size: Number(table.readBigUInt64LE(index * size + 32)),
  });
  const notes = Array.from({ length: count }, (_, index) => section(index)).filter(({ type }) => type === SHT_NOTE);
  if (notes.length === 0 || namesIndex >= count) return [];
  const namesAt = section(namesIndex);
  const names = await read(namesAt.offset, namesAt.size);
  const found: string[] = [];
  for (const note of notes) {
    if (textAt(names, note.name) !== '.note.dlopen') continue;
    const text = (await read(note.offset, note.size)).toString('latin1');
    for (const list of text.matchAll(/"soname"\s*:\s*\[([^\]]*)\]/g))
      found.push(...[...(list[1] ?? '').matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? ''));
  }
  return found;
}

function textAt(buffer: Buffer, offset: number): string {
  const end = buffer.indexOf(0, offset);
  return buffer.toString('latin1', offset, end < 0 ? buffer.length : end);
}
