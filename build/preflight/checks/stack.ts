import { chainsOf, listBlockDevices } from '../../../restore/layout/lsblk.ts';
import { type Probe, probeDevice } from '../../../restore/layout/probe.ts';
import type { Check } from '../finding.ts';
import { missingFinding, missingTools } from './missing.ts';

/** Tools that make a layer again, by blkid's type of what lies on its members. */
const toolsOf: Readonly<Record<string, readonly string[]>> = {
  linux_raid_member: ['mdadm'],
  crypto_LUKS: ['cryptsetup', 'dmsetup'],
  LVM2_member: [
    'lvm',
    'pvcreate',
    'vgcreate',
    'lvcreate',
    'vgchange',
    'lvchange',
    'vgcfgbackup',
    'vgcfgrestore',
    'dmsetup',
  ],
};

/** The tools for these contents; a thin pool is checked by one of its own before it becomes active. */
export function stackTools(types: readonly string[], thin: boolean): string[] {
  const tools = types.flatMap((type) => toolsOf[type] ?? []);
  return [...new Set(thin ? [...tools, 'thin_check'] : tools)];
}

export const stack: Check = {
  id: 'stack',
  title: 'Tools for RAID, encryption and volume groups',
  async run(context) {
    if (context.uid !== 0) return [{ level: 'ok' }];
    const devices = chainsOf(await listBlockDevices()).map(({ device }) => device);
    const probes = await Promise.all(
      devices.map(
        ({ path, size }): Promise<Probe> => (size === 0 ? Promise.resolve({}) : probeDevice(path).catch(() => ({}))),
      ),
    );
    const types = probes.flatMap(({ TYPE }) => TYPE ?? []);
    const thin = devices.some(({ type, name }) => type === 'lvm' && name.endsWith('_tmeta'));
    const missing = await missingTools(stackTools(types, thin));
    return missingFinding(context, 'problem', missing, 'Without them what lies on these layers cannot be made again.');
  },
};
