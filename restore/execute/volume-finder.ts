import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import { type RecoverySet, readSetInfo } from '../archive/open-set.ts';
import { directoryStore } from '../archive/store/directory.ts';
import type { VolumeStore } from '../archive/store/store.ts';
import { runJson } from '../layout/probe.ts';
import { log } from './log.ts';

/** Where discs and sticks that were put in are mounted, each by its device's name. */
const mountRoot = '/run/rekindle/volumes';
const lookAgainMs = 1500;

/** What is asked for, as a screen shows it. */
export interface WantedVolume {
  volume: number;
  of: number;
  /** What was found instead: 'sr0 holds volume 1 of this set', 'sr0 holds another set: web02, made 2026-11-20'. */
  seen: string[];
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

/**
 * How to mount without writing a byte: even a read-only mount would replay a journal. A disk that is built in may be the
 * machine's old one, so there only discs and images of discs are looked at.
 */
const readOnlyOptions: Readonly<Record<string, string>> = {
  iso9660: 'ro',
  udf: 'ro',
  vfat: 'ro',
  exfat: 'ro',
  ntfs: 'ro',
  ext2: 'ro,noload',
  ext3: 'ro,noload',
  ext4: 'ro,noload',
  xfs: 'ro,norecovery',
  btrfs: 'ro,rescue=nologreplay',
};

function isPossible({ type, fstype, rm, tran, hotplug }: Device): boolean {
  if (!['rom', 'part', 'disk'].includes(type) || readOnlyOptions[fstype ?? ''] === undefined) return false;
  return type === 'rom' || fstype === 'iso9660' || fstype === 'udf' || rm || hotplug || tran === 'usb';
}

/** Looks for a set's volumes on everything that is plugged in or put in, one drive in turn included. */
export class VolumeFinder {
  readonly #set: RecoverySet;
  readonly #onWanted: (wanted: WantedVolume | null) => void;
  /** The first volume is where the rescue system came from; its disc may have to make room. */
  readonly #medium: string;
  #skipped: number | null = null;

  constructor(set: RecoverySet, medium: string, onWanted: (wanted: WantedVolume | null) => void) {
    this.#set = set;
    this.#medium = medium;
    this.#onWanted = onWanted;
  }

  /** The user gives the wanted volume up: what lies on it is lost. */
  skip(volume: number): void {
    this.#skipped = volume;
  }

  /** The volume's store, as soon as it is there. @throws RekindleError RK314 when the user gave it up */
  async find(volume: number): Promise<VolumeStore> {
    this.#skipped = null;
    let told = '';
    for (let first = true; ; first = false) {
      const known = this.#set.volumes.get(volume);
      if (known && (await holds(known, this.#set.info.set, volume))) {
        this.#onWanted(null);
        return known;
      }
      this.#set.volumes.delete(volume);
      const seen = await this.#lookAround();
      if (this.#set.volumes.has(volume)) continue;
      if (this.#skipped === volume) {
        this.#onWanted(null);
        throw new RekindleError('RK314', `volume ${volume} was given up`);
      }
      if (first) await this.#makeRoom();
      if (seen.join() !== told) log(`volume ${volume} is wanted; ${seen.join(', ') || 'no other volume is here'}`);
      told = seen.join();
      this.#onWanted({ volume, of: this.#set.info.volumes, seen });
      await sleep(lookAgainMs);
    }
  }

  /** Mounts what may be a volume, remembers those of this set, and says what the others are. */
  async #lookAround(): Promise<string[]> {
    const argv = [
      'lsblk',
      '--json',
      '--list',
      '--output',
      'NAME,PATH,TYPE,FSTYPE,RM,TRAN,HOTPLUG,MOUNTPOINTS',
    ] as const;
    const { blockdevices } = await runJson([...argv], deviceSchema);
    const seen: string[] = [];
    for (const device of blockdevices) {
      if (!isPossible(device)) continue;
      const note = await this.#lookAt(device);
      if (note !== null) seen.push(note);
    }
    return seen;
  }

  async #lookAt(device: Device): Promise<string | null> {
    const at = device.mountpoints.find((point) => point !== null) ?? (await mountReadOnly(device));
    if (at === null) return null;
    const ours = at === join(mountRoot, device.name);
    for (const uuid of await readdir(join(at, 'rekindle')).catch((): string[] => [])) {
      const store = directoryStore(join(at, 'rekindle', uuid));
      const info = await readSetInfo(store).catch(() => null);
      if (info === null) return `${device.name}: its set.json cannot be read`;
      if (info.set === this.#set.info.set) {
        this.#set.volumes.set(info.volume, store);
        return `${device.name} holds volume ${info.volume} of this set`;
      }
      if (ours) await unmount(at);
      return `${device.name} holds another set: ${info.machine.hostname}, made ${info.createdAt.slice(0, 10)}`;
    }
    if (ours) await unmount(at);
    return device.type === 'rom' ? `${device.name} holds no Rekindle set` : null;
  }

  /** Lets go of the discs, so that the drive opens. The rescue system itself lies in memory when there are more volumes. */
  async #makeRoom(): Promise<void> {
    const names = await readdir(mountRoot).catch((): string[] => []);
    for (const at of [...names.map((name) => join(mountRoot, name)), this.#medium]) {
      const { stdout } = await run(['findmnt', '--noheadings', '--output', 'SOURCE', '--mountpoint', at], {
        okExit: [0, 1],
      });
      const source = stdout.trim();
      if (!source.startsWith('/dev/sr')) continue;
      await unmount(at);
      await run(['eject', source], { okExit: [0, 1] }).catch(() => undefined);
    }
  }
}

async function holds(store: VolumeStore, set: string, volume: number): Promise<boolean> {
  const info = await readSetInfo(store).catch(() => null);
  return info?.set === set && info.volume === volume;
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

async function unmount(at: string): Promise<void> {
  await run(['umount', at], { okExit: [0, 1, 32] });
}
