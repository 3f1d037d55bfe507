import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { namesIn } from '../../common/look.ts';
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

/** What a folder holds. */
interface Held {
  volumes: FoundVolume[];
  unreadable: number;
  /** It did not answer: its server or its device is gone. */
  silent: boolean;
}

/** What the kernel makes up holds no sets; what an automounter would bring when it is looked at, nobody asked for. */
const withoutSets =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|mqueue|nsfs|proc|pstore|rpc_pipefs|securityfs|selinuxfs|sysfs|tracefs)$/;

/** Asked all at once: each that is dead takes as long as one. More than a machine has, fewer than processes it has room for. */
const atOnce = 32;

/** Volumes of sets in the folders below `folder`, each named by its set. Those that cannot be read are counted. */
async function volumesIn(folder: string): Promise<Held> {
  const volumes: FoundVolume[] = [];
  let unreadable = 0;
  const names = await namesIn(folder);
  if (names === 'silent') return { volumes, unreadable, silent: true };
  for (const uuid of names ?? []) {
    if (!z.uuid().safeParse(uuid).success) continue;
    const store = directoryStore(join(folder, uuid));
    const info = await readSetInfo(store).catch(() => null);
    if (info === null) unreadable += 1;
    else volumes.push({ store, info });
  }
  return { volumes, unreadable, silent: false };
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
  const mounts = (await listMounts()).filter(({ fstype }) => !withoutSets.test(fstype));
  const places = [...folders, ...new Set(mounts.map(({ target }) => join(target, 'rekindle')))];
  for (let at = 0; at < places.length; at += atOnce) {
    const some = places.slice(at, at + atOnce);
    for (const [index, held] of (await Promise.all(some.map(volumesIn))).entries()) {
      volumes.push(...held.volumes);
      if (held.silent) notes.push(`${some[index]} does not answer: what is there was not looked at`);
    }
  }
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
  const { volumes, unreadable, silent } = await volumesIn(join(at, 'rekindle'));
  if (silent) return { volumes, note: `${device.name} does not answer: what is on it was not looked at` };
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
  // A drive that is failing may never answer; one that reads its disc in takes less.
  const mounting = run(['mount', '-o', options, path, at], { timeoutMs: 120_000 });
  if (
    await mounting.then(
      () => true,
      () => false,
    )
  )
    return at;
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
