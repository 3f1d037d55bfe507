import { formatBytes, formatCount } from '../../common/format.ts';
import type { LayoutDisk } from '../layout/schema.ts';
import { readTable, type Table } from '../layout/table.ts';

/** The saved table; null for a disk that is used whole. @throws RekindleError RK408 */
export function tableOf(saved: LayoutDisk): Table | null {
  return saved.table === null ? null : readTable(saved.table, saved.sizeBytes, saved.logicalSectorBytes);
}

/** Bytes that a disk must have: all of them when it is used whole, else up to the last used sector, and on GPT the backup table behind it. */
export function neededBytes(saved: LayoutDisk): number {
  const table = tableOf(saved);
  if (table === null) return saved.sizeBytes;
  const end = Math.max(0, ...table.partitions.map(({ start, sectors }) => start + sectors));
  return (end + backupSectors(table)) * table.sectorBytes;
}

/** GPT's copy at the end of the disk: the entries (128 bytes each) and the header's sector. */
export function backupSectors(table: Table): number {
  return table.label === 'gpt' ? Math.ceil((table.tableLength * 128) / table.sectorBytes) + 1 : 0;
}

/**
 * Why a disk cannot take what was on a saved one; null when it can. Sizes compare in bytes, nothing else.
 * @param needed bytes; less than the saved table's where file systems can shrink
 */
export function misfit(
  saved: LayoutDisk,
  disk: { sizeBytes: number; logicalSectorBytes: number },
  needed = neededBytes(saved),
): { code: 'RK401' | 'RK402'; reason: string } | null {
  if (saved.logicalSectorBytes !== disk.logicalSectorBytes) {
    const reason = `sectors of ${disk.logicalSectorBytes} bytes, the saved disk has ${saved.logicalSectorBytes}`;
    return { code: 'RK402', reason };
  }
  if (disk.sizeBytes >= needed) return null;
  const missing = needed - disk.sizeBytes;
  const reason = `needs ${formatBytes(needed)}, has ${formatBytes(disk.sizeBytes)}: ${formatCount(missing)} bytes short`;
  return { code: 'RK401', reason };
}
