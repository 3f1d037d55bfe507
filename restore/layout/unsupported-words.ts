import type { Probe } from './probe.ts';

/** blkid's types in people's words. */
const words: Record<string, string> = {
  LVM2_member: 'LVM physical volume',
  crypto_LUKS: 'LUKS encrypted',
  linux_raid_member: 'RAID member (md)',
  isw_raid_member: 'RAID member (Intel firmware)',
  ddf_raid_member: 'RAID member (DDF firmware)',
  zfs_member: 'ZFS',
  bcache: 'bcache',
  ntfs: 'NTFS',
  BitLocker: 'BitLocker',
  swsuspend: 'hibernation image in swap',
  AMBIVALENT: 'contradicting signatures',
  UNREADABLE: 'unreadable',
};

/** 'NTFS "Windows"', 'LVM physical volume', 'swap'; null when nothing is known on it. */
export function describeContent(probe: Probe): string | null {
  const type = ['AMBIVALENT', 'UNREADABLE'].find((word) => probe[word] !== undefined) ?? probe.TYPE;
  if (type === undefined) return null;
  const label = probe.LABEL === undefined || probe.LABEL === '' ? '' : ` "${probe.LABEL}"`;
  return `${words[type] ?? type}${label}`;
}
