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
};

/** 'NTFS "Windows"', 'LVM physical volume', 'swap'; null when nothing is known on it. */
export function describeContent(probe: Probe): string | null {
  const type = probe.AMBIVALENT !== undefined ? 'AMBIVALENT' : probe.TYPE;
  if (type === undefined) return null;
  const label = probe.LABEL === undefined || probe.LABEL === '' ? '' : ` "${probe.LABEL}"`;
  return `${words[type] ?? type}${label}`;
}

/**
 * Refuses a use that lies on anything but a plain partition with a known content.
 * @throws RekindleError RK411 for LUKS, RK412 for a disk without table, RK410 for the rest; each names device and reason.
 */
export function assertSupported({ at, chain }: Use, probe: Probe): void {
  const where = `${at} lies on ${chain.device.path}`;
  const types = chain.path.map(({ type }) => type);
  if (types.includes('crypt') || probe.TYPE === 'crypto_LUKS') throw new RekindleError('RK411', where);
  const layer = chain.path.find(({ type }) => type !== 'disk' && type !== 'part');
  if (layer !== undefined) throw new RekindleError('RK410', `${where}: ${stackWord(layer.type)} (${layer.name})`);
  if (chain.device.type === 'disk') {
    throw new RekindleError('RK412', `${where}, a disk without partitions`);
  }
  const type = probe.TYPE ?? '';
  if (!isSupported(type)) throw new RekindleError('RK410', `${where}: ${describeContent(probe) ?? 'content unknown'}`);
}

function stackWord(type: string): string {
  if (type === 'lvm') return 'an LVM volume';
  if (type.startsWith('raid') || type === 'md') return 'a RAID array';
  if (type === 'mpath') return 'a multipath device';
  return `a device of type ${type}`;
}
