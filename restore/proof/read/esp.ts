import type { Device } from '../device.ts';
import type { MountedAt } from '../mounted-at.ts';
import type { Subject } from '../subject.ts';

const systemPartition = /^(c12a7328-f81f-11d2-ba4b-00a0c93ec93b|0xef)$/;

/** The EFI system partition of a system: its device where a disk has one, its mount where it is mounted. */
export interface SystemPartition {
  device: Device | null;
  mount: MountedAt | null;
}

export function findEsp({ devices, mounts, root }: Subject): SystemPartition {
  const candidates = devices.filter(({ partitionType }) => systemPartition.test(partitionType ?? ''));
  const usual = mounts.filter(({ at, type }) => type === 'vfat' && /^\/(boot\/efi|efi|boot)$/.test(at));
  const mount =
    mounts.find(({ device }) => candidates.some(({ path }) => path === device)) ??
    usual.find(({ at }) => root.findAnyCase(at, 'EFI') !== null) ??
    usual[0] ??
    null;
  const device =
    candidates.find(({ path }) => path === mount?.device) ??
    devices.find(({ path }) => path === mount?.device) ??
    candidates[0] ??
    null;
  return { device, mount };
}

const extendedBoot = 'bc13c2ff-59e6-4262-a352-b275fd6f7172';

/** Where systemd-boot looks for entries: on the EFI system partition, then on XBOOTLDR. */
export function bootPartitions(subject: Subject): MountedAt[] {
  const { devices, mounts, root } = subject;
  const { mount } = findEsp(subject);
  const typed = devices.filter(({ partitionType }) => partitionType === extendedBoot);
  const extended = mounts.filter(({ device }) => typed.some(({ path }) => path === device));
  // One that is not known for what it is has settings of systemd-boot's.
  const marked = mounts.filter(
    ({ at }) => /^\/(boot|efi|boot\/efi)$/.test(at) && root.isFile(`${at}/loader/loader.conf`),
  );
  return [...new Set([...(mount === null ? [] : [mount]), ...extended, ...marked])];
}

/** UEFI specification 3.5.1.1: what firmware starts without an entry. */
export const fallbackNames: Record<string, string> = {
  x86_64: 'EFI/BOOT/BOOTX64.EFI',
  aarch64: 'EFI/BOOT/BOOTAA64.EFI',
  riscv64: 'EFI/BOOT/BOOTRISCV64.EFI',
  i686: 'EFI/BOOT/BOOTIA32.EFI',
};
