import { archiveTitle } from '../../archive/archive-title.ts';
import type { Archive } from '../../archive/set-schema.ts';
import { type ContentPlan, runs } from '../../layout/layer.ts';
import { type Place, shortName } from '../fill.ts';
import { aloneRoot } from '../roots.ts';
import type { Action, Step } from '../step.ts';

const forgetBtrfs = runs(['btrfs', 'device', 'scan', '--forget'], [0, 1]);

/** How a file system that somebody made is mounted to be filled, by blkid's TYPE. What is not here takes no archive. */
const mounts: Readonly<Record<string, NonNullable<ContentPlan['mount']>>> = {
  ext2: { type: 'ext2', options: 'noatime' },
  ext3: { type: 'ext3', options: 'noatime' },
  ext4: { type: 'ext4', options: 'noatime' },
  xfs: { type: 'xfs', options: 'noatime,nouuid' },
  btrfs: { type: 'btrfs', options: 'noatime', before: [forgetBtrfs] },
  vfat: { type: 'vfat', options: 'noatime,tz=UTC,quiet' },
  f2fs: { type: 'f2fs', options: 'noatime' },
};

/** Types that an archive can be extracted into. */
export const fillableTypes: readonly string[] = Object.keys(mounts);

/** A file system that is there, and stays. */
export function existingContent(type: string, uuid: string | null): ContentPlan {
  return { name: `${type} file system`, uuid, mount: mounts[type] ?? null, rehearse: [], make: [], notes: [] };
}

/** Why what was saved cannot go into a file system of that type; null when it can. */
export function unfit({ node, archives }: Pick<Place, 'node' | 'archives'>, type: string): string | null {
  if (type === 'vfat' && node.content?.kind !== 'vfat')
    return 'vfat keeps neither owners nor modes nor links: it takes only what was on a vfat';
  if (type !== 'btrfs' && archives.some(({ subvolume }) => subvolume !== undefined))
    return `its subvolumes (${archives.map(archiveTitle).join(', ')}) need a btrfs`;
  return null;
}

/** What happens to files that are there already. */
export function overwritten(isChain: boolean): string {
  return isChain
    ? 'files that the backup does not know (it is incremental: they are deleted), and those with the same names'
    : 'files with the same names as in the backup; others stay';
}

/** An extraction into a file system that keeps its other files says so; any other step stays as it is. */
export function overExisting(step: Step): Step {
  if (!step.id.startsWith('extract:')) return step;
  const isChain = step.actions.some((action) => action.type === 'extract' && action.before !== undefined);
  return {
    ...step,
    title: `${step.title}, over what is there`,
    destroys: `on ${step.target}: ${overwritten(isChain)}`,
  };
}

const top = `${aloneRoot}/btrfs`;

/** Subvolumes of the backup that an existing btrfs lacks: each archive fills one. Null where there are none. */
export function subvolumesStep({ node, device, content }: Place, archives: readonly Archive[]): Step | null {
  const { mount, uuid } = content;
  const wanted = node.content?.kind === 'btrfs' ? node.content.subvolumes.map(({ path }) => path) : [];
  const paths = wanted.filter((path) => archives.some(({ subvolume }) => subvolume === path));
  if (mount?.type !== 'btrfs' || paths.length === 0) return null;
  const devices = (mount.devices?.length ?? 0) > 1 && mount.devices ? { devices: mount.devices } : {};
  return {
    id: `subvolumes:${node.id}`,
    title: 'make the subvolumes that are not there yet',
    target: shortName(device),
    destroys: null,
    actions: [
      runs(['mkdir', '-p', top]),
      ...(mount.before ?? []),
      runs(['mount', '-t', 'btrfs', '-o', `${mount.options},subvolid=5`, device, top]),
      { type: 'assert-mounted', device, at: top, uuid, ...devices },
      ...paths.map(makeMissing),
      runs(['umount', top]),
    ],
    weightBytes: 0,
  };
}

/**
 * What has the name and is no subvolume cannot be filled: then btrfs names it, before anything is written. A link on the way there, which
 * could lead out of the file system, stops the restore before the shell starts (`assertOwnPlace`). The words for the shell are constant; the path is its argument.
 */
function makeMissing(path: string): Action {
  const script =
    'if [ -e "$1" ] || [ -L "$1" ]; then exec btrfs subvolume show "$1" > /dev/null; fi; mkdir -p "$(dirname "$1")" && exec btrfs subvolume create "$1"';
  return runs(['sh', '-c', script, 'sh', `${top}/${path}`]);
}
