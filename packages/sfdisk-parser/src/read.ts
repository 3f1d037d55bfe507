import type { Dump, Partition, PartitionLine } from './dump.ts';

/** A header's value; of several the last, as in sfdisk; null when the dump has no such line. */
export function headerOf(dump: Dump, name: string): string | null {
  const found = dump.lines.findLast((line) => line.kind === 'header' && line.name === name);
  return found?.kind === 'header' ? found.value : null;
}

/** A header that is a number; null when it is absent or no number. */
export function numberHeaderOf(dump: Dump, name: string): number | null {
  return toNumber(headerOf(dump, name));
}

/** Decimal, octal or hexadecimal, as sfdisk takes them (strtoull(3) with base 0); null for anything else. */
export function toNumber(text: string | null): number | null {
  if (text === null || !/^(0|[1-9]\d*|0[0-7]+|0x[0-9a-f]+)$/i.test(text)) return null;
  const value = /^0\d/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/**
 * Label of the table in lower case: 'dos', 'gpt', or what else stands there; null without. Dumps from before
 * util-linux 2.26 name none and write `Id=`: 'dos'.
 */
export function labelOf(dump: Dump): string | null {
  const label = headerOf(dump, 'label');
  if (label !== null) return label.toLowerCase();
  return linesOf(dump).some(({ fields }) => fields.some(({ name }) => name === 'id')) ? 'dos' : null;
}

/** Bytes of a sector; 512 in dumps from before util-linux 2.35, which do not say. */
export function sectorSizeOf(dump: Dump): number {
  return numberHeaderOf(dump, 'sector-size') ?? 512;
}

function linesOf(dump: Dump): PartitionLine[] {
  return dump.lines.filter((line) => line.kind === 'partition');
}

/**
 * The partitions in the order of their lines. Old dumps list free entries too (`start=0, size=0, Id=0`): these are
 * left out, as by sfdisk.
 */
export function partitionsOf(dump: Dump): Partition[] {
  return dump.lines
    .flatMap((line, index) => (line.kind === 'partition' ? [readPartition(line, index + 1)] : []))
    .filter(({ start, size }) => start !== 0 || size !== 0);
}

function readPartition(line: PartitionLine, number: number): Partition {
  // Of several fields with one name sfdisk takes the last.
  const value = (...names: string[]): string | null =>
    line.fields.findLast((field) => names.includes(field.name))?.value ?? null;
  return {
    line: number,
    device: line.device,
    number: line.number,
    start: toNumber(value('start')),
    size: toNumber(value('size')),
    type: value('type', 'id'),
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
