import type { Dump, Line, Partition } from './dump.ts';

/** A header's value; null when the dump has no such line. */
export function headerOf(dump: Dump, name: string): string | null {
  const found = dump.lines.find((line) => line.kind === 'header' && line.name === name);
  return found?.kind === 'header' ? found.value : null;
}

/** A header that is a number; null when it is absent or no number. */
export function numberHeaderOf(dump: Dump, name: string): number | null {
  return toNumber(headerOf(dump, name));
}

/** Decimal or, as sfdisk also takes, hexadecimal; null for anything else. */
export function toNumber(text: string | null): number | null {
  if (text === null || !/^(\d+|0x[0-9a-f]+)$/i.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** Label of the table: 'dos', 'gpt', or what else stands there; null without. */
export function labelOf(dump: Dump): string | null {
  return headerOf(dump, 'label');
}

/** Bytes of a sector; 512 in dumps from before util-linux 2.35, which do not say. */
export function sectorSizeOf(dump: Dump): number {
  return numberHeaderOf(dump, 'sector-size') ?? 512;
}

/** The partitions in the order of their lines. */
export function partitionsOf(dump: Dump): Partition[] {
  return dump.lines.flatMap((line, index) => (line.kind === 'partition' ? [readPartition(line, index + 1)] : []));
}

function readPartition(line: Extract<Line, { kind: 'partition' }>, number: number): Partition {
  const value = (name: string): string | null => line.fields.find((field) => field.name === name)?.value ?? null;
  return {
    line: number,
    device: line.device,
    number: line.number,
    start: toNumber(value('start')),
    size: toNumber(value('size')),
    type: value('type') ?? value('id'),
    uuid: value('uuid'),
    name: value('name'),
    attributes: (value('attrs') ?? '').split(/\s+/).filter((word) => word !== ''),
    bootable: line.fields.some(({ name }) => name === 'bootable'),
  };
}

/** MBR types of a frame around logical partitions: 5, F (LBA), 85 (Linux). */
export function isExtended(type: string | null): boolean {
  return type !== null && /^(0x)?0?(5|f|85)$/i.test(type);
}
