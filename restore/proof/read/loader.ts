import { closeSync, openSync, readSync } from 'node:fs';
import { posix } from 'node:path';
import type { Subject } from '../subject.ts';
import { fallbackNames, findEsp } from './esp.ts';
import { peSections } from './pe.ts';
import { readAt } from './root.ts';

/** What the firmware starts first. */
export type LoaderKind = 'grub' | 'systemd-boot' | 'unified-kernel' | 'kernel' | 'other' | 'unknown';

export interface BootLoader {
  kind: LoaderKind;
  /** Its file as a path of the system; null for boot code, and where none was found. */
  path: string | null;
  /** What a person calls it. */
  name: string;
}

const nobody: BootLoader = { kind: 'unknown', path: null, name: 'an unknown boot loader' };

/** By the firmware's entries in their order, else by the fallback path; by the boot code where a machine starts by BIOS. */
export function findLoader(subject: Subject): BootLoader {
  if (subject.firmware === 'bios') return bootCodeLoader(subject);
  const { root, architecture, bootEntries } = subject;
  const { device, mount } = findEsp(subject);
  if (mount === null) return nobody;
  const ordered = bootEntries.filter(
    ({ ordered: isOrdered, partition }) => isOrdered && partition === device?.partitionId,
  );
  const paths = [
    ...ordered.flatMap(({ loader }) => (loader === null ? [] : [loader.replaceAll('\\', '/')])),
    fallbackNames[architecture] ?? 'EFI/BOOT/BOOTX64.EFI',
  ];
  for (const written of paths) {
    const path = root.findAnyCase(mount.at, written);
    if (path !== null && root.isFile(path)) {
      const loader = behindShim(subject, path, 0);
      return loader.kind === 'unknown' ? { ...soleLoader(subject, mount.at), path } : loader;
    }
  }
  return soleLoader(subject, mount.at);
}

function bootCodeLoader({ disks }: Subject): BootLoader {
  for (const disk of disks) {
    let first: Buffer;
    try {
      first = readAt(disk, 0, 512);
    } catch {
      continue;
    }
    if (first.includes('GRUB')) return { kind: 'grub', path: null, name: 'GRUB' };
    if (first.includes('LILO')) return { kind: 'other', path: null, name: 'LILO' };
  }
  return nobody;
}

/** shim starts GRUB beside it, or what fallback (fbx64.efi) makes entries of. */
function behindShim(subject: Subject, path: string, depth: number): BootLoader {
  const { root } = subject;
  const place = root.locate(path);
  const found = place === null ? 'unknown' : identify(place, path);
  if (found !== 'shim') return { ...named[found], path };
  const folder = posix.dirname(path);
  const fallback = root.list(folder).find((name) => /^fb\w+\.efi$/i.test(name));
  const vendor =
    fallback !== undefined && posix.basename(folder).toLowerCase() === 'boot' ? vendorShim(subject, folder) : null;
  if (vendor !== null && depth === 0) return behindShim(subject, vendor, 1);
  const next = root.list(folder).find((name) => /^grub\w*\.efi$/i.test(name));
  // Whatever bears GRUB's name beside shim is what it starts: systemd-boot too.
  if (next === undefined) return { ...named.grub, path };
  const behind = root.locate(posix.join(folder, next));
  const kind = behind === null ? 'grub' : identify(behind, next);
  return { ...named[kind === 'shim' || kind === 'unknown' ? 'grub' : kind], path };
}

/** The one folder beside EFI/BOOT with a list for fallback. */
function vendorShim({ root }: Subject, folder: string): string | null {
  const above = posix.dirname(folder);
  const folders = root.list(above).map((name) => posix.join(above, name));
  const listed = folders.filter(
    (each) => each !== folder && root.list(each).some((name) => /^boot\w*\.csv$/i.test(name)),
  );
  const [only] = listed;
  const shim =
    only === undefined || listed.length > 1 ? undefined : root.list(only).find((name) => /^shim\w*\.efi$/i.test(name));
  return only === undefined || shim === undefined ? null : posix.join(only, shim);
}

type Identity = Exclude<LoaderKind, 'other'> | 'shim' | 'refind' | 'windows' | 'limine' | 'syslinux';

const named: Record<Exclude<Identity, 'shim'>, Omit<BootLoader, 'path'>> = {
  grub: { kind: 'grub', name: 'GRUB' },
  'systemd-boot': { kind: 'systemd-boot', name: 'systemd-boot' },
  'unified-kernel': { kind: 'unified-kernel', name: 'a unified kernel image' },
  kernel: { kind: 'kernel', name: 'the kernel itself' },
  refind: { kind: 'other', name: 'rEFInd' },
  windows: { kind: 'other', name: "Windows' boot loader" },
  limine: { kind: 'other', name: 'Limine' },
  syslinux: { kind: 'other', name: 'syslinux' },
  unknown: { kind: 'unknown', name: 'an unknown boot loader' },
};

const lookedBytes = 6 << 20;
const marks: readonly [string | Buffer, Identity][] = [
  ['#### LoaderInfo: systemd-boot', 'systemd-boot'],
  [Buffer.from('rEFInd', 'utf16le'), 'refind'],
  ['Welcome to GRUB!', 'grub'],
  ['\ngrub,', 'grub'],
  [Buffer.from('bootmgfw', 'utf16le'), 'windows'],
  ['\nshim,', 'shim'],
  ['UEFI SHIM', 'shim'],
];

/** By what is in the file, else by its name. */
function identify(file: string, path: string): Identity {
  const sections = new Set(peSections(file).map(({ name }) => name));
  if (sections.has('.linux')) return 'unified-kernel';
  if (readAt(file, 0x202, 4).toString('latin1') === 'HdrS') return 'kernel';
  const bytes = readHead(file, lookedBytes);
  const mark = marks.find(([text]) => bytes.includes(text));
  if (mark !== undefined) return mark[1];
  if (sections.has('mods')) return 'grub';
  return byName(path);
}

function readHead(file: string, most: number): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const target = Buffer.alloc(most);
    return target.subarray(0, readSync(descriptor, target, 0, most, 0));
  } finally {
    closeSync(descriptor);
  }
}

function byName(path: string): Identity {
  const name = posix.basename(path).toLowerCase();
  const kinds: readonly [RegExp, Identity][] = [
    [/^systemd-boot/, 'systemd-boot'],
    [/^shim/, 'shim'],
    [/^grub/, 'grub'],
    [/^refind/, 'refind'],
    [/^(sys|ext)linux/, 'syslinux'],
    [/^(limine|boot\w+\.limine)/, 'limine'],
    [/^bootmgfw/, 'windows'],
  ];
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

/** The only loader that is on the partition at all, by the names of files. */
function soleLoader({ root }: Subject, esp: string): BootLoader {
  const efi = root.findAnyCase(esp, 'EFI');
  const folders = efi === null ? [] : root.list(efi).slice(0, 100);
  const found = new Map<string, BootLoader>();
  for (const folder of folders) {
    for (const name of root.list(`${efi}/${folder}`)) {
      const kind = byName(name);
      if (!/\.efi$/i.test(name) || kind === 'unknown' || kind === 'windows') continue;
      const loader = named[kind === 'shim' ? 'grub' : kind];
      if (!found.has(loader.name)) found.set(loader.name, { ...loader, path: null });
    }
  }
  const [only, ...others] = found.values();
  return only !== undefined && others.length === 0 ? only : nobody;
}
