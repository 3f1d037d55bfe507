import { posix } from 'node:path';
import type { MountedAt } from '../mounted-at.ts';
import type { Subject } from '../subject.ts';
import { matchesWildcards } from '../wildcards.ts';
import { type BlsFields, blsFields, entryNames } from './bls-fields.ts';
import { BootFiles } from './boot-files.ts';
import type { BootMenu, BootMenuEntry } from './boot-menu.ts';
import { bootPartitions } from './esp.ts';
import { peText } from './pe.ts';
import { isUnifiedKernel, unifiedEntry } from './unified-kernel.ts';
import { compareSystemd } from './versions.ts';

/** An entry with what systemd-boot sorts by (systemd's sd-boot, boot_entry_compare). */
interface Candidate {
  id: string;
  sortKey: string | null;
  machineId: string;
  version: string;
  /** Its starts are used up: 'name+0-3.conf'. */
  isSpent: boolean;
  entry: BootMenuEntry;
}

/** systemd-boot's menu: entries and unified kernel images of the EFI system partition and of XBOOTLDR. Null: there is none. */
export function readSystemdBoot(subject: Subject): BootMenu | null {
  const { root } = subject;
  const places = bootPartitions(subject);
  const candidates = places.flatMap((mount) => [...textEntries(subject, mount), ...images(subject, mount)]);
  const settings = places.map(({ at }) => posix.join(at, 'loader/loader.conf')).filter((path) => root.isFile(path));
  if (candidates.length === 0 && settings.length === 0) return null;
  const sorted = candidates.toSorted(compareCandidates);
  const [conf] = settings;
  const wanted =
    conf === undefined
      ? null
      : (blsFields(root.text(conf) ?? '')
          .all('default')
          .at(-1) ?? null);
  const { chosen, unsure } = choose(sorted, wanted?.toLowerCase() ?? null);
  if (chosen !== null) chosen.entry.isDefault = true;
  return {
    loader: 'systemd-boot',
    sources: [...settings, ...new Set(candidates.map(({ entry }) => posix.dirname(entry.source)))],
    entries: sorted.map(({ entry }) => entry),
    once: null,
    unsure,
  };
}

function choose(
  sorted: readonly Candidate[],
  wanted: string | null,
): { chosen: Candidate | null; unsure: string | null } {
  const [first = null] = sorted;
  if (wanted === null || first === null) return { chosen: first, unsure: null };
  if (wanted === '@saved')
    return {
      chosen: first,
      unsure: sorted.length > 1 ? 'the entry that was started last is kept in the firmware' : null,
    };
  const exact = sorted.find(({ id }) => matchesWildcards(id, wanted));
  if (exact !== undefined) return { chosen: exact, unsure: null };
  // Before systemd 250 an entry was named without its '.conf'.
  const short = sorted.find(({ id }) =>
    matchesWildcards(id.replace(/\.(conf|efi)$/, ''), wanted.replace(/\.(conf|efi)$/, '')),
  );
  if (short === undefined || short === first) return { chosen: short ?? first, unsure: null };
  return { chosen: short, unsure: `"default ${wanted}" of loader.conf lacks ".conf", which only old versions allow` };
}

function compareCandidates(left: Candidate, right: Candidate): number {
  if (left.isSpent !== right.isSpent) return left.isSpent ? 1 : -1;
  if ((left.sortKey === null) !== (right.sortKey === null)) return left.sortKey === null ? 1 : -1;
  if (left.sortKey !== null && right.sortKey !== null) {
    const order =
      compareText(left.sortKey, right.sortKey) ||
      compareText(left.machineId, right.machineId) ||
      -compareSystemd(left.version, right.version);
    if (order !== 0) return order;
  }
  return -compareSystemd(left.id, right.id);
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** 'arch+3-1.conf' is 'arch.conf' that may fail three times more. */
function idOf(name: string): { id: string; isSpent: boolean } {
  const [, left] = /\+(\d+)(?:-\d+)?\.(?:conf|efi)$/i.exec(name) ?? [];
  return {
    id: name.toLowerCase().replace(/\+\d+(-\d+)?(?=\.(conf|efi)$)/, ''),
    isSpent: left !== undefined && Number(left) === 0,
  };
}

const architectures: Record<string, string> = { x86_64: 'x64', aarch64: 'aa64', i686: 'ia32', riscv64: 'riscv64' };

function textEntries(subject: Subject, mount: MountedAt): Candidate[] {
  const folder = subject.root.findAnyCase(mount.at, 'loader/entries');
  if (folder === null) return [];
  return entryNames(subject.root, folder).flatMap((name) => {
    const source = posix.join(folder, name);
    const fields = blsFields(subject.root.text(source) ?? '');
    const architecture = fields.first('architecture')?.toLowerCase() ?? null;
    const isForeign = architecture !== null && architecture !== architectures[subject.architecture];
    const entry = isForeign ? null : textEntry(subject, mount, { source, fields });
    if (entry === null) return [];
    const candidate: Candidate = {
      ...idOf(name),
      sortKey: fields.first('sort-key'),
      machineId: fields.first('machine-id') ?? '',
      version: fields.first('version') ?? '',
      entry,
    };
    return [candidate];
  });
}

function textEntry(
  subject: Subject,
  mount: MountedAt,
  { source, fields }: { source: string; fields: BlsFields },
): BootMenuEntry | null {
  const files = new BootFiles(subject);
  const file = (written: string) => ({ ...files.locate(mount.device, written.replaceAll('\\', '/')), written });
  const program = fields.first('linux') ?? fields.first('uki') ?? fields.first('efi');
  if (program === null) return null;
  const kernel = file(program);
  const given = fields.all('options');
  const options = given
    .join(' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const title = fields.first('title') ?? posix.basename(source);
  if (isUnifiedKernel(subject.root, kernel.path)) {
    const entry = unifiedEntry(subject.root, kernel, { source, title, options: given.length > 0 ? options : null });
    return { ...entry, initrds: [...fields.all('initrd').map(file), ...entry.initrds] };
  }
  // A shell, a tool for memory: no kernel of this system.
  if (fields.first('linux') === null && fields.first('uki') === null) return null;
  const tree = fields.first('devicetree');
  return {
    source,
    title,
    kernel,
    initrds: fields.all('initrd').map(file),
    others: tree === null ? [] : [file(tree)],
    options,
    version: fields.first('version'),
    isDefault: false,
  };
}

const mostImages = 1000;

function images(subject: Subject, mount: MountedAt): Candidate[] {
  const { root } = subject;
  const folder = root.findAnyCase(mount.at, 'EFI/Linux');
  const names = folder === null ? [] : root.list(folder).filter((name) => /\.efi$/i.test(name));
  return names.slice(0, mostImages).map((name): Candidate => {
    const path = posix.join(folder ?? '', name);
    const place = root.locate(path);
    const release = (place === null ? null : peText(place, '.osrel')) ?? '';
    const field = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(release)?.[1] ?? null;
    const kernel = {
      written: path.slice(mount.at === '/' ? 0 : mount.at.length),
      path,
      state: 'there',
      why: null,
    } as const;
    const entry = unifiedEntry(root, kernel, { source: path, title: null, options: null });
    return {
      ...idOf(name),
      sortKey: field('IMAGE_ID') ?? field('ID'),
      machineId: '',
      version: entry.version ?? field('IMAGE_VERSION') ?? field('VERSION') ?? field('VERSION_ID') ?? '',
      entry,
    };
  });
}
