import { statSync } from 'node:fs';
import { readAt } from './root.ts';

/** A part of an EFI program (PE/COFF). Bytes. */
export interface PeSection {
  name: string;
  at: number;
  bytes: number;
}

const headBytes = 0x2000;

/** The parts of an EFI program that lie in the file; empty for any other file. */
export function peSections(file: string): PeSection[] {
  const size = statSync(file).size;
  const head = readAt(file, 0, headBytes);
  if (head.length < 0x40 || head.toString('latin1', 0, 2) !== 'MZ') return [];
  const header = head.readUInt32LE(0x3c);
  if (header + 24 > head.length || head.toString('latin1', header, header + 4) !== 'PE\0\0') return [];
  const table = header + 24 + head.readUInt16LE(header + 20);
  const sections: PeSection[] = [];
  for (let index = 0; index < head.readUInt16LE(header + 6); index += 1) {
    const entry = table + index * 40;
    if (entry + 40 > head.length) break;
    const name = head.toString('latin1', entry, entry + 8).replace(/\0.*$/s, '');
    const [inMemory, raw, at] = [8, 16, 20].map((offset) => head.readUInt32LE(entry + offset));
    // What is larger in the file than in memory is filled up with zeros.
    const bytes = inMemory === 0 ? (raw ?? 0) : Math.min(inMemory ?? 0, raw ?? 0);
    if ((at ?? 0) + bytes <= size) sections.push({ name, at: at ?? 0, bytes });
  }
  return sections;
}

/** The first part of a name; null when there is none. */
export function peSection(file: string, name: string): PeSection | null {
  return peSections(file).find((section) => section.name === name) ?? null;
}

const textBytes = 1 << 16;

/** A part that is a text; null when there is none. */
export function peText(file: string, name: string): string | null {
  const section = peSection(file, name);
  if (section === null) return null;
  return readAt(file, section.at, Math.min(section.bytes, textBytes)).toString('utf8').replace(/\0.*$/s, '').trim();
}
