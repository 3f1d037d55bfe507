import { chainsOf, listBlockDevices } from '../../layout/lsblk.ts';
import { type Probe, probeDevice } from '../../layout/probe.ts';

/** What a device of this machine holds now. */
export interface Found {
  /** TYPE of blkid; null where nothing is known on it. */
  type: string | null;
  uuid: string | null;
  sizeBytes: number;
}

/** By device node; what is not in this machine is not in it. */
export type FoundContents = ReadonlyMap<string, Found>;

/** Looks at every block device of this machine. Needs root; on what cannot be read nothing is known. */
export async function lookAtDevices(): Promise<FoundContents> {
  const found = new Map<string, Found>();
  for (const { device } of chainsOf(await listBlockDevices())) {
    if (found.has(device.path) || device.size === 0) continue;
    const { TYPE: type = null, UUID: uuid = null } = await probeDevice(device.path).catch((): Probe => ({}));
    found.set(device.path, { type, uuid, sizeBytes: device.size });
  }
  return found;
}
