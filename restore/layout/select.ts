import { RekindleError } from '../../common/errors/error.ts';
import type { Inventory } from './inventory.ts';
import { type BlockDevice, type Chain, chainsOf, isDisk, isRemovable } from './lsblk.ts';
import type { Mount } from './mounts.ts';

/** Without these a machine is not itself; no destination may lie on their disk. */
const essential = /^\/(boot(\/.*)?|efi|usr|var|etc|home|root|opt|srv)?$/;
/** File systems over several devices or none: their files lie on disks that findmnt does not name. */
const foreign = new Set(['zfs', 'bcachefs']);

/** Chains that end in the mount's device; several when it lies on several disks. */
export function chainsBelow(mount: { source: string; 'maj:min'?: string }, chains: readonly Chain[]): Chain[] {
  // A btrfs mount has a device number of its own and '[/subvolume]' behind its source.
  const source = mount.source.replace(/\[.*\]$/, '');
  const number = mount['maj:min'];
  const byNumber = number === undefined || number.startsWith('0:') ? [] : withNumber(chains, number);
  return byNumber.length > 0 ? byNumber : chains.filter(({ device }) => device.path === source);
}

function withNumber(chains: readonly Chain[], number: string): Chain[] {
  return chains.filter(({ device }) => device['maj:min'] === number);
}

/** A use of a device that makes its disk matter. */
export interface Use {
  /** Mount point, or 'swap'. */
  at: string;
  chain: Chain;
}

/**
 * The disks that the machine is made of, in the kernel's order, and what uses them: disks with mounted file
 * systems or swap, or named by fstab. Removable disks count only where fstab or the system itself needs them.
 * @throws RekindleError RK413 when / lies on no disk, RK415 when an excluded disk holds the system.
 */
export function selectDisks(
  inventory: Inventory,
  excludeDisks: readonly string[],
): { disks: BlockDevice[]; uses: Use[] } {
  const chains = chainsOf(inventory.devices).filter(({ path }) => path[0] !== undefined && isDisk(path[0]));
  const excluded = excludedDisks(inventory.devices, excludeDisks);
  const named = new Set(inventory.fstab.map(({ target }) => target));
  const all = usesOf(inventory, chains);
  if (!all.some(({ at }) => at === '/')) throw rootless(inventory.mounts);

  const uses = all.filter(({ at, chain }) => {
    const disk = chain.path[0];
    if (disk === undefined) return false;
    if (excluded.has(disk.path)) {
      if (essential.test(at)) throw new RekindleError('RK415', `${disk.path} holds ${at}`);
      return false;
    }
    return at === 'swap' || named.has(at) || essential.test(at) || !isRemovable(disk);
  });
  const paths = new Set(uses.map(({ chain }) => chain.path[0]?.path));
  return { disks: inventory.devices.filter(({ path }) => paths.has(path)), uses };
}

function usesOf(inventory: Inventory, chains: readonly Chain[]): Use[] {
  const uses: Use[] = [];
  for (const mount of inventory.mounts) {
    const source = mount.source.replace(/\[.*\]$/, '');
    const others = (inventory.btrfsDevices?.[source] ?? []).filter((path) => path !== source);
    const below = [mount, ...others.map((path) => ({ source: path }))].flatMap((each) => chainsBelow(each, chains));
    for (const chain of below) uses.push({ at: mount.target, chain });
    if (below.length === 0 && foreign.has(mount.fstype) && essential.test(mount.target)) {
      throw new RekindleError('RK410', `${mount.target} is ${mount.fstype} (${mount.source})`);
    }
  }
  for (const source of inventory.swaps) {
    for (const chain of chainsBelow({ source }, chains)) uses.push({ at: 'swap', chain });
  }
  for (const entry of inventory.fstab) {
    for (const chain of chainsBelow(entry, chains)) {
      const at = entry.fstype === 'swap' ? 'swap' : entry.target;
      // A stick that is named but not plugged in for good stays out.
      if (chain.path[0] !== undefined && isRemovable(chain.path[0])) continue;
      if (!uses.some((use) => use.at === at)) uses.push({ at, chain });
    }
  }
  return uses;
}

function rootless(mounts: readonly Mount[]): RekindleError {
  const root = mounts.findLast(({ target }) => target === '/');
  return new RekindleError('RK413', `/ is ${root === undefined ? 'not mounted' : `${root.fstype} on ${root.source}`}`);
}

/** A partition given as the destination excludes its whole disk. */
export function excludedDisks(devices: readonly BlockDevice[], given: readonly string[]): Set<string> {
  const wanted = new Set(given.map((name) => (name.startsWith('/') ? name : `/dev/${name}`)));
  const hit = chainsOf(devices).filter(({ device }) => wanted.has(device.path));
  return new Set(hit.flatMap(({ path }) => path[0]?.path ?? []));
}
