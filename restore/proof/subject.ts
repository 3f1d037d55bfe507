import { statfs } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { isUefi } from '../bootloader/firmware.ts';
import { type BootEntry, readBootEntries } from '../bootloader/nvram.ts';
import { type BlockDevice, chainsOf, listBlockDevices } from '../layout/lsblk.ts';
import { listMounts, listSwaps, type Mount } from '../layout/mounts.ts';
import { controllerModules } from './controller.ts';
import type { Device } from './device.ts';
import { readDevices } from './devices.ts';
import type { MountedAt } from './mounted-at.ts';
import { readDefaultSubvolumes } from './read/default-subvolumes.ts';
import { Root } from './read/root.ts';
import { readLinks } from './reference/links.ts';
import type { SavedNames } from './reference/names.ts';

/** All that the checks look at. */
export interface Subject {
  root: Root;
  mounts: MountedAt[];
  /** Of the target disks alone: an old disk with the same ids may be attached. */
  devices: Device[];
  /** The disks themselves. */
  disks: string[];
  /** What the restore that is going on knows; absent where none is. */
  saved?: SavedNames;
  /** udev's links below /dev/disk/by-id and by-path, and the device that each leads to. */
  links?: ReadonlyMap<string, string>;
  /** How the machine will be started, and what its firmware remembers. */
  firmware: 'bios' | 'uefi';
  bootEntries: BootEntry[];
  /** As uname names it: 'x86_64'. */
  architecture: string;
  /** Kernel modules between a disk and the processor; empty when nothing is known. */
  controllers: (disk: string) => string[];
  /** Of each btrfs the subvolume that is mounted where nobody names one: '/@/.snapshots/1/snapshot', '/'. */
  defaultSubvolumes?: ReadonlyMap<string, string>;
  /** Free and total bytes and inodes of the file system that holds this path of the system. */
  space: (path: string) => Promise<{ freeBytes: number; totalBytes: number; freeInodes: number; totalInodes: number }>;
}

export interface SubjectOptions {
  /** Where the system is mounted, with its /boot and /boot/efi below. */
  root: string;
  /** The disks that it lies on; without it those that it is mounted from. */
  disks?: readonly string[];
  firmware?: 'bios' | 'uefi';
  /** What the restore that filled it knows. */
  saved?: SavedNames;
}

/** Looks at a mounted system. @throws RekindleError RK480 when nothing is mounted there, RK481 when its disk is not found */
export async function readSubject(options: SubjectOptions): Promise<Subject> {
  const mounts = mountsBelow(await listMounts(), options.root);
  const trees = await listBlockDevices();
  const disks = findDisks(trees, mounts, options);
  const extra = options.root === '/' ? await swapDisks(trees) : [];
  const all = [...new Set([...disks, ...extra])];
  const root = new Root(options.root);
  return {
    root,
    mounts,
    devices: await readDevices(all),
    disks: all.map(({ path }) => path),
    links: await readLinks(),
    ...(options.saved === undefined ? {} : { saved: options.saved }),
    firmware: options.firmware ?? (isUefi() ? 'uefi' : 'bios'),
    bootEntries: isUefi() ? await readBootEntries('/sys/firmware/efi/efivars').catch(() => []) : [],
    architecture: machineArchitecture(),
    controllers: controllerModules,
    defaultSubvolumes: await readDefaultSubvolumes(mounts, options.root),
    space: (path) => spaceOf(root, path),
  };
}

export async function spaceOf(root: Root, path: string): ReturnType<Subject['space']> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(root.locate(path) ?? root.directory);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeInodes: ffree, totalInodes: files };
}

/** 'x64' is Node's word; the kernel's is wanted. */
function machineArchitecture(): string {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
}

/** File systems of disks only, the uppermost of several on one place. */
export function mountsBelow(all: readonly Mount[], directory: string): MountedAt[] {
  const prefix = directory === '/' ? '' : directory.replace(/\/+$/, '');
  const found = new Map<string, MountedAt>();
  for (const { source, target, fstype, fsroot, options } of all) {
    if (target !== (prefix || '/') && !target.startsWith(`${prefix}/`)) continue;
    const device = source.replace(/\[.*\]$/, '');
    if (!device.startsWith('/dev/')) continue;
    const at = target.slice(prefix.length) || '/';
    const id = /(?:^|,)subvolid=(\d+)/.exec(options)?.[1];
    const mount = { at, device, type: fstype, within: fsroot };
    found.set(at, id === undefined ? mount : { ...mount, subvolumeId: Number(id) });
  }
  if (!found.has('/')) throw new RekindleError('RK480', `${directory} is not where a disk's file system is mounted`);
  return [...found.values()];
}

function findDisks(
  trees: readonly BlockDevice[],
  mounts: readonly MountedAt[],
  options: SubjectOptions,
): BlockDevice[] {
  const { disks } = options;
  const named = trees.filter(({ path, children }) =>
    disks
      ? disks.includes(path)
      : chainsOf(children).some(({ device }) => mounts.some((mount) => mount.device === device.path)) ||
        mounts.some((mount) => mount.device === path),
  );
  if (named.length > 0) return named;
  const words = disks?.join(', ') ?? mounts.map(({ device }) => device).join(', ');
  throw new RekindleError('RK481', `of ${words || 'no device'} lsblk shows no disk`);
}

/** The running machine also swaps to disks that hold no file system. */
async function swapDisks(trees: readonly BlockDevice[]): Promise<BlockDevice[]> {
  const swaps = await listSwaps();
  return trees.filter(
    (disk) => !disk.name.startsWith('zram') && chainsOf([disk]).some(({ device }) => swaps.includes(device.path)),
  );
}
