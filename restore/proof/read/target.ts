import { posix } from 'node:path';
import type { Subject } from '../subject.ts';
import { readBootMenu } from './boot-entries.ts';
import type { BootMenu, BootMenuEntry } from './boot-menu.ts';
import { type InitramfsReading, readInitramfs } from './initramfs.ts';
import { type KernelImage, readKernelImage } from './kernel-image.ts';
import { peSections } from './pe.ts';

/** What will be started when nobody chooses. */
export interface BootTarget {
  menu: BootMenu;
  entry: BootMenuEntry | null;
  /** Paths of the system; null where there is none. */
  kernel: string | null;
  initrds: string[];
  /** Kernel arguments; null where no menu says. */
  options: string[] | null;
  /** '6.1.0-21-amd64', from the image's name, its directory or the menu. */
  namedVersion: string | null;
  /** Why another kernel may be started than this one; null: it is this one. */
  unsure: string | null;
}

/** Several checks ask the same; reading an initramfs takes seconds. */
interface Memory {
  target?: BootTarget | Error;
  initramfs: Map<string, Promise<InitramfsReading>>;
  kernels: Map<string, Promise<KernelImage>>;
}
const memories = new WeakMap<Subject, Memory>();

function memoryOf(subject: Subject): Memory {
  const known = memories.get(subject) ?? { initramfs: new Map(), kernels: new Map() };
  memories.set(subject, known);
  return known;
}

/** The default entry of the boot menu, else the newest kernel in /boot with what belongs to it. */
export function readTarget(subject: Subject): BootTarget {
  const memory = memoryOf(subject);
  memory.target ??= attempt(() => findTarget(subject));
  if (memory.target instanceof Error) throw memory.target;
  return memory.target;
}

/** A menu that cannot be followed takes its time only once. */
function attempt(work: () => BootTarget): BootTarget | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function findTarget(subject: Subject): BootTarget {
  const { root } = subject;
  const menu = readBootMenu(subject);
  const entry = menu.entries.find(({ isDefault }) => isDefault) ?? guessedEntry(menu);
  if (entry !== null) {
    const initrds = entry.initrds.flatMap(({ path }) => (path === null ? [] : [path]));
    const real = entry.kernel.path;
    const namedVersion = versionOf(subject, real) ?? entry.version;
    const { unsure } = menu;
    return { menu, entry, kernel: real, initrds, options: optionsOf(menu, entry), namedVersion, unsure };
  }
  const images = root.list('/boot').filter((name) => /^(vmlinu[xz]|Image)(-|$)/.test(name));
  const newest = images.toSorted((left, right) => right.localeCompare(left, 'en', { numeric: true }))[0];
  const kernel = newest === undefined ? null : `/boot/${newest}`;
  const version = versionOf(subject, kernel);
  const initrd = root.firstFile([
    `/boot/initrd.img-${version}`,
    `/boot/initramfs-${version}.img`,
    `/boot/initrd-${version}`,
  ]);
  const initrds = initrd === null ? [] : [initrd];
  const unsure = menu.unsure ?? 'no boot menu says what is started';
  return { menu, entry, kernel, initrds, options: null, namedVersion: version, unsure };
}

/** Where something else starts by itself, the first Linux is what a person would choose. */
function guessedEntry({ entries, unsure }: BootMenu): BootMenuEntry | null {
  return unsure === null ? null : (entries[0] ?? null);
}

/** Null where it is not known which entry starts, and they differ in what they call the root file system. */
function optionsOf({ entries, unsure }: BootMenu, entry: BootMenuEntry): string[] | null {
  const rootOf = ({ options }: BootMenuEntry) => options.findLast((option) => option.startsWith('root='));
  return unsure === null || entries.every((each) => rootOf(each) === rootOf(entry)) ? entry.options : null;
}

/** 'vmlinuz-6.1.0-21-amd64'; SUSE's and Debian's '/vmlinuz' is a link to such a name. */
function versionOf({ root }: Subject, kernel: string | null): string | null {
  const place = kernel === null ? null : root.locate(kernel);
  if (kernel === null) return null;
  const named = (path: string): string | undefined =>
    /^(?:vmlinu[xz]|Image|linux)-(\d.*)$/.exec(posix.basename(path))?.[1];
  return named(kernel) ?? named(place ?? '') ?? /\/modules\/([^/]+)\/vmlinuz$/.exec(place ?? kernel)?.[1] ?? null;
}

export function initramfsOf(subject: Subject, path: string): Promise<InitramfsReading> {
  const { initramfs } = memoryOf(subject);
  const place = subject.root.isFile(path) ? subject.root.locate(path) : null;
  const reading =
    initramfs.get(path) ??
    (place === null
      ? Promise.resolve({ state: 'damaged', reason: 'it is not there' } as const)
      : readInitramfs(place, partOf(place, '.initrd')));
  initramfs.set(path, reading);
  return reading;
}

export function kernelOf(subject: Subject, path: string): Promise<KernelImage> {
  const { kernels } = memoryOf(subject);
  const place = subject.root.isFile(path) ? subject.root.locate(path) : null;
  const reading =
    kernels.get(path) ??
    (place === null
      ? Promise.resolve({ state: 'bad', reason: 'it is not there' } as const)
      : readKernelImage(place, partOf(place, '.linux')));
  kernels.set(path, reading);
  return reading;
}

/** The version of the kernel that will be started, by its own words where it has them. */
export async function kernelVersion(subject: Subject): Promise<string | null> {
  const { kernel, namedVersion } = readTarget(subject);
  if (kernel === null) return namedVersion;
  const image = await kernelOf(subject, kernel);
  return (image.state === 'good' ? image.version : null) ?? namedVersion;
}

/** Where a unified kernel image holds it; the whole file for any other. */
function partOf(file: string, name: string): { start: number; end: number } | undefined {
  const section = peSections(file).find((each) => each.name === name);
  return section === undefined ? undefined : { start: section.at, end: section.at + section.bytes };
}
