import { runs } from '../layout/layer.ts';
import { zeroEnds } from '../layout/stack-layer.ts';
import type { Table } from '../layout/table.ts';
import { assertDisk } from './prepare.ts';
import { contentsOf, type Step, type TargetDisk } from './step.ts';

/**
 * Clears what an earlier life left on the disk. Three things together, because each misses something:
 * wipefs on the old partitions (superblocks inside them), wipefs on the disk (both GPT copies, whole-disk RAID),
 * zeros over both ends of the disk and of each coming partition: an md 0.90/1.0 superblock lies at an end, LVM's
 * and file systems' at a start, and a partition may begin where a forgotten one of two tables ago began.
 * All of it happens before the new partitions exist, so that nothing can be assembled from them in between.
 */
export function wipeStep(id: string, disk: TargetDisk, table: Table | null): Step {
  // Logical partitions first: their chain hangs on the extended one.
  const old = (disk.partitions ?? []).toReversed().map((device) => runs(['wipefs', '--all', '--force', device]));
  const ends = [...zeroEnds(disk.path, 0, disk.sizeBytes)];
  for (const { start, sectors, extended } of table?.partitions ?? []) {
    if (!extended && table !== null)
      ends.push(...zeroEnds(disk.path, start * table.sectorBytes, sectors * table.sectorBytes));
  }
  return {
    id: `wipe:${id}`,
    title: 'wipe old signatures',
    target: disk.name,
    destroys: `everything on ${disk.name}: ${contentsOf(disk)}`,
    // Could destroy any disk: asks once more, right before the first write.
    actions: [assertDisk(disk), ...old, runs(['wipefs', '--all', '--force', disk.path]), ...ends],
    weightBytes: 0,
  };
}
