import type { Device } from '../../../../restore/proof/device.ts';
import type { MountedAt } from '../../../../restore/proof/mounted-at.ts';
import { bootId, device, rootId } from './families.ts';

export const luksId = 'cccccccc-0000-4000-8000-000000000003';
export const swapId = 'dddddddd-0000-4000-8000-000000000004';
export const nobody = '99999999-9999-4999-8999-999999999999';

/** GRUB's menu with these kernel arguments. */
export function grub(options: string): Record<string, string> {
  return {
    'boot/grub/grub.cfg': `menuentry 'Linux' {\n linux /boot/vmlinuz-6.1 ${options}\n initrd /boot/initrd.img-6.1\n}\n`,
    'boot/vmlinuz-6.1': 'k',
    'boot/initrd.img-6.1': 'i',
  };
}

/** ext4 /boot beside a LUKS partition, opened by a restore under a name of its own; swap and an NTFS. */
export const encrypted: Device[] = [
  device('/dev/vda1', { uuid: bootId, label: 'boot', partitionId: 'abcd1234-01', partitionLabel: 'Boot Platte' }),
  device('/dev/vda2', { content: 'crypto_LUKS', uuid: luksId, label: 'krypta' }),
  device('/dev/vda3', { content: 'swap', uuid: swapId }),
  device('/dev/vda4', { content: 'ntfs', uuid: '3a5b1c2d4e5f6071', label: 'Daten Übung' }),
  device('/dev/vda5', { content: null, partitionId: 'abcd1234-05' }),
  device('/dev/vda6', { content: 'BitLocker', partitionId: 'abcd1234-06' }),
  device('/dev/mapper/rekindle-2', { type: 'crypt', uuid: rootId, below: ['/dev/vda2', '/dev/vda'] }),
];
export const encryptedMounts: MountedAt[] = [
  { at: '/', device: '/dev/mapper/rekindle-2', type: 'ext4', within: '/' },
  { at: '/boot', device: '/dev/vda1', type: 'ext4', within: '/' },
];

const members = (number: number, label: string | null): Device[] => [
  device(`/dev/vda${number}`, {
    content: 'linux_raid_member',
    uuid: `0000000${number}-0000-4000-8000-00000000000a`,
    label,
  }),
];

function array(number: number, content: string, uuid: string): Device {
  const below = [`/dev/vda${number}`, '/dev/vda'];
  return device(`/dev/md20${number}`, {
    ...{ type: 'raid1', content, uuid, below, aliases: [`/dev/md/20${number}`] },
  });
}

/** Swap, /boot and / on arrays whose superblocks have these names; a restore counts from md200. */
export function arrays(labels: readonly (string | null)[]): Device[] {
  return [
    ...labels.flatMap((label, index) => members(index + 1, label)),
    array(1, 'swap', swapId),
    array(2, 'ext3', bootId),
    array(3, 'ext4', rootId),
  ];
}
export const arrayMounts: MountedAt[] = [
  { at: '/', device: '/dev/md203', type: 'ext4', within: '/' },
  { at: '/boot', device: '/dev/md202', type: 'ext3', within: '/' },
];

/** btrfs with Arch's subvolumes, mounted as a restore mounts them. */
export const btrfs: Device[] = [
  device('/dev/vda1', { content: 'vfat', uuid: 'abcd-12ef' }),
  device('/dev/vda2', { content: 'btrfs', uuid: rootId, label: 'arch' }),
];
export const btrfsMounts: MountedAt[] = [
  { at: '/', device: '/dev/vda2', type: 'btrfs', within: '/@', subvolumeId: 256 },
  { at: '/home', device: '/dev/vda2', type: 'btrfs', within: '/@home', subvolumeId: 257 },
  { at: '/boot', device: '/dev/vda1', type: 'vfat', within: '/' },
];
