import type { Dump, Partition } from '../dump.ts';
import { numberHeaderOf } from '../read.ts';

export type ProblemCode =
  | 'header'
  | 'label'
  | 'label-id'
  | 'sector-size'
  | 'number'
  | 'duplicate'
  | 'field'
  | 'type'
  | 'guid'
  | 'bounds'
  | 'overlap'
  | 'order'
  | 'alignment'
  | 'extended';

/** Something about a table that is wrong, and the line where it stands. */
export interface Problem {
  /** 1 for the first line; 0 when a line is missing. */
  line: number;
  /**
   * With an error sfdisk refuses the table, or writes another one than stands there. A warning is unusual, and real
   * disks have it.
   */
  severity: 'error' | 'warning';
  code: ProblemCode;
  message: string;
}

/** The disk that the table is for; what is not known is not checked. */
export interface Disk {
  /** In bytes. */
  size?: number;
  /** Bytes of a logical sector. */
  sectorSize?: number;
}

/** A problem of a partition, on its line. */
export function error({ line }: { line: number }, code: ProblemCode, message: string): Problem {
  return { line, severity: 'error', code, message };
}

/** As error, for what sfdisk writes all the same. */
export function warning({ line }: { line: number }, code: ProblemCode, message: string): Problem {
  return { line, severity: 'warning', code, message };
}

/** The line of a header, of several the last; 0 without. */
export function lineOf(dump: Dump, header: string): { line: number } {
  return { line: dump.lines.findLastIndex((line) => line.kind === 'header' && line.name === header) + 1 };
}

/** First sector behind a partition. */
export function endOf({ start, size }: Partition): number {
  return (start ?? 0) + (size ?? 0);
}

/** What checks need to know of the disk, in sectors. */
export interface Sectors {
  /** Bytes of one. */
  size: number;
  /** Sectors of the disk; infinity when it is not known. */
  count: number;
  /**
   * Where sfdisk begins by itself: at 1 MiB, on disks of up to 4 MiB at sector 1. It keeps as much before each logical
   * partition (libfdisk/src/alignment.c, topology_get_first_lba(); a disk that names an optimal size above 1 MiB, or
   * an offset, has another value).
   */
  first: number;
}

export function sectorsOf(dump: Dump, disk: Disk): Sectors {
  const size = numberHeaderOf(dump, 'sector-size') || disk.sectorSize || 512;
  const count = disk.size === undefined ? Number.POSITIVE_INFINITY : Math.floor(disk.size / size);
  const mebibyte = 2 ** 20 / size;
  return { size, count, first: count <= mebibyte * 4 ? 1 : mebibyte };
}
