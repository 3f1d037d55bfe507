import { posix } from 'node:path';
import type { Device } from '../devices.ts';
import { resolveReference } from '../devices.ts';
import type { MountedAt, Subject } from '../subject.ts';
import { matchesWildcards } from '../wildcards.ts';
import { defaultIndex, type GrubEntry, parseGrub, readGrubEnvironment } from './grub.ts';

/** A path that a boot loader opens: on which file system, and where that is in the mounted system. */
export interface BootFile {
  written: string;
  /** Path of the system; null when the file system is not mounted, or nowhere. */
  path: string | null;
}

/** One way to start the system, as the boot menu offers it. */
export interface BootMenuEntry {
  /** Configuration file that it stands in. */
  source: string;
  title: string;
  kernel: BootFile;
  initrds: BootFile[];
  /** Kernel arguments. */
  options: string[];
  /** Whether it is started when nobody chooses. */
  isDefault: boolean;
  /** References of the loader itself that it follows to find its files: 'UUID=...'. */
  searches: string[];
}

export interface BootMenu {
  /** Configuration files that were read. */
  sources: string[];
  entries: BootMenuEntry[];
}

/** More files than any machine has systems and kernels. */
const mostMenus = 1000;

/** Where Debian, Fedora and SUSE keep GRUB's menu. */
const grubPlaces = ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg'];

/** Every entry of every menu that is in the system. */
export function readBootMenu(subject: Subject): BootMenu {
  const sources: string[] = [];
  const entries: BootMenuEntry[] = [];
  for (const place of [...grubPlaces, ...espMenus(subject)]) {
    const text = subject.root.text(place);
    if (text === null) continue;
    sources.push(place);
    entries.push(...grubEntries(subject, place, text));
    if (/^[ \t]*blscfg\b/m.test(text)) entries.push(...blsEntries(subject, place, text));
  }
  for (const place of ['/boot', '/efi', '/boot/efi']) {
    if (entries.length > 0 || !subject.root.isFile(`${place}/loader/loader.conf`)) continue;
    sources.push(`${place}/loader/loader.conf`);
    entries.push(
      ...blsIn(
        subject,
        `${place}/loader/entries`,
        subject.root.text(`${place}/loader/loader.conf`) ?? '',
        /^default[ \t]+(\S+)/m,
      ),
    );
  }
  return { sources, entries };
}

/** Older Fedora kept the whole menu on the ESP. */
function espMenus({ root }: Subject): string[] {
  return root
    .list('/boot/efi/EFI')
    .slice(0, mostMenus)
    .map((name) => `/boot/efi/EFI/${name}/grub.cfg`)
    .filter((path) => /^[ \t]*menuentry\b/m.test(root.text(path) ?? ''));
}

function grubEntries(subject: Subject, source: string, text: string): BootMenuEntry[] {
  const environment = readGrubEnvironment(subject.root, source);
  const menu = parseGrub(text);
  const chosen = defaultIndex(menu, environment);
  return menu.entries.flatMap((entry, index) => {
    if (entry.linux === null) return [];
    return [{ ...fromGrub(subject, source, entry, environment), isDefault: index === chosen }];
  });
}

function fromGrub(
  subject: Subject,
  source: string,
  entry: GrubEntry,
  environment: Map<string, string>,
): Omit<BootMenuEntry, 'isDefault'> {
  const on = rootOf(subject, entry.searches.at(-1) ?? null, source);
  const [kernel = '', ...options] = entry.linux ?? [];
  return {
    source,
    title: entry.title,
    kernel: bootFile(on, kernel),
    initrds: entry.initrds.map((path) => bootFile(on, path)),
    options: expand(options, environment),
    searches: entry.searches,
  };
}

/** The file system that GRUB calls $root: what was searched for, else the one that its menu lies on. */
function rootOf(subject: Subject, search: string | null, source: string): MountedAt | null {
  if (search === null) return mountOf(subject.mounts, source);
  const found = resolveReference(search, subject.devices);
  return found.kind === 'found'
    ? mountedDevice(subject.mounts, found.device)
    : found.kind === 'ambiguous'
      ? firstMounted(subject.mounts, found.devices)
      : null;
}

function mountedDevice(mounts: readonly MountedAt[], { path, aliases }: Device): MountedAt | null {
  const here = mounts.filter(({ device }) => device === path || aliases.includes(device));
  // Paths of a loader begin at the top of the file system, so the mount nearest to it tells most.
  return here.toSorted((left, right) => left.within.length - right.within.length)[0] ?? null;
}

function firstMounted(mounts: readonly MountedAt[], devices: readonly Device[]): MountedAt | null {
  return devices.map((device) => mountedDevice(mounts, device)).find((mount) => mount !== null) ?? null;
}

/** The file system that a path of the system lies on. */
export function mountOf(mounts: readonly MountedAt[], path: string): MountedAt | null {
  const above = mounts.filter(({ at }) => at === '/' || path === at || path.startsWith(`${at}/`));
  return above.toSorted((left, right) => right.at.length - left.at.length)[0] ?? null;
}

/** Strips '($root)' and '(hd0,gpt2)', and the subvolume that is mounted. */
function bootFile(on: MountedAt | null, written: string): BootFile {
  const path = written.replace(/^\([^)]*\)/, '');
  if (on === null || !path.startsWith('/')) return { written, path: null };
  const within = on.within === '/' ? '' : on.within;
  if (within !== '' && !path.startsWith(`${within}/`)) return { written, path: posix.join(on.at, path) };
  return { written, path: posix.join(on.at, path.slice(within.length)) };
}

/** '${kernelopts}' and the like come from grubenv; what nobody set is empty. */
function expand(words: readonly string[], environment: Map<string, string>): string[] {
  return words
    .map((word) => word.replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => environment.get(name) ?? ''))
    .flatMap((word) => word.split(/\s+/))
    .filter((word) => word !== '');
}

/** Boot Loader Specification entries that GRUB's blscfg shows. */
function blsEntries(subject: Subject, source: string, text: string): BootMenuEntry[] {
  const environment = readGrubEnvironment(subject.root, source);
  for (const [, name = '', value = ''] of text.matchAll(/^[ \t]*set (\w+)=["']?([^"'\n]*)["']?[ \t]*$/gm))
    if (!environment.has(name)) environment.set(name, value);
  return blsIn(
    subject,
    '/boot/loader/entries',
    `default ${environment.get('saved_entry') ?? ''}\n`,
    /^default (\S+)/m,
    environment,
  );
}

function blsIn(
  subject: Subject,
  directory: string,
  settings: string,
  pattern: RegExp,
  environment = new Map<string, string>(),
): BootMenuEntry[] {
  const names = subject.root
    .list(directory)
    .filter((name) => name.endsWith('.conf'))
    .slice(0, mostMenus);
  const on = mountOf(subject.mounts, directory);
  const entries = names.map((name): BootMenuEntry & { id: string; version: string } => {
    const fields = blsFields(subject.root.text(`${directory}/${name}`) ?? '');
    const first = (key: string): string => fields.get(key)?.[0] ?? '';
    return {
      id: name.replace(/\.conf$/, ''),
      version: first('version') || name,
      source: `${directory}/${name}`,
      title: first('title') || name,
      kernel: bootFile(on, first('linux')),
      initrds: expand(
        (fields.get('initrd') ?? []).flatMap((line) => line.split(/\s+/)),
        environment,
      ).map((path) => bootFile(on, path)),
      options: expand(
        (fields.get('options') ?? []).flatMap((line) => line.split(/\s+/)),
        environment,
      ),
      isDefault: false,
      searches: [],
    };
  });
  const wanted = pattern.exec(settings)?.[1]?.replace(/\.conf$/, '') ?? '';
  const sorted = entries.toSorted((left, right) => right.version.localeCompare(left.version, 'en', { numeric: true }));
  const chosen =
    sorted.find(({ id }) => wanted !== '' && matchesWildcards(id, wanted)) ??
    sorted.find(({ version }) => !version.includes('rescue')) ??
    sorted[0];
  return sorted.map(({ id, version, ...entry }) => ({
    ...entry,
    isDefault: id === chosen?.id && version === chosen.version,
  }));
}

function blsFields(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const found = /^(\S+)\s+(.+)$/s.exec(line.trim());
    if (found?.[1] === undefined || found[1].startsWith('#')) continue;
    fields.set(found[1], [...(fields.get(found[1]) ?? []), found[2] ?? '']);
  }
  return fields;
}
