import { posix } from 'node:path';
import type { Subject } from '../../subject.ts';
import type { BootMenu, BootMenuEntry } from '../boot-menu.ts';
import { systemDevice } from './places.ts';
import { GrubRun, setConfig } from './run.ts';
import { emptyScope, isUnknown, type MenuItem, type Scope } from './scope.ts';

const features = [
  'chainloader_bpb',
  'ntldr',
  'platform_search_hint',
  'default_font_path',
  'all_video_module',
  'menuentry_id',
  'menuentry_options',
  '200_final',
  'nativedisk_cmd',
  'timeout_style',
];
const platforms: Record<string, string> = { x86_64: 'x86_64', aarch64: 'arm64', i686: 'i386' };

/** Runs a configuration file from the state in which GRUB reads it. @param path of the system */
export function startGrub(run: GrubRun, path: string): Scope {
  const { firmware, architecture, root } = run.subject;
  const folder = `(${systemDevice})${posix.dirname(path)}`;
  const scope = emptyScope([
    ...features.map((name): [string, string] => [`feature_${name}`, 'y']),
    ['menuentry_id_option', '--id'],
    ['grub_platform', firmware === 'uefi' ? 'efi' : 'pc'],
    ['grub_cpu', firmware === 'uefi' ? (platforms[architecture] ?? architecture) : 'i386'],
    ['prefix', folder],
    ['cmdpath', folder],
    ['root', run.places.deviceOf(path) ?? ''],
  ]);
  setConfig(scope, path);
  // A short menu without `load_env` means what the environment beside it says.
  if (!/\bload_env\b/.test(root.text(path) ?? '')) {
    const beside = root.text(posix.join(posix.dirname(path), 'grubenv')) ?? root.text('/boot/grub2/grubenv');
    run.takeEnvironment(beside ?? '', scope, () => true);
  }
  run.source(run.places.file(`(${systemDevice})${path}`, scope.variables), scope);
  return scope;
}

/** The menu that is shown in the end: that of the file at which the others point. */
export function lastMenu(scope: Scope): Scope {
  return scope.menu === null ? scope : lastMenu(scope.menu);
}

/** What GRUB shows and starts from this configuration file. */
export function readGrubMenu(subject: Subject, path: string): BootMenu {
  const run = new GrubRun(subject);
  const scope = lastMenu(startGrub(run, path));
  const started = follow(run, scope, 0);
  const entries = entriesOf(run, scope, [], 0);
  const chosen = started.entry === null ? null : settleDefault(entries, started);
  const once = run.hasNextEntry ? nextStart(subject, path) : null;
  const doubts = [...new Set([...scope.doubts, ...started.doubts])];
  return {
    loader: 'GRUB',
    sources: run.sources,
    entries: chosen === null || entries.includes(chosen) ? entries : [chosen, ...entries],
    once: once?.entry ?? null,
    unsure: [...doubts, ...(once?.entry === null ? once.doubts : [])].join('; ') || null,
  };
}

function nextStart(subject: Subject, path: string): Started {
  const run = new GrubRun(subject, true);
  return follow(run, lastMenu(startGrub(run, path)), 0);
}

interface Started {
  item: MenuItem | null;
  entry: BootMenuEntry | null;
  doubts: string[];
}

const deepestMenu = 20;

/** What starts when nobody chooses. */
function follow(run: GrubRun, menu: Scope, depth: number): Started {
  const [wanted = '', rest = ''] = splitWanted(menu.variables.get('default') ?? '');
  const { item, doubt } = chosenItem(menu.items, wanted);
  const doubts = doubt === null ? [] : [doubt];
  if (item === null || depth > deepestMenu) return { item: null, entry: null, doubts };
  const inner = run.choose(item, menu, rest);
  const next = inner.menu !== null ? lastMenu(inner.menu) : item.isSubmenu ? inner : null;
  if (next !== null) {
    const deeper = follow(run, next, depth + 1);
    return { ...deeper, doubts: [...doubts, ...inner.doubts, ...next.doubts, ...deeper.doubts] };
  }
  const entry = entryOf(item, inner);
  const other = `"${item.title}" is started when nobody chooses, which is no Linux${inner.loaded.chained === null ? '' : ` (${inner.loaded.chained})`}`;
  return { item, entry, doubts: [...doubts, ...inner.doubts, ...(entry === null ? [other] : [])] };
}

/** 'more>2' is '2' in the menu 'more'; '>>' is the letter itself (menuentry_eq). */
function splitWanted(text: string): [string, string] {
  const end = /^(?:[^>]|>>)*/.exec(text)?.[0].length ?? 0;
  return [text.slice(0, end).replaceAll('>>', '>'), text.slice(end + 1)];
}

function chosenItem(items: readonly MenuItem[], wanted: string): { item: MenuItem | null; doubt: string | null } {
  const [first = null] = items;
  const uncertain = 'which entry is started when nobody chooses is known at the start only';
  if (isUnknown(wanted)) return { item: first, doubt: uncertain };
  const number = /^\d+$/.test(wanted) ? Number(wanted) : null;
  const named = items.findIndex(({ id, title }) => wanted !== '' && (id === wanted || title === wanted));
  const index = number ?? named;
  // The first one where the wanted one is not there.
  const at = index >= 0 && index < items.length ? index : 0;
  const counted = number === null && at === named ? items.slice(at, at + 1) : items.slice(0, at + 1);
  return { item: items[at] ?? null, doubt: counted.some(({ maybe }) => maybe) ? uncertain : null };
}

function entryOf(item: MenuItem, { loaded }: Scope): BootMenuEntry | null {
  const { kernel, initrds, others, options } = loaded;
  if (kernel === null) return null;
  return {
    source: item.source,
    title: item.title,
    kernel,
    initrds,
    others,
    options: options.map((word) => (isUnknown(word) ? '' : word)).filter((word) => word !== ''),
    version: item.version,
    isDefault: false,
  };
}

/** Every entry that starts a Linux, those of submenus too. */
function entriesOf(run: GrubRun, menu: Scope, found: BootMenuEntry[], depth: number): BootMenuEntry[] {
  for (const item of depth > deepestMenu ? [] : menu.items) {
    const inner = run.choose(item, menu);
    const entry = entryOf(item, inner);
    if (item.isSubmenu) entriesOf(run, inner, found, depth + 1);
    else if (entry !== null) found.push(entry);
  }
  return found;
}

/** The entry of the list that is the default one; one of a menu that is not in the list stands for itself. */
function settleDefault(entries: readonly BootMenuEntry[], { entry, item }: Started): BootMenuEntry | null {
  if (entry === null || item === null) return null;
  const same = entries.find(
    (each) =>
      each.title === entry.title &&
      each.source === entry.source &&
      each.kernel.written === entry.kernel.written &&
      each.options.join(' ') === entry.options.join(' '),
  );
  const chosen = same ?? entry;
  chosen.isDefault = true;
  return chosen;
}
