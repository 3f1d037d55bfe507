import * as z from 'zod';
import { runJson } from './probe.ts';

/** Older util-linux print numbers and booleans as strings. */
const number = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);
const flag = z.union([z.boolean(), z.string().transform((text) => text === '1' || text === 'true')]);
const text = z
  .string()
  .nullish()
  .transform((value) => (value == null || value.trim() === '' ? null : value.trim()));

const deviceFields = z.object({
  name: z.string(),
  path: z.string(),
  'maj:min': z.string(),
  /** 'disk', 'part', 'lvm', 'crypt', 'raid1', 'loop', 'rom' ... */
  type: z.string(),
  size: number.nullish().transform((value) => value ?? 0),
  ro: flag,
  rm: flag,
  hotplug: flag,
  model: text,
  serial: text,
  wwn: text,
  tran: text,
  'log-sec': number,
  /** Partition GUID, or MBR signature and number. */
  partuuid: text,
});
export type BlockDevice = z.infer<typeof deviceFields> & { children: BlockDevice[] };

const deviceSchema: z.ZodType<BlockDevice> = deviceFields.extend({
  children: z.lazy(() =>
    z
      .array(deviceSchema)
      .nullish()
      .transform((list) => list ?? []),
  ),
}) as z.ZodType<BlockDevice>;
export const lsblkSchema = z.object({ blockdevices: z.array(deviceSchema) });

const columns = 'NAME,PATH,MAJ:MIN,TYPE,SIZE,RO,RM,HOTPLUG,MODEL,SERIAL,WWN,TRAN,LOG-SEC,PARTUUID';

/** All block devices as trees: a disk, its partitions, what is built on them. Sizes in bytes. */
export async function listBlockDevices(): Promise<BlockDevice[]> {
  const { blockdevices } = await runJson(['lsblk', '--json', '--bytes', '-o', columns], lsblkSchema);
  return blockdevices;
}

/** A device with everything it is built on, the disk first. */
export interface Chain {
  device: BlockDevice;
  /** Whole chain, disk first, the device itself last. */
  path: BlockDevice[];
}

/** Every device of the trees with its ancestors; one over several disks (an array) comes once per path. */
export function chainsOf(trees: readonly BlockDevice[], above: readonly BlockDevice[] = []): Chain[] {
  return trees.flatMap((device) => {
    const path = [...above, device];
    return [{ device, path }, ...chainsOf(device.children, path)];
  });
}

/** A real disk: not a loop, RAM, compressed RAM, floppy or CD device. */
export function isDisk(device: BlockDevice): boolean {
  return device.type === 'disk' && !/^(zram|ram|loop|fd|nbd|sr)\d/.test(device.name);
}

export function isRemovable(device: BlockDevice): boolean {
  return device.rm || device.hotplug || device.tran === 'usb';
}
