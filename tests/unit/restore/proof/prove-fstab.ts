import { fstab } from '../../../../restore/proof/checks/fstab.ts';
import { fstabRoot } from '../../../../restore/proof/checks/fstab-root.ts';
import { swap } from '../../../../restore/proof/checks/swap.ts';
import type { Device } from '../../../../restore/proof/device.ts';
import type { MountedAt } from '../../../../restore/proof/mounted-at.ts';
import { bootId, device, rootId, systemOf } from './families.ts';
import { nobody, swapId } from './machines.ts';

export const systemd = { 'usr/lib/systemd/systemd': '' };

/** What the three checks of /etc/fstab say together of a system made below `work`: 'pass', 'cannot-tell' or 'fail'. */
export async function proveFstab(
  work: string,
  text: string,
  [devices, mounts]: readonly [Device[], MountedAt[]],
  files: Record<string, string> = systemd,
) {
  const subject = systemOf(work, { 'etc/fstab': text, ...files }, devices, mounts);
  const verdicts = [await fstab.run(subject), await fstabRoot.run(subject), await swap.run(subject)];
  const results = verdicts.map((verdict) => verdict?.result ?? 'pass');
  return {
    result: results.includes('fail') ? 'fail' : results.includes('cannot-tell') ? 'cannot-tell' : 'pass',
    detail: verdicts.map((verdict) => verdict?.detail ?? '').join('\n'),
  };
}

export const plain: [Device[], MountedAt[]] = [
  [
    device('/dev/vda1', { uuid: bootId, label: 'boot', content: 'vfat' }),
    device('/dev/vda2', { uuid: rootId, label: 'cloudimg-rootfs' }),
    device('/dev/vda3', { uuid: swapId, content: 'swap' }),
  ],
  [
    { at: '/', device: '/dev/vda2', type: 'ext4', within: '/' },
    { at: '/boot/efi', device: '/dev/vda1', type: 'vfat', within: '/' },
  ],
];
export const lvm: [Device[], MountedAt[]] = [
  [
    device('/dev/vda1', { content: 'vfat', uuid: 'abcd-12ef' }),
    device('/dev/mapper/pve-root', { type: 'lvm', uuid: rootId }),
    device('/dev/mapper/pve-swap', { type: 'lvm', uuid: swapId, content: 'swap' }),
    device('/dev/mapper/ubuntu--vg-ubuntu--lv', { type: 'lvm', uuid: nobody, content: 'xfs' }),
  ],
  [{ at: '/', device: '/dev/mapper/pve-root', type: 'ext4', within: '/' }],
];
