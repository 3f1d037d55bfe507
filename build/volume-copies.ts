import { RekindleError } from '../common/errors/error.ts';
import { markPattern } from '../common/mark-pattern.ts';
import { run } from '../common/run.ts';
import { mappingName } from '../restore/layout/lvm-names.ts';
import type { Layout } from '../restore/layout/schema.ts';
import type { LayoutGroup, Volume } from '../restore/layout/stack-schema.ts';
import { markOf, ownerOf } from './process-mark.ts';
import { type Source, sourceTitle } from './sources.ts';

/** An LVM snapshot that is read instead of its volume. */
export interface VolumeCopy {
  group: string;
  name: string;
  device: string;
  type: string;
  /** A snapshot is whole only with what a crash would find: nothing is replayed or written. */
  options: string;
}

const mebibyte = 2 ** 20;
/** Below this it would overflow while it is read. */
const leastBytes = 32 * mebibyte;
/** Of a volume may change while it is read. */
const changingShare = 0.1;
const namePattern = new RegExp(`^rekindle-${markPattern}-\\d+$`);
const mountOptions: Readonly<Record<string, string>> = { xfs: 'nouuid,norecovery', ext3: 'noload', ext4: 'noload' };

/** How large each snapshot may be, in extents: a tenth of its volume, less where the group has not that much. Pure. */
export function snapshotExtents(
  volumes: readonly { name: string; sizeBytes: number }[],
  free: number,
  extentBytes: number,
): Map<string, number> {
  const wanted = volumes.map(({ name, sizeBytes }) => {
    const bytes = Math.min(sizeBytes, Math.max(2 * leastBytes, sizeBytes * changingShare));
    return { name, extents: Math.ceil(bytes / extentBytes) };
  });
  const all = wanted.reduce((sum, { extents }) => sum + extents, 0);
  const share = Math.min(1, all === 0 ? 0 : free / all);
  return new Map(wanted.map(({ name, extents }) => [name, Math.floor(extents * share)]));
}

interface Candidate {
  source: Source;
  group: LayoutGroup;
  volume: Volume;
}

/** Volumes with a file system of their own that LVM can copy. btrfs copies itself. */
function candidates(sources: readonly Source[], groups: Layout['groups']): Candidate[] {
  return sources.flatMap((source) => {
    const { origin } = source.node;
    if (origin.type !== 'volume' || source.raw !== undefined || source.subvolume !== undefined) return [];
    const group = groups.find(({ id }) => id === origin.group);
    const volume = group?.volumes.find(({ name }) => name === origin.name);
    return group === undefined || volume === undefined ? [] : [{ source, group, volume }];
  });
}

/**
 * Copies what lies on LVM, group by group; by the mount point's node. What cannot be copied is read as it is, with a warning.
 * @param undo gets what removes each copy
 */
export async function copyVolumes(
  sources: readonly Source[],
  groups: Layout['groups'],
  frozen: { warnings: string[]; undo: (() => Promise<void>)[] },
): Promise<Map<string, VolumeCopy>> {
  const copies = new Map<string, VolumeCopy>();
  for (const [group, all] of Map.groupBy(candidates(sources, groups), (each) => each.group)) {
    const thick = all.filter(({ volume }) => volume.type !== 'thin').map(({ volume }) => volume);
    const extents = snapshotExtents(thick, await freeExtents(group.id), group.extentBytes);
    for (const { source, volume } of all) {
      const size = extents.get(volume.name);
      if (size !== undefined && size * group.extentBytes < leastBytes) {
        frozen.warnings.push(
          `${sourceTitle(source)}: no snapshot was made, volume group ${group.id} has no room for one`,
        );
        continue;
      }
      const name = `rekindle-${markOf(process.pid)}-${copies.size}`;
      try {
        await run(snapshotArgv(group.id, volume, name, size));
      } catch (error) {
        if (!(error instanceof RekindleError)) throw error;
        frozen.warnings.push(`${sourceTitle(source)}: no snapshot was made: ${error.reason}`);
        continue;
      }
      frozen.undo.push(() => removeVolume(group.id, name));
      const type = source.node.content?.kind ?? '';
      const device = `/dev/mapper/${mappingName(group.id, name)}`;
      copies.set(source.node.id, { group: group.id, name, device, type, options: mountOptions[type] ?? '' });
    }
  }
  return copies;
}

function snapshotArgv(
  group: string,
  { name: origin, type }: Volume,
  name: string,
  extents: number | undefined,
): [string, ...string[]] {
  const size = type === 'thin' || extents === undefined ? ['--setactivationskip', 'n'] : ['--extents', `${extents}`];
  return ['lvcreate', '--yes', '--snapshot', '--name', name, ...size, '--permission', 'r', `${group}/${origin}`];
}

async function freeExtents(group: string): Promise<number> {
  const { stdout } = await run(['vgs', '--noheadings', '--options', 'vg_free_count', group]);
  return Number(stdout.trim());
}

async function removeVolume(group: string, name: string): Promise<void> {
  await run(['lvremove', '--yes', '--force', `${group}/${name}`]);
}

/** After it was read: one that overflowed gave errors or worse. @throws RekindleError RK373 */
export async function assertWhole({ group, name }: VolumeCopy, mountPoint: string): Promise<void> {
  // 1: invalid; 0: whole; -1: thin, it lives in its pool and cannot overflow by itself.
  const argv = ['lvs', '--noheadings', '--binary', '--options', 'lv_snapshot_invalid', `${group}/${name}`] as const;
  if ((await run([...argv])).stdout.trim() === '1') throw new RekindleError('RK373', `${mountPoint}: ${group}/${name}`);
}

/** Could delete volumes: only snapshots with our name whose process is gone. */
export async function removeStaleCopies(groups: Layout['groups']): Promise<void> {
  for (const { id } of groups) {
    const { stdout } = await run(['lvs', '--noheadings', '--separator', '|', '--options', 'lv_name,origin', id]);
    for (const line of stdout.trim().split('\n')) {
      const [name = '', origin = ''] = line.trim().split('|');
      const mark = namePattern.exec(name)?.[1];
      if (mark !== undefined && origin !== '' && ownerOf(mark) === 'gone') await removeVolume(id, name);
    }
  }
}
