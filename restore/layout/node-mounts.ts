import { realpath } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { devicesOf } from './btrfs-capture.ts';
import type { BtrfsContent } from './btrfs-schema.ts';
import type { Inventory } from './inventory.ts';
import type { BlockDevice } from './lsblk.ts';
import type { Mount } from './mounts.ts';
import type { Content, LayoutNode } from './schema.ts';
import { keptMountOptions } from './words-schema.ts';

/** Where a node's file system is mounted. @throws RekindleError RK417 when only parts of it are mounted */
export async function mountsOfNode(
  device: BlockDevice,
  content: Content | null,
  inventory: Inventory,
): Promise<Pick<LayoutNode, 'mount' | 'mounts'>> {
  // Its mounts are those of the first device.
  if (content?.kind === 'btrfs-member') return { mount: null };
  return content?.kind === 'btrfs' ? btrfsMounts(device, content, inventory) : { mount: mainMount(device, inventory) };
}

/**
 * Where the whole file system is mounted; of several places the one that fstab names, else the shortest.
 * @throws RekindleError RK417 when only parts of it are mounted.
 */
function mainMount(device: BlockDevice, { mounts, fstab }: Inventory): LayoutNode['mount'] {
  const here = mounts.filter((mount) => mount['maj:min'] === device['maj:min'] || mount.source === device.path);
  const whole = here.filter(({ fsroot }) => fsroot === '/');
  const [part] = here;
  if (part === undefined) return null;
  if (whole.length === 0) {
    throw new RekindleError('RK417', `of ${device.path} only ${part.fsroot} is mounted, on ${part.target}`);
  }
  return chooseMount(whole, fstab);
}

function chooseMount(mounts: readonly Mount[], fstab: Inventory['fstab']): LayoutNode['mount'] {
  const byLength = mounts.toSorted((left, right) => left.target.length - right.target.length);
  const chosen = byLength.find(({ target }) => fstab.some((entry) => entry.target === target)) ?? byLength[0];
  return chosen === undefined ? null : { at: chosen.target, options: keptMountOptions(chosen.options) };
}

/** Mounts of whole subvolumes; a folder of one that is mounted elsewhere (a bind mount) belongs to its subvolume. */
async function btrfsMounts(
  device: BlockDevice,
  { subvolumes }: BtrfsContent,
  { mounts, fstab }: Inventory,
): Promise<Pick<LayoutNode, 'mount' | 'mounts'>> {
  const devices = new Set(await devicesOf(device.path));
  const found: (Mount & { subvolume: string })[] = [];
  for (const mount of mounts.filter(({ fstype }) => fstype === 'btrfs')) {
    const source = mount.source.replace(/\[.*\]$/, '');
    const subvolume = mount.fsroot.replace(/^\//, '');
    const isWhole = subvolume === '' || subvolumes.some(({ path, leftOut }) => path === subvolume && !leftOut);
    if (isWhole && devices.has(await realpath(source).catch(() => source))) found.push({ ...mount, subvolume });
  }
  const places = new Map(found.map((mount) => [mount.target, mount]));
  const each = [...places.values()].map(({ target, options, subvolume }) => ({
    at: target,
    options: keptMountOptions(options),
    subvolume,
  }));
  return { mount: chooseMount(found, fstab), ...(each.length === 0 ? {} : { mounts: each }) };
}
