import { RekindleError } from '../../common/errors/error.ts';
import { isSupported } from './content.ts';
import type { BlockDevice } from './lsblk.ts';
import { type Probe, probeDevice } from './probe.ts';
import type { Use } from './select.ts';
import { isArray } from './stack.ts';

import { describeContent } from './unsupported-words.ts';

export { describeContent };

/** Swap through a mapping without a header: its key is new at each boot (crypttab's 'swap'), so nothing of it is kept. */
export function isRandomSwap({ at, chain }: Use, below: Probe): boolean {
  return at === 'swap' && chain.device.type === 'crypt' && below.TYPE !== 'crypto_LUKS';
}

/**
 * Refuses a use of anything but partitions, whole disks, md arrays, LUKS and LVM volumes in any order.
 * @throws RekindleError RK411 for encryption without a LUKS header, RK410 for the rest; each names device and reason.
 */
export async function assertKnownStack({ at, chain }: Use): Promise<void> {
  const where = `${at} lies on ${chain.device.path}`;
  for (const [index, device] of chain.path.entries()) {
    const below = chain.path[index - 1];
    if (index === 0 || isArray(device) || device.type === 'lvm') continue;
    if (device.type === 'part' && below?.type === 'disk' && index === 1) continue;
    if (device.type === 'crypt' && below !== undefined) {
      if ((await probeDevice(below.path)).TYPE === 'crypto_LUKS') continue;
      throw new RekindleError('RK411', `${where}: ${below.path} has no LUKS header`);
    }
    throw new RekindleError('RK410', `${where}: ${stackWord(device)} (${device.name})`);
  }
}

/** Refuses a used content that no layer knows. @throws RekindleError RK410 */
export function assertKnownContent({ at, chain }: Use, probe: Probe): void {
  if (isSupported(probe.TYPE ?? '')) return;
  throw new RekindleError(
    'RK410',
    `${at} lies on ${chain.device.path}: ${describeContent(probe) ?? 'content unknown'}`,
  );
}

function stackWord({ type, name }: BlockDevice): string {
  if (/^bcache\d/.test(name)) return 'a bcache device';
  if (/^drbd\d/.test(name)) return 'a DRBD device';
  if (type === 'mpath') return 'a multipath device';
  if (type === 'dmraid') return 'a firmware RAID (dmraid)';
  if (type === 'part') return 'a partition table inside of another layer';
  return `a device of type ${type}`;
}
