import { mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { mount, mountFlags, umount } from '@rekindle/linux-syscalls';
import { RekindleError } from '../../common/errors/error.ts';
import type { ModuleLoader } from '../modules/loader.ts';
import { note, say } from '../say.ts';
import { probeMedium } from './probe.ts';
import { listSets } from './set.ts';

export const mediumMount = '/run/rekindle/medium';

export interface Medium {
  device: string;
  type: string;
  uuid: string;
}

interface Looked {
  /** What each device turned out to be, for the person at the console. */
  findings: Map<string, string>;
  otherSets: Set<string>;
}

/** Block devices that may hold a medium: partitions and disks, no RAM disks, no loops, nothing of size 0. */
function listBlockDevices(): { name: string; key: string }[] {
  return readdirSync('/sys/class/block')
    .filter((name) => !/^(ram|loop|zram|dm-|md)/.test(name))
    .map((name) => ({ name, key: `${name} ${attribute(name, 'size')} ${attribute(name, 'diskseq')}` }))
    .filter(({ name }) => attribute(name, 'size') !== '0');
}

function attribute(name: string, file: string): string {
  try {
    return readFileSync(join('/sys/class/block', name, file), 'utf8').trim();
  } catch {
    return '';
  }
}

/** Mounts the device if it holds the wanted set (any set when null); otherwise leaves it unmounted. */
function tryDevice(name: string, wanted: string | null, looked: Looked): Medium | null {
  const device = `/dev/${name}`;
  try {
    const type = probeMedium(device);
    if (type === null) {
      looked.findings.set(name, 'no file system that a medium has');
      return null;
    }
    const data = type === 'ext4' ? 'noload' : '';
    mount(device, mediumMount, type, mountFlags.MS_RDONLY | mountFlags.MS_NODEV | mountFlags.MS_NOSUID, data);
    const sets = listSets(mediumMount);
    const uuid = sets.find((set) => wanted === null || set === wanted);
    if (uuid) return { device, type, uuid };
    umount(mediumMount);
    looked.findings.set(
      name,
      sets.length > 0 ? `${type}, Rekindle medium of another set: ${sets.join(', ')}` : `${type}, no Rekindle medium`,
    );
    for (const set of sets) looked.otherSets.add(set);
  } catch (error) {
    looked.findings.set(name, error instanceof Error ? error.message : String(error));
  }
  return null;
}

/** Resolves at the next change in /dev, or after half a second: some drives announce a disc to nobody. */
function nextDeviceEvent(): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch('/dev', () => finish());
    const timer = setTimeout(() => finish(), 500);
    const finish = (): void => {
      watcher.close();
      clearTimeout(timer);
      resolve();
    };
    watcher.on('error', finish);
  });
}

/**
 * Waits until a device with the wanted set appears and mounts it read-only on /run/rekindle/medium.
 * @throws RekindleError RK104 when only media of other sets are here, RK103 when none is, after `seconds`.
 */
export async function findMedium(wanted: string | null, loader: ModuleLoader, seconds = 45): Promise<Medium> {
  mkdirSync(mediumMount, { recursive: true });
  const looked: Looked = { findings: new Map(), otherSets: new Set() };
  const tried = new Set<string>();
  const started = Date.now();
  for (let told = 0; ; ) {
    loader.coldplug();
    for (const { name, key } of listBlockDevices()) {
      if (tried.has(key)) continue;
      tried.add(key);
      const medium = tryDevice(name, wanted, looked);
      if (medium) return medium;
      note(`${name}: ${looked.findings.get(name)}`);
    }
    const waited = Math.round((Date.now() - started) / 1000);
    if (waited >= seconds) throw notFound(wanted, looked, waited);
    if (waited >= told + 5) {
      told = waited;
      say(
        `Waiting for the medium${wanted ? ` (set ${wanted})` : ''}, ${waited} of ${seconds} s. Seen: ${describe(looked)}`,
      );
    }
    await nextDeviceEvent();
  }
}

function describe(looked: Looked): string {
  const found = [...looked.findings].map(([name, finding]) => `${name}: ${finding}`);
  return found.length === 0 ? 'no disk and no drive at all' : found.join('; ');
}

function notFound(wanted: string | null, looked: Looked, waited: number): RekindleError {
  const sought = wanted ? `set ${wanted}` : 'any Rekindle set';
  const code = looked.otherSets.size > 0 ? 'RK104' : 'RK103';
  return new RekindleError(code, `Looked ${waited} s for ${sought}. Found: ${describe(looked)}`);
}
