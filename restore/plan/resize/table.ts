import {
  headerOf,
  isExtended,
  type Partition,
  parseDump,
  partitionsOf,
  printDump,
  setField,
  setHeader,
} from '@rekindle/sfdisk-parser';
import type { LayoutDisk } from '../../layout/schema.ts';
import { backupSectors, tableOf } from '../size.ts';

const mebibyte = 2 ** 20;
/** MBR counts sectors with 32 bits. */
const mbrLimit = 2 ** 32 - 1;

/** What of a disk's table can be given sizes: the partitions but those that only frame others, as they lie on the disk. */
export function leavesOf(disk: LayoutDisk): Partition[] {
  const partitions = ordered(disk);
  return partitions.filter((partition) => !isFrame(disk, partition) || framedBy(disk, partition).length === 0);
}

/** Whole MiB for partitions on a disk of that size: all begin and end on one, and each logical one has another for its table. */
export function mebibytesOn(disk: LayoutDisk, sizeBytes: number): number {
  const table = tableOf(disk);
  if (table === null) return Math.floor(sizeBytes / mebibyte);
  const sectors = Math.floor(sizeBytes / disk.logicalSectorBytes) - backupSectors(table);
  const end = isMbr(disk) ? Math.min(sectors, mbrLimit) : sectors;
  const tables = ordered(disk).filter((partition) => isLogical(disk, partition)).length;
  return Math.floor(end / unitOf(disk)) - firstUnit(disk) - tables;
}

/** As mebibytesOn, the other way round: bytes of a disk with room for so many MiB. */
export function bytesForMebibytes(disk: LayoutDisk, count: number): number {
  const table = tableOf(disk);
  if (table === null) return count * mebibyte;
  const tables = ordered(disk).filter((partition) => isLogical(disk, partition)).length;
  return (firstUnit(disk) + tables + count) * mebibyte + backupSectors(table) * disk.logicalSectorBytes;
}

/**
 * The table with other sizes, by partition number, in MiB; order, numbers, types, ids, names and attributes stay. A partition
 * without one keeps its size to the sector. What lay between partitions, or before the first one, is given up.
 */
export function resizedTable(disk: LayoutDisk, sizes: ReadonlyMap<number, number>): string {
  const unit = unitOf(disk);
  let dump = parseDump(disk.table ?? '');
  let next = firstUnit(disk);
  const put = (number: number, start: number, sectors: number): void => {
    dump = setField(setField(dump, number, 'start', start), number, 'size', sectors);
  };
  const putLeaf = (partition: Partition): void => {
    const mebibytes = sizes.get(partition.number);
    const sectors = mebibytes === undefined ? (partition.size ?? 0) : mebibytes * unit;
    put(partition.number, next * unit, sectors);
    next += Math.ceil(sectors / unit);
  };
  for (const partition of ordered(disk)) {
    const framed = framedBy(disk, partition);
    if (isLogical(disk, partition)) continue;
    if (framed.length === 0) {
      putLeaf(partition);
      continue;
    }
    const start = next;
    for (const logical of framed) {
      next += 1;
      putLeaf(logical);
    }
    put(partition.number, start * unit, (next - start) * unit);
  }
  return printDump(headerOf(dump, 'last-lba') === null ? dump : setHeader(dump, 'last-lba', null));
}

function unitOf(disk: LayoutDisk): number {
  return mebibyte / disk.logicalSectorBytes;
}

/** Boot loaders and some boards' firmware lie in the first MiB; a larger gap is room that was not used. */
const mostBeforeFirst = 16;

function firstUnit(disk: LayoutDisk): number {
  const saved = Math.ceil((ordered(disk)[0]?.start ?? 0) / unitOf(disk));
  return saved > mostBeforeFirst ? 1 : Math.max(1, saved);
}

function isMbr(disk: LayoutDisk): boolean {
  return tableOf(disk)?.label === 'dos';
}

function isFrame(disk: LayoutDisk, { type }: Partition): boolean {
  return isMbr(disk) && isExtended(type);
}

function isLogical(disk: LayoutDisk, { number }: Partition): boolean {
  return isMbr(disk) && number > 4;
}

function framedBy(disk: LayoutDisk, partition: Partition): Partition[] {
  return isFrame(disk, partition) ? ordered(disk).filter((each) => isLogical(disk, each)) : [];
}

/** As they lie on the disk; a frame before what is in it. */
function ordered(disk: LayoutDisk): Partition[] {
  if (disk.table === null) return [];
  return partitionsOf(parseDump(disk.table)).toSorted((one, other) => (one.start ?? 0) - (other.start ?? 0));
}
