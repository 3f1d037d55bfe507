import type { BootFile } from '../boot-files.ts';
import type { Statement } from './script.ts';

/** Stands in a text for what only the start decides. */
export const unknownText = '\uE000';

export function isUnknown(text: string): boolean {
  return text.includes(unknownText);
}

/** Three values: `null` is what only the start decides. */
export type Truth = boolean | null;

/** A line of a menu that can be chosen. */
export interface MenuItem {
  title: string;
  id: string | null;
  /** Whether a condition that only the start decides puts it there. */
  maybe: boolean;
  /** Whether choosing it opens a menu. */
  isSubmenu: boolean;
  body: Statement[];
  /** What $1 and so on are in it. */
  words: string[];
  /** The file that it stands in. */
  source: string;
  /** What a line of the Boot Loader Specification calls its version. */
  version: string | null;
}

/** What the commands of an entry load. */
export interface Loaded {
  kernel: BootFile | null;
  options: string[];
  initrds: BootFile[];
  /** A hypervisor, and what else must be there. */
  others: BootFile[];
  /** A command that starts something else: 'chainloader /EFI/Microsoft/Boot/bootmgfw.efi'. */
  chained: string | null;
}

/** GRUB's variables and functions, and the menu that a script fills. */
export interface Scope {
  variables: Map<string, string>;
  exported: Set<string>;
  functions: Map<string, Statement[]>;
  words: string[];
  items: MenuItem[];
  /** Reasons why the menu may not be as it was read here. */
  doubts: Set<string>;
  loaded: Loaded;
  /** The menu of another file that takes the place of this one. */
  menu: Scope | null;
  /** Menus that it names and that are not there. */
  lost: BootFile[];
  /** How the last command ended. */
  status: Truth;
}

const nothingLoaded: Loaded = { kernel: null, options: [], initrds: [], others: [], chained: null };

export function emptyScope(variables: Iterable<[string, string]>): Scope {
  const map = new Map(variables);
  return {
    variables: map,
    exported: new Set(map.keys()),
    functions: new Map(),
    words: [],
    items: [],
    doubts: new Set(),
    loaded: nothingLoaded,
    menu: null,
    lost: [],
    status: true,
  };
}

export function copyScope(scope: Scope): Scope {
  return {
    ...scope,
    variables: new Map(scope.variables),
    exported: new Set(scope.exported),
    functions: new Map(scope.functions),
    items: [...scope.items],
    doubts: new Set(scope.doubts),
  };
}

/** A menu in a menu sees only what was exported (grub_env_context_open). */
export function innerScope(scope: Scope): Scope {
  return {
    ...copyScope(scope),
    variables: new Map([...scope.variables].filter(([name]) => scope.exported.has(name))),
    items: [],
    menu: null,
    loaded: nothingLoaded,
  };
}

/** What holds after either of two ways: where they differ nobody knows. */
export function joinScopes(before: Scope, one: Scope, other: Scope): Scope {
  const joined = copyScope(one);
  for (const name of new Set([...one.variables.keys(), ...other.variables.keys()]))
    if (one.variables.get(name) !== other.variables.get(name)) joined.variables.set(name, unknownText);
  const [left, right] = [one.items.slice(before.items.length), other.items.slice(before.items.length)];
  const isSame =
    left.length === right.length &&
    left.every((item, index) => item.title === right[index]?.title && item.body === right[index].body);
  if (!isSame)
    joined.items = [...before.items, ...[...left, ...right].map((item): MenuItem => ({ ...item, maybe: true }))];
  for (const each of other.exported) joined.exported.add(each);
  for (const [name, body] of other.functions) joined.functions.set(name, body);
  for (const doubt of other.doubts) joined.doubts.add(doubt);
  if (JSON.stringify(one.loaded) !== JSON.stringify(other.loaded)) {
    joined.loaded = one.loaded.kernel === null ? other.loaded : one.loaded;
    joined.doubts.add('what it starts depends on a condition that is known at the start only');
  }
  joined.menu = one.menu ?? other.menu;
  if ((one.menu === null) !== (other.menu === null))
    joined.doubts.add('which menu it opens depends on a condition that is known at the start only');
  joined.lost = [...new Set([...one.lost, ...other.lost])];
  joined.status = one.status === other.status ? one.status : null;
  return joined;
}
