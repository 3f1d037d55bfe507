import type { Device } from '../../../../restore/proof/device.ts';
import type { MountedAt } from '../../../../restore/proof/mounted-at.ts';
import type { Subject } from '../../../../restore/proof/subject.ts';
import { bootId, device, rootId, systemOf } from './families.ts';

export const espId = 'eeeeeeee-0000-4000-8000-000000000005';
const espType = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';

const esp = device('/dev/vda1', { content: 'vfat', uuid: 'abcd-1234', partitionId: espId, partitionType: espType });
const boot = device('/dev/vda2', { uuid: bootId });
const root = device('/dev/vda3', { uuid: rootId });

const at = (path: string, dev: string, type = 'ext4', within = '/'): MountedAt => ({
  at: path,
  device: dev,
  type,
  within,
});

/** What a case of the tables is: files, and which disks they lie on. */
export type Files = Record<string, string | Buffer>;
type Make = (work: string, files: Files) => Subject;

function machine(devices: Device[], mounts: MountedAt[]): Make {
  return (work, files) => systemOf(work, files, devices, mounts);
}

/** Partitions as installers make them. */
export const disks = {
  /** One file system for all, started by UEFI. */
  plain: machine([esp, root], [at('/', '/dev/vda3'), at('/boot/efi', '/dev/vda1', 'vfat')]),
  /** A /boot of its own. */
  separateBoot: machine(
    [esp, boot, root],
    [at('/', '/dev/vda3'), at('/boot', '/dev/vda2'), at('/boot/efi', '/dev/vda1', 'vfat')],
  ),
  /** The EFI system partition is /boot: Arch. */
  espIsBoot: machine([esp, root], [at('/', '/dev/vda3'), at('/boot', '/dev/vda1', 'vfat')]),
  /** The EFI system partition is /efi. */
  espIsEfi: machine([esp, root], [at('/', '/dev/vda3'), at('/efi', '/dev/vda1', 'vfat')]),
} as const;

/** btrfs on /dev/vda3, with these parts of it mounted: { '/': '/@', '/home': '/@home' }. */
export function btrfs(parts: Record<string, string>, defaultSubvolume?: string): Make {
  const content = { ...root, content: 'btrfs' };
  const mounts = Object.entries(parts).map(([path, within]) => at(path, '/dev/vda3', 'btrfs', within));
  return (work, files) => ({
    ...systemOf(work, files, [esp, content], [...mounts, at('/boot/efi', '/dev/vda1', 'vfat')]),
    ...(defaultSubvolume === undefined ? {} : { defaultSubvolumes: new Map([['/dev/vda3', defaultSubvolume]]) }),
  });
}

/** A kernel and its initramfs. */
export function kernelFiles(version: string, folder = 'boot'): Files {
  return { [`${folder}/vmlinuz-${version}`]: 'kernel', [`${folder}/initrd.img-${version}`]: 'initramfs' };
}

/** A variable as a script writes it. */
export const variable = (name: string): string => `\${${name}}`;

export const search = (id: string): string => `search --no-floppy --fs-uuid --set=root ${id}`;

/** An EFI program that says what it is. */
export function efiProgram(mark: string, sections: Record<string, Buffer | string> = {}): Buffer {
  const names = Object.keys(sections);
  const bodies = Object.values(sections).map((body) => Buffer.from(body));
  const head = Buffer.alloc(0x400);
  head.write('MZ');
  head.writeUInt32LE(0x40, 0x3c);
  head.write('PE\0\0', 0x40, 'latin1');
  head.writeUInt16LE(0x8664, 0x44);
  head.writeUInt16LE(names.length, 0x46);
  let end = head.length + Buffer.byteLength(mark);
  for (const [index, body] of bodies.entries()) {
    const entry = 0x58 + index * 40;
    head.write(names[index] ?? '', entry, 'latin1');
    head.writeUInt32LE(body.length, entry + 8);
    head.writeUInt32LE(body.length, entry + 16);
    head.writeUInt32LE(end, entry + 20);
    end += body.length;
  }
  return Buffer.concat([head, Buffer.from(mark), ...bodies]);
}

export const systemdBoot = efiProgram('#### LoaderInfo: systemd-boot 257.7-1 ####');
export const grubEfi = efiProgram('Welcome to GRUB!');
