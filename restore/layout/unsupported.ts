import { RekindleError } from '../../common/errors/error.ts';
import { isSupported } from './content.ts';
import type { Probe } from './probe.ts';
import type { Use } from './select.ts';

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

/**
 * Refuses a use of anything but a plain partition.
 * @throws RekindleError RK411 for LUKS, RK412 for a disk without table, RK410 for the rest; each names device and reason.
 */
export function assertPlainPartition({ at, chain }: Use): void {
  const where = `${at} lies on ${chain.device.path}`;
  if (chain.path.some(({ type }) => type === 'crypt')) throw new RekindleError('RK411', where);
  const layer = chain.path.find(({ type }) => type !== 'disk' && type !== 'part');
  if (layer !== undefined) throw new RekindleError('RK410', `${where}: ${stackWord(layer.type)} (${layer.name})`);
  if (chain.device.type === 'disk') throw new RekindleError('RK412', `${where}, a disk without partitions`);
}

/** Refuses a used content that no layer knows. @throws RekindleError RK410, RK411 for LUKS. */
export function assertKnownContent({ at, chain }: Use, probe: Probe): void {
  if (isSupported(probe.TYPE ?? '')) return;
  const code = probe.TYPE === 'crypto_LUKS' ? 'RK411' : 'RK410';
  throw new RekindleError(code, `${at} lies on ${chain.device.path}: ${describeContent(probe) ?? 'content unknown'}`);
}

function stackWord(type: string): string {
  if (type === 'lvm') return 'an LVM volume';
  if (type.startsWith('raid') || type === 'md') return 'a RAID array';
  if (type === 'mpath') return 'a multipath device';
  return `a device of type ${type}`;
}
