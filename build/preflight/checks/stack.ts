import { RekindleError } from '../../../common/errors/error.ts';
import { MissingProgram } from '../../../common/start-failure.ts';
import { chainsOf, isDisk, listBlockDevices } from '../../../restore/layout/lsblk.ts';
import { type Probe, probeDevice } from '../../../restore/layout/probe.ts';
import { type Check, type Finding, needsRoot, notChecked, ok } from '../finding.ts';
import { programs, programsFor } from '../programs.ts';
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

/** The tools for these contents, to describe and to make them; a thin pool is checked by one of its own before it becomes active. */
export function stackTools(types: readonly string[], thin: boolean): string[] {
  const tools = types.flatMap((type) => [...(programs.types[type] ?? []), ...(toolsOf[type] ?? [])]);
  return [...new Set(thin ? [...tools, 'thin_check'] : tools)];
}

export const stack: Check = {
  id: 'stack',
  title: 'Tools for what lies on the disks: file systems, RAID, encryption, volume groups',
  async run(context) {
    if (context.uid !== 0) return needsRoot;
    const trees = (await listBlockDevices()).filter(isDisk);
    const devices = chainsOf(trees).map(({ device }) => device);
    const probes = await Promise.all(devices.filter(({ size }) => size > 0).map(({ path }) => probe(path)));
    const types = probes.flatMap((each) => ('TYPE' in each ? (each.TYPE ?? []) : []));
    const thin = devices.some(({ type, name }) => type === 'lvm' && name.endsWith('_tmeta'));
    const known = programsFor(context);
    const missing = await missingTools(stackTools(types, thin).filter((tool) => !known.includes(tool)));
    const consequence = 'Without them what lies on the disks can be neither described nor made again.';
    const found = missing.length > 0 ? missingFinding(context, 'problem', missing, consequence) : [];
    const silent = probes.flatMap((each) => ('unread' in each ? each.unread : []));
    const unread: Finding[] = silent.length > 0 ? notChecked(`Could not be read: ${silent.join(', ')}.`) : [];
    return found.length + unread.length > 0 ? [...found, ...unread] : ok;
  },
};

/** @throws MissingProgram: then nothing is known of any device */
async function probe(device: string): Promise<Probe | { unread: string }> {
  try {
    return await probeDevice(device);
  } catch (error) {
    if (error instanceof MissingProgram || !(error instanceof RekindleError)) throw error;
    return { unread: `${device} (${error.code})` };
  }
}
