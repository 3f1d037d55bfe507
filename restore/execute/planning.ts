import { randomUUID } from 'node:crypto';
import { RekindleError } from '../../common/errors/error.ts';
import type { RecoverySet } from '../archive/open-set.ts';
import { probeHere } from '../bootloader/firmware.ts';
import type { Layout } from '../layout/schema.ts';
import { listTargetDisks } from '../plan/disks.ts';
import type { DevicesAnswer } from '../plan/part/device-here.ts';
import { type DeviceQuestion, listDevicesHere } from '../plan/part/devices-here.ts';
import { lookAtDevices } from '../plan/part/found.ts';
import { planOneFileSystem } from '../plan/part/one-file-system.ts';
import type { FileSystemOrder, PartOrder } from '../plan/part/order.ts';
import { listFileSystems } from '../plan/part/saved-file-system.ts';
import { planPart } from '../plan/part/scope.ts';
import { type PlanInput, planRestore } from '../plan/plan.ts';
import { loadFrom } from '../plan/resize/claims.ts';
import type { Plan, Sizes, TargetDisk } from '../plan/step.ts';
import { findMediumDevices } from './medium.ts';
import type { OpenedChain } from './opened-chain.ts';

/** A saved disk, by its layout id, and the path or name of a disk of this machine. */
export interface Target {
  source: string;
  disk: string;
}

/** What is to be planned. */
export interface PlanOrder {
  /** Where the backup is read from. */
  medium: string;
  targets: readonly Target[];
  sizes: Sizes;
  /** A part of it only; one file system has a device instead of targets. */
  part: PartOrder | undefined;
}

/** The disks of this machine; those that the backup is read from cannot be chosen. */
export async function listDisksFor(opened: OpenedChain | null, medium: string): Promise<TargetDisk[]> {
  const set = opened?.set;
  const manifests = (opened?.sets ?? []).flatMap((each) => each.set.manifest ?? []);
  const mediumDevices = await findMediumDevices([medium, ...(opened?.directories ?? [])]);
  return listTargetDisks({
    mediumDevices,
    ...(set?.layout ? { layout: set.layout, loadOf: loadFrom(manifests) } : {}),
    ...(set ? { set: set.info.set } : {}),
  });
}

/** What can be restored alone, and into what. @throws RekindleError RK403 */
export async function listDevicesFor(opened: OpenedChain, medium: string): Promise<DevicesAnswer> {
  const { manifest } = opened.set;
  if (manifest === null) throw noBackup(opened.set);
  const mediumDevices = await findMediumDevices([medium, ...opened.directories]);
  const { devices } = await listDevicesHere({ mediumDevices });
  return { fileSystems: listFileSystems(layoutOf(opened.set), manifest), devices };
}

/** Plans onto the named disks or device. Nothing is written. @throws RekindleError RK009, RK403; as planRestore, planPart, planOneFileSystem */
export async function planOnto(opened: OpenedChain, { medium, targets, sizes, part }: PlanOrder): Promise<Plan> {
  const { set, sets } = opened;
  const layout = layoutOf(set);
  const bases = sets.slice(1).map((base) => base.set);
  const saved = { set: set.info, manifest: set.manifest, layout, bases };
  if (part !== undefined && 'fileSystem' in part)
    return planOne(saved, part, { mediumDevices: await findMediumDevices([medium, ...opened.directories]) });
  const here = await listDisksFor(opened, medium);
  const chosen = targets.map(({ source, disk }) => {
    const found = here.find(({ path, name }) => path === disk || name === disk);
    if (!found) throw new RekindleError('RK009', `${disk} is not in this machine`);
    return { source, disk: found };
  });
  const input = { ...saved, targets: chosen, here: await probeHere(), sizes };
  return part === undefined ? planRestore(input) : planPart(input, part.only, await lookAtDevices());
}

/** One file system into a device of this machine. @throws RekindleError RK009; as planOneFileSystem */
export async function planOne(
  saved: Pick<PlanInput, 'set' | 'manifest' | 'layout' | 'bases'>,
  { fileSystem, device, make }: FileSystemOrder,
  medium: Omit<DeviceQuestion, 'named'>,
): Promise<Plan> {
  const { devices, ids } = await listDevicesHere({ ...medium, named: device });
  const found = devices.find(({ path, name }) => path === device || name === device);
  if (!found) throw new RekindleError('RK009', `${device} is not in this machine, or takes no file system`);
  const takenIds = new Set([...ids].flatMap(([path, id]) => (path === found.path ? [] : id)));
  return planOneFileSystem({ ...saved, fileSystem, device: found, make, takenIds, newId: randomUUID() });
}

function layoutOf(set: RecoverySet): Layout {
  if (set.layout === null) throw noBackup(set);
  return set.layout;
}

function noBackup({ info }: RecoverySet): RekindleError {
  return new RekindleError('RK403', `set ${info.set} of ${info.machine.hostname}`);
}
