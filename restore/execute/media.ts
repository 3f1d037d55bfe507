import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { run } from '../../common/run.ts';
import { nameOf } from '../archive/name-of-set.ts';
import { readSetInfo } from '../archive/open-set.ts';
import type { SetInfo } from '../archive/set-schema.ts';
import { directoryStore } from '../archive/store/directory.ts';
import type { VolumeStore } from '../archive/store/store.ts';
import { listMounts } from '../layout/mounts.ts';
import { runJson } from '../layout/probe.ts';
import { readOnlyOptions } from '../layout/read-only.ts';

/** Where discs and sticks that were put in are mounted, each by its device's name. */
const mountRoot = '/run/rekindle/volumes';

/** One volume of some set. */
export interface FoundVolume {
  store: VolumeStore;
  info: SetInfo;
}

/** What was found at one place. */
interface Look {
  volumes: FoundVolume[];
  /** For people; null when there is nothing to say. */
  note: string | null;
}

const deviceSchema = z.object({
  blockdevices: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      type: z.string(),
      fstype: z.string().nullable(),
      rm: z.boolean(),
      tran: z.string().nullable(),
      hotplug: z.boolean(),
      mountpoints: z.array(z.string().nullable()),
    }),
  ),
});
type Device = z.infer<typeof deviceSchema>['blockdevices'][number];

/** A disk that is built in may be the machine's old one, so there only discs and images of discs are looked at. */
function isPossible({ type, fstype, rm: removable, tran, hotplug }: Device): boolean {
  if (!['rom', 'part', 'disk'].includes(type) || readOnlyOptions[fstype ?? ''] === undefined) return false;
  return type === 'rom' || fstype === 'iso9660' || fstype === 'udf' || removable || hotplug || tran === 'usb';
}

/** Volumes of sets in the folders below `folder`, each named by its set. Those that cannot be read are counted. */
async function volumesIn(folder: string): Promise<{ volumes: FoundVolume[]; unreadable: number }> {
  const volumes: FoundVolume[] = [];
  let unreadable = 0;
  for (const uuid of await readdir(folder).catch((): string[] => [])) {
    if (!z.uuid().safeParse(uuid).success) continue;
    const store = directoryStore(join(folder, uuid));
    const info = await readSetInfo(store).catch(() => null);
    if (info === null) unreadable += 1;
    else volumes.push({ store, info });
  }
  return { volumes, unreadable };
}

/**
 * Looks at everything that is plugged in, put in or mounted, and in the folders that are named. What holds no volume that
 * `isWanted` is let go of again.
 * @returns the volumes, and for people what else is there
 */
export async function lookAround(
  folders: Iterable<string>,
  isWanted: (set: string) => boolean,
): Promise<{ volumes: FoundVolume[]; notes: string[] }> {
  const volumes: FoundVolume[] = [];
  const notes: string[] = [];
  for (const folder of folders) volumes.push(...(await volumesIn(folder)).volumes);
  for (const { target } of await listMounts()) volumes.push(...(await volumesIn(join(target, 'rekindle'))).volumes);
  const argv = ['lsblk', '--json', '--list', '--output', 'NAME,PATH,TYPE,FSTYPE,RM,TRAN,HOTPLUG,MOUNTPOINTS'] as const;
  for (const device of (await runJson(argv, deviceSchema)).blockdevices) {
    if (!isPossible(device)) continue;
    const look = await lookAt(device, isWanted);
    volumes.push(...look.volumes);
    if (look.note !== null) notes.push(look.note);
  }
  return { volumes, notes };
}

async function lookAt(device: Device, isWanted: (set: string) => boolean): Promise<Look> {
  const at = device.mountpoints.find((point) => point !== null) ?? (await mountReadOnly(device));
  if (at === null) return { volumes: [], note: null };
  const { volumes, unreadable } = await volumesIn(join(at, 'rekindle'));
  if (at === join(mountRoot, device.name) && !volumes.some(({ info }) => isWanted(info.set))) await unmount(at);
  const holds = volumes.map(({ info }) => `volume ${info.volume} of ${nameOf(info)}`);
  if (holds.length > 0) return { volumes, note: `${device.name} holds ${holds.join(', ')}` };
  if (unreadable > 0) return { volumes, note: `${device.name}: its set.json cannot be read` };
  return { volumes, note: device.type === 'rom' ? `${device.name} holds no Rekindle set` : null };
}

/**
 * Lets go of the discs, so that the drives open; a disc that is being read stays. The rescue system itself lies in memory
 * where discs are changed.
 * @param medium where the machine was booted from @returns where nothing is mounted any more
 */
export async function makeRoom(medium: string): Promise<string[]> {
  const names = await readdir(mountRoot).catch((): string[] => []);
  const left: string[] = [];
  for (const at of [...names.map((name) => join(mountRoot, name)), medium]) {
    const { stdout } = await run(['findmnt', '--noheadings', '--output', 'SOURCE', '--mountpoint', at], {
      okExit: [0, 1],
    });
    const source = stdout.trim();
    if (!source.startsWith('/dev/sr') || !(await unmount(at))) continue;
    left.push(at);
    await run(['eject', source], { okExit: [0, 1] }).catch(() => undefined);
  }
  return left;
}

async function mountReadOnly({ name, path, fstype }: Device): Promise<string | null> {
  const at = join(mountRoot, name);
  await mkdir(at, { recursive: true });
  const options = readOnlyOptions[fstype ?? ''] ?? 'ro';
  const { exitCode } = await run(['mount', '-o', options, path, at], { okExit: [0, 1, 32] });
  if (exitCode === 0) return at;
  await rm(at, { recursive: false, force: true }).catch(() => undefined);
  return null;
}

async function unmount(at: string): Promise<boolean> {
  return (await run(['umount', at], { okExit: [0, 1, 32] })).exitCode === 0;
}

/** The folder that holds a volume's folder: other sets may lie beside it. */
export function folderOf({ directory }: VolumeStore): string | null {
  return directory === null ? null : dirname(directory);
}
