import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { lvmConfig } from '../layout/lvm-config.ts';
import { probeDevice } from '../layout/probe.ts';
import { readMarker } from './marker.ts';

/** A part of a device, in bytes. */
interface Window {
  offset: number;
  length: number;
}

/** Each costs a loop device and a mount; a disk could be made with more than anybody can wait for. */
const mostVolumes = 256;

/**
 * The set that was restored onto this device, also where its file system lies in a mirror (md RAID 1) or in a volume of LVM that is
 * in one piece. Nothing is assembled, activated or written: each layer is looked through by a read-only loop device.
 * Null where there is no marker, and where none can be seen: below encryption and other levels of RAID.
 */
async function markerBelow(device: string, depth = 3): Promise<string | null> {
  const type = (await probeDevice(device)).TYPE ?? '';
  if (type !== 'linux_raid_member' && type !== 'LVM2_member') return readMarker(device, type);
  if (depth === 0) return null;
  const windows = type === 'LVM2_member' ? await volumesOn(device) : await mirrorOn(device);
  for (const window of windows.slice(0, mostVolumes)) {
    const found = await through(device, window, (path) => markerBelow(path, depth - 1));
    if (found !== null) return found;
  }
  return null;
}

async function through<T>(device: string, { offset, length }: Window, look: (path: string) => Promise<T>): Promise<T> {
  const size = ['--offset', `${offset}`, '--sizelimit', `${length}`] as const;
  const { stdout } = await run(['losetup', '--read-only', '--show', '--find', ...size, device]);
  const path = stdout.trim();
  try {
    return await look(path);
  } finally {
    await run(['losetup', '--detach', path]);
  }
}

/** mdadm(8), --examine: each member of a mirror holds all of it, behind its data offset. */
async function mirrorOn(device: string): Promise<Window[]> {
  const { stdout } = await run(['mdadm', '--examine', device], { okExit: [0, 1] });
  const field = (name: string): string | undefined => new RegExp(`^ *${name} : (.*)$`, 'm').exec(stdout)?.[1];
  const kibibytes = Number.parseInt(field('Array Size') ?? '', 10);
  if (field('Raid Level') !== 'raid1' || Number.isNaN(kibibytes)) return [];
  const sectors = Number.parseInt(field('Data Offset') ?? '0', 10);
  return [{ offset: sectors * 512, length: kibibytes * 1024 }];
}

/** lvs(8): volumes of one linear piece on this device. */
async function volumesOn(device: string): Promise<Window[]> {
  const common = ['--readonly', '--config', lvmConfig([device]), '--noheadings', '--units', 'b', '--nosuffix'] as const;
  const okExit = [0, 5];
  const sizes = await run(['pvs', ...common, '--separator', '|', '-o', 'pe_start,vg_extent_size', device], { okExit });
  const [start, extent] = sizes.stdout.trim().split('|').map(Number);
  if (!start || !extent) return [];
  const fields = 'segtype,seg_count,seg_size,seg_pe_ranges';
  const { stdout } = await run(['lvs', ...common, '--separator', '|', '-o', fields], { okExit });
  return stdout.split('\n').flatMap((line) => {
    const [type, count, length, ranges = ''] = line.trim().split('|');
    const first = /^(\S+):(\d+)-\d+$/.exec(ranges);
    if (type !== 'linear' || count !== '1' || first?.[1] !== device) return [];
    return [{ offset: start + Number(first[2]) * extent, length: Number(length) }];
  });
}

/** The same of any of these devices; what cannot be looked at is told, and says nothing. */
export async function markerBelowAny(devices: readonly string[], tell: (line: string) => void): Promise<string | null> {
  for (const device of devices) {
    try {
      const found = await markerBelow(device);
      if (found !== null) return found;
    } catch (error) {
      const reason = error instanceof RekindleError ? error.reason : String(error);
      tell(`${device} was not looked at for an earlier restore: ${reason}`);
    }
  }
  return null;
}
