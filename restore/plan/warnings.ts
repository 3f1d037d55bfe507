import { formatBytes } from '../../common/format.ts';
import type { Here } from '../bootloader/firmware.ts';
import { savedName } from '../layout/saved-name.ts';
import type { Layout, LayoutNode } from '../layout/schema.ts';
import type { Assignment } from './assign.ts';
import type { Place } from './fill.ts';
import type { LoadOf } from './resize/claims.ts';
import { neededBytes, tableOf } from './size.ts';

/** What is to be known of the disks themselves. */
export function diskWarnings(assignments: readonly Assignment[], here: Here | undefined): string[] {
  const targets = new Set(assignments.map(({ disk }) => disk.path));
  return assignments.flatMap(({ saved, disk, table }) => {
    const warnings: string[] = [];
    if (disk.sizeBytes > saved.sizeBytes) {
      const unused = formatBytes(disk.sizeBytes - neededBytes(saved));
      warnings.push(
        `${disk.name} is larger than the saved ${saved.name}: ${unused} at its end stay unused. To use them: Tab in the plan of the menu, or grow the last partition later.`,
      );
    }
    const ids = new Set((table?.partitions ?? []).map(({ id }) => id.toLowerCase()));
    const twin = here?.partitionIds.find(({ disk: on, id }) => !targets.has(on) && ids.has(id));
    if (twin !== undefined) {
      warnings.push(`${twin.disk} has the same ids as the saved ${saved.name}. Take it out before the first boot.`);
    }
    return warnings;
  });
}

/** What does not come back, or not as it was. */
export function contentWarnings(layout: Layout, places: readonly Place[]): string[] {
  const lost = layout.nodes.flatMap(({ id, notSaved }) =>
    notSaved === undefined
      ? []
      : [
          `${savedName(layout, id)} of the saved machine held ${notSaved}, which is not in the set: it comes back empty. Fill it from another backup.`,
        ],
  );
  const unfilled = places
    .filter(({ archives, content }) => archives.length === 0 && content.mount !== null)
    .map(({ node, content }) => {
      const where = node.mount === null ? 'it was not mounted when saved' : `mounted on ${node.mount.at}`;
      return `${savedName(layout, node.id)} of the saved machine (${content.name}, ${where}) has no files in the set: it comes back empty. Fill it from another backup.`;
    });
  return [...lost, ...unfilled, ...places.flatMap(({ content }) => content.notes)];
}

/**
 * File systems that may be too small for what the set holds for them, on a disk of the same size too: each file is written by itself,
 * so what shared its blocks (snapshots, copies by reference) or was compressed takes more than it did. Of a chain of sets the largest counts.
 */
export function roomWarnings(places: readonly Place[], loadOf: LoadOf): string[] {
  return places.flatMap(({ node, content }) => {
    const holds = loadOf(node).bytes;
    if (content.mount === null || holds <= node.sizeBytes) return [];
    const name = node.mount?.at ?? node.id;
    const sizes = `the backup holds ${formatBytes(holds)}, it has ${formatBytes(node.sizeBytes)}`;
    return [
      `${name} may be too small: ${sizes}. What shared its blocks, as snapshots do, or was compressed takes more room when it is written back. Choose a larger disk, and let file systems grow.`,
    ];
  });
}

/**
 * Partitions on MBR that were copied as they are and begin at another sector than before: what is in them may know where it lay.
 * @param before the layout as it was saved @param after as it comes back
 */
export function movedWarnings(before: Layout, after: Layout): string[] {
  return before.nodes.flatMap((node) => {
    const [was, will] = [startOnMbr(before, node), startOnMbr(after, node)];
    if (node.content?.kind !== 'raw' || was === will) return [];
    const moved = `${node.content.words} (${node.id}) begins at sector ${will} instead of ${was}`;
    return node.content.type === 'ntfs'
      ? `${moved}: a Windows in it may not start. Then boot Windows's own medium, choose to repair the computer, and run "bootrec /fixboot" and "bootrec /rebuildbcd". It stays where it was on a disk of the same size.`
      : `${moved}: a system in it may not start, for it is copied as it lay on the disk. It stays where it was on a disk of the same size.`;
  });
}

function startOnMbr({ disks }: Layout, { origin }: LayoutNode): number | null {
  if (origin.type !== 'partition') return null;
  const disk = disks.find(({ id }) => id === origin.disk);
  const table = disk === undefined ? null : tableOf(disk);
  if (table?.label !== 'dos') return null;
  return table.partitions.find(({ number }) => number === origin.number)?.start ?? null;
}
