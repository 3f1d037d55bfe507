import type { Plan } from '../plan/step.ts';

/** The root file system of the restored machine, where a restore is remembered past a power cut. */
export interface KeepPlace {
  /** '/dev/vda2' */
  device: string;
  /** Words of `mount` before device and mount point. */
  mount: string[];
  /** Steps that fill the file system; before their end what is kept there could be deleted by one of them. */
  filledBy: string[];
}

/** Below the top of the root file system. */
export const stateDirectory = '.rekindle-restore';
export const stateFiles = { plan: 'plan.json', journal: 'journal.jsonl' } as const;

/**
 * Where a plan is kept; null where nobody could find it again: what lies on arrays, encryption, volume groups or several
 * devices cannot be looked at before all of that was put together.
 */
export function keepPlaceOf({ steps, targets }: Plan): KeepPlace | null {
  if (steps.some(({ id }) => /^(md|luks|group):/.test(id))) return null;
  const mounting = steps.find(({ id }) => id === 'mount:target')?.actions ?? [];
  // The outermost comes first.
  const root = mounting.find((action) => action.type === 'assert-mounted');
  if (root?.type !== 'assert-mounted' || (root.devices?.length ?? 0) > 1) return null;
  const { device, at } = root;
  if (!targets.some(({ disk }) => isOn(device, disk.path))) return null;
  const mount = mounting.find(
    (action) =>
      action.type === 'run' && action.argv[0] === 'mount' && action.argv.slice(-2).join(' ') === `${device} ${at}`,
  );
  if (mount?.type !== 'run') return null;
  const fills = (id: string): boolean =>
    steps.some(
      (step) => step.id === id && step.actions.some((action) => action.type === 'extract' && action.device === device),
    );
  const filledBy = steps.map(({ id }) => id).filter(fills);
  return filledBy.length === 0 ? null : { device, mount: topLevel(mount.argv.slice(0, -2)), filledBy };
}

/** '/dev/vda2' or '/dev/vda' of '/dev/vda', '/dev/nvme0n1p2' of '/dev/nvme0n1'. */
function isOn(device: string, disk: string): boolean {
  return device.startsWith(disk) && /^(p?\d+)?$/.test(device.slice(disk.length));
}

/** Of a btrfs the top level, whichever subvolume is the root: there it is found without knowing. */
function topLevel(words: readonly string[]): string[] {
  const type = words[words.indexOf('-t') + 1];
  if (type !== 'btrfs') return [...words];
  const at = words.indexOf('-o') + 1;
  const others = (words[at] ?? '').split(',').filter((option) => !/^subvol(id)?=/.test(option));
  return words.map((word, index) => (at > 0 && index === at ? [...others, 'subvolid=5'].join(',') : word));
}
