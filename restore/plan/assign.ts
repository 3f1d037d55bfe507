import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import type { Layout, LayoutDisk } from '../layout/schema.ts';
import type { Table } from '../layout/table.ts';
import { misfit, neededBytes, tableOf } from './size.ts';
import type { TargetDisk } from './step.ts';

/** A saved disk, by its layout id, and the disk of this machine that it goes onto. */
export interface TargetChoice {
  source: string;
  disk: TargetDisk;
}

/** A choice that holds: the disk fits, is allowed, and is used once. */
export interface Assignment {
  saved: LayoutDisk;
  disk: TargetDisk;
  /** Null for a disk that is used whole. */
  table: Table | null;
}

/**
 * Checks the choice of target disks; saved disks in the layout's order.
 * @param needed bytes that a disk must have for what was on a saved one
 * @throws RekindleError RK401, RK402, RK404-RK408.
 */
export function assignTargets(
  layout: Layout,
  targets: readonly TargetChoice[],
  needed: (saved: LayoutDisk) => number = neededBytes,
): Assignment[] {
  const seen = new Set<string>();
  for (const { source, disk } of targets) {
    if (!layout.disks.some(({ id }) => id === source))
      throw new RekindleError('RK407', `"${source}" is not in the set`);
    if (seen.has(disk.path)) throw new RekindleError('RK405', `${disk.path} was chosen twice`);
    seen.add(disk.path);
  }
  return layout.disks.map((saved) => {
    const chosen = targets.filter(({ source }) => source === saved.id);
    const [choice] = chosen;
    if (choice === undefined) {
      throw new RekindleError('RK406', `${saved.name} (${saved.model}, ${formatBytes(saved.sizeBytes)})`);
    }
    if (chosen.length > 1) throw new RekindleError('RK405', `${saved.name} was given ${chosen.length} targets`);
    assertAllowed(saved, choice.disk, needed(saved));
    return { saved, disk: choice.disk, table: tableOf(saved) };
  });
}

/** The size comes first: its reason has the exact numbers, which a refusal in words may not have. */
function assertAllowed(saved: LayoutDisk, disk: TargetDisk, needed: number): void {
  const name = `${disk.path} (${disk.model || 'no model'}, ${formatBytes(disk.sizeBytes)})`;
  const problem = disk.sizeBytes > 0 ? misfit(saved, disk, needed) : null;
  if (disk.refusal !== null && (problem === null || !disk.refusal.startsWith('too small'))) {
    throw new RekindleError('RK404', `${name}: ${disk.refusal}`);
  }
  if (problem !== null) throw new RekindleError(problem.code, `${name}: ${problem.reason}`);
}
