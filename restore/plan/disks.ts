import { formatBytes } from '../../common/format.ts';
import { type BlockDevice, chainsOf, isDisk, isRemovable, listBlockDevices } from '../layout/lsblk.ts';
import { listMounts } from '../layout/mounts.ts';
import { type Probe, probeDevice } from '../layout/probe.ts';
import type { Layout } from '../layout/schema.ts';
import { describeContent } from '../layout/unsupported.ts';
import type { LoadOf } from './resize/claims.ts';
import { leastBytes } from './resize/resize.ts';
import { misfit } from './size.ts';
import type { TargetDisk } from './step.ts';
import { volumeGroupName } from './volume-group.ts';

export interface DiskQuestion {
  /** What this system was started from: '/dev/sr0', '/dev/sdb1' (its whole disk is meant). */
  mediumDevices: readonly string[];
  /** With it, disks that are too small for every saved disk are refused. */
  layout?: Layout;
  /** With it, too: what the file systems hold, for they can shrink. */
  loadOf?: LoadOf;
}

/**
 * The disks of this machine as targets, the refused ones with their reason. Reads each disk, mounts nothing.
 */
export async function listTargetDisks(question: DiskQuestion): Promise<TargetDisk[]> {
  const devices = await listBlockDevices();
  const medium = diskNames(devices, question.mediumDevices);
  const rootNumber = (await listMounts()).findLast(({ target }) => target === '/')?.['maj:min'];
  const disks = devices.filter((device) => isDisk(device) || medium.has(device.path));
  const found: TargetDisk[] = [];
  for (const device of disks) {
    const isMedium = medium.has(device.path);
    const runsFrom = chainsOf([device]).some((chain) => chain.device['maj:min'] === rootNumber);
    const refusal = isMedium
      ? 'this medium'
      : runsFrom
        ? 'the running system is on it'
        : refuse(device, question.layout, question.loadOf);
    found.push(await describeDisk(device, refusal));
  }
  return found;
}

/** Disks of the given devices; a loop device that a medium is mounted through counts for itself. */
function diskNames(devices: readonly BlockDevice[], given: readonly string[]): Set<string> {
  const hit = chainsOf(devices).filter(({ device }) => given.includes(device.path));
  return new Set([...given, ...hit.flatMap(({ path }) => path[0]?.path ?? [])]);
}

/** Why a disk that is not in use here cannot be chosen; null when it can. */
export function refuse(
  device: { size: number; ro: boolean; 'log-sec': number },
  layout: Layout | undefined,
  loadOf?: LoadOf,
): string | null {
  if (device.size === 0) return 'no medium in it';
  if (device.ro) return 'read-only';
  if (layout === undefined || layout.disks.length === 0) return null;
  const disk = { sizeBytes: device.size, logicalSectorBytes: device['log-sec'] };
  const problems = layout.disks.map((saved) =>
    misfit(saved, disk, loadOf ? leastBytes(layout, loadOf, saved) : undefined),
  );
  if (problems.includes(null)) return null;
  // Of several saved disks the one that comes nearest to fitting tells the reason.
  const small = problems.filter((problem) => problem?.code === 'RK401').at(-1);
  if (small != null) return `too small: ${small.reason}`;
  return problems[0]?.reason ?? null;
}

/** One disk with what is on it, as read from the disk itself. */
export async function describeDisk(device: BlockDevice, refusal: string | null): Promise<TargetDisk> {
  const partitions = device.children.filter(({ type }) => type === 'part');
  const readable = device.size > 0;
  const probes = readable
    ? await Promise.all(partitions.map(async (part) => ({ part, probe: await probe(part.path) })))
    : [];
  return {
    path: device.path,
    name: device.name,
    model: device.model ?? '',
    serial: device.serial,
    wwn: device.wwn,
    sizeBytes: device.size,
    logicalSectorBytes: device['log-sec'],
    transport: device.tran,
    removable: isRemovable(device),
    contents: readable ? await describeContents(device, probes) : [],
    refusal,
    partitions: partitions.map(({ path }) => path),
  };
}

interface Probed {
  part: BlockDevice;
  probe: Probe;
}

/** A disk with bad sectors must stay in the list: what cannot be read says so. */
async function probe(path: string): Promise<Probe> {
  return probeDevice(path).catch(() => ({ UNREADABLE: '1' }));
}

async function describeContents(device: BlockDevice, probes: readonly Probed[]): Promise<string[]> {
  if (probes.length === 0) {
    const whole = await probe(device.path);
    const content = await sentence(device.path, whole, device.size);
    if (content !== null) return [content];
    return whole.PTTYPE === undefined ? [] : [`empty ${whole.PTTYPE === 'gpt' ? 'GPT' : 'MBR'} partition table`];
  }
  const sentences = await Promise.all(
    probes.map(async ({ part, probe: found }) => {
      // An extended partition is only a frame around others.
      if (found.PTTYPE !== undefined && found.TYPE === undefined) return null;
      return (await sentence(part.path, found, part.size)) ?? `unknown ${formatBytes(part.size)}`;
    }),
  );
  const known = sentences.filter((text) => text !== null);
  const count = probes.length === 1 ? '1 partition' : `${probes.length} partitions`;
  return known.length > 0 ? known : [`${count}, nothing known in ${probes.length === 1 ? 'it' : 'them'}`];
}

async function sentence(device: string, found: Probe, size: number): Promise<string | null> {
  const content = describeContent(found);
  if (content === null) return null;
  const group = found.TYPE === 'LVM2_member' ? await volumeGroupName(device) : null;
  return `${content}${group === null ? '' : ` of ${group}`} ${formatBytes(size)}`;
}
