import { posix } from 'node:path';
import type { Root } from './root.ts';

/** A menu entry of grub.cfg, as far as its files and references go. */
export interface GrubEntry {
  title: string;
  id: string | null;
  /** Places in the menu and its submenus: [1, 2] is '1>2'. */
  place: number[];
  /** Titles and ids of the submenus around it. */
  above: { title: string; id: string | null }[];
  /** Words behind 'linux': the kernel, then its arguments; null for an entry that starts something else. */
  linux: string[] | null;
  initrds: string[];
  /** 'UUID=...', 'LABEL=...' of each `search` in it. */
  searches: string[];
}

export interface GrubMenu {
  entries: GrubEntry[];
  /** The last literal `set default=`, or '${saved_entry}' where the environment decides. */
  default: string | null;
  /** `search` outside of the entries; what a stub on the ESP has too. */
  searches: string[];
}

/** Words of a line as GRUB's shell splits them; quotes go. */
export function grubWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+/g))
    words.push(
      word.replaceAll(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
        (_, single?: string, double?: string, escaped?: string) => {
          return single ?? double?.replaceAll(/\\(.)/g, '$1') ?? escaped ?? '';
        },
      ),
    );
  return words;
}

/** What a `search` line looks for; null when the line is none. */
export function searchOf(line: string): string | null {
  const words = grubWords(line);
  const at = words.findIndex((word) => /^search(\.(fs_uuid|fs_label))?$/.test(word));
  if (at < 0) return null;
  const rest = words.slice(at + 1);
  const plain = rest.filter((word) => !word.startsWith('-'));
  if (words[at] === 'search.fs_uuid') return plain[0] === undefined ? null : `UUID=${plain[0]}`;
  if (words[at] === 'search.fs_label') return plain[0] === undefined ? null : `LABEL=${plain[0]}`;
  // '-s root' and '--set root' take a word of their own.
  const set = rest.findIndex((word) => word === '-s' || word === '--set');
  const names = plain.filter((word) => !(set >= 0 && word === rest[set + 1] && word === 'root'));
  const wanted = names.at(-1);
  if (wanted === undefined) return null;
  if (rest.some((word) => word === '--fs-uuid' || word === '-u')) return `UUID=${wanted}`;
  return rest.some((word) => word === '--label' || word === '-l') ? `LABEL=${wanted}` : null;
}

/** Each entry knows what is above it. */
const deepestMenu = 20;
const mostEntries = 10_000;

/** Reads what grub-mkconfig writes: entries and submenus by their braces, no shell is run. */
export function parseGrub(text: string): GrubMenu {
  const menu: GrubMenu = { entries: [], default: null, searches: [] };
  const submenus: { title: string; id: string | null; place: number; next: number }[] = [];
  const top = { next: 0 };
  let entry: GrubEntry | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const level = submenus.at(-1) ?? top;
    const words = grubWords(line);
    if (entry === null && (words[0] === 'menuentry' || words[0] === 'submenu') && line.endsWith('{')) {
      const title = words[1] ?? '';
      const id = idOf(words);
      const place = level.next;
      level.next += 1;
      if (submenus.length >= deepestMenu || menu.entries.length >= mostEntries)
        throw new Error(`GRUB's menu has more than ${mostEntries} entries, or menus in ${deepestMenu} others`);
      if (words[0] === 'submenu') submenus.push({ title, id, place, next: 0 });
      else {
        entry = {
          title,
          id,
          place: [...submenus.map((each) => each.place), place],
          above: submenus.map(({ title: t, id: i }) => ({ title: t, id: i })),
          linux: null,
          initrds: [],
          searches: [],
        };
      }
    } else if (line === '}') {
      if (entry !== null) menu.entries.push(entry);
      else submenus.pop();
      entry = null;
    } else if (entry !== null) readEntryLine(entry, words, line);
    else readTopLine(menu, line);
  }
  return menu;
}

function idOf(words: readonly string[]): string | null {
  const at = words.findIndex((word) => word === '--id' || word.includes('menuentry_id_option'));
  return at < 0 ? null : (words[at + 1] ?? null);
}

function readEntryLine(entry: GrubEntry, words: readonly string[], line: string): void {
  const [command = '', ...rest] = words;
  if (/^linux(16|efi)?$/.test(command)) entry.linux = rest;
  else if (/^initrd(16|efi)?$/.test(command)) entry.initrds.push(...rest);
  else {
    const search = searchOf(line);
    if (search !== null) entry.searches.push(search);
  }
}

function readTopLine(menu: GrubMenu, line: string): void {
  const set = /^set default=["']?([^"']*)["']?$/.exec(line)?.[1];
  // grub-mkconfig writes '${next_entry}' first and the real default after it.
  if (set !== undefined && !set.includes('next_entry')) menu.default = set;
  const search = searchOf(line);
  if (search !== null) menu.searches.push(search);
}

/** Variables that GRUB keeps in grubenv beside its menu. */
export function readGrubEnvironment(root: Root, menu: string): Map<string, string> {
  const text = root.text(posix.join(posix.dirname(menu), 'grubenv')) ?? root.text('/boot/grub2/grubenv') ?? '';
  const variables = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^(\w+)=(.*)$/gm)) variables.set(name, value);
  return variables;
}

/** Which entry starts when nobody chooses; GRUB takes the first where the wanted one is not there. */
export function defaultIndex({ entries, default: wanted }: GrubMenu, environment: Map<string, string>): number {
  const first = entries.findIndex(({ linux }) => linux !== null);
  const saved = wanted?.replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => environment.get(name) ?? '') ?? '0';
  if (saved === '') return first;
  const parts = saved.split('>');
  const found = entries.findIndex((entry) => {
    const names = [...entry.above, { title: entry.title, id: entry.id }];
    if (parts.length !== names.length) return false;
    return parts.every(
      (part, index) => part === names[index]?.title || part === names[index]?.id || part === String(entry.place[index]),
    );
  });
  return found >= 0 && entries[found]?.linux != null ? found : first;
}
