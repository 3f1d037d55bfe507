import { blsItems } from './bls.ts';
import { type Call, type Command, fileOf } from './call.ts';
import { type FileKind, testWords } from './condition.ts';
import { loadCommands } from './load-commands.ts';
import { addGraft, shown } from './places.ts';
import { isUnknown, type MenuItem, unknownText } from './scope.ts';
import { parseGrubScript } from './script.ts';
import { readSearch } from './search.ts';

/** More than any machine has kernels and systems. */
const mostItems = 10_000;

function kindOf(call: Call): FileKind {
  return (written) => {
    const { path, isCovered } = fileOf(call, written);
    if (isCovered === true) return 'missing';
    if (path === null) return null;
    const found = call.run.subject.root.stat(path);
    if (found === null) return 'missing';
    return found.isDirectory() ? 'directory' : found.size === 0 ? 'empty' : 'file';
  };
}

const test: Command = (call) => {
  const words = call.name === '[' && call.words.at(-1) === ']' ? call.words.slice(0, -1) : call.words;
  return testWords(words, kindOf(call));
};

const set: Command = ({ words: [assignment = ''], scope }) => {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
  if (name !== undefined) scope.variables.set(name, value);
  return true;
};

const loadEnvironment: Command = (call) => {
  const { words, scope, run } = call;
  const named = words.findIndex((word) => /^(-f|--file)$/.test(word));
  const given = named < 0 ? words.find((word) => word.startsWith('--file='))?.slice(7) : words[named + 1];
  const found = fileOf(call, given ?? `${scope.variables.get('prefix') ?? ''}/grubenv`);
  if (found.path === null) return null;
  const only = words.filter((word, index) => !word.startsWith('-') && (named < 0 || index !== named + 1));
  const text = run.subject.root.text(found.path);
  if (text === null) return false;
  run.takeEnvironment(text, scope, (name) => only.length === 0 || only.includes(name));
  return true;
};

const search: Command = (call) => {
  const { name, words, scope, run } = call;
  const wanted = readSearch(name, words);
  if (wanted === null) return null;
  const { variable } = wanted;
  const put = (device: string): void => void (variable === null || scope.variables.set(variable, device));
  if (isUnknown(wanted.wanted)) {
    put(unknownText);
    return null;
  }
  if (wanted.kind !== 'FILE') {
    const { device, found } = run.places.search(`${wanted.kind}=${wanted.wanted}`);
    put(device);
    return found;
  }
  const device = run.places.searchFile(wanted.wanted, scope.variables);
  put(device ?? unknownText);
  return device === null ? null : true;
};

const sourceFile: Command = (call) => {
  const [written] = call.words;
  return written === undefined ? false : call.run.source(fileOf(call, written), call.scope);
};

const openMenu: Command = (call) => {
  const prefix = call.scope.variables.get('prefix') ?? '';
  const written = call.words[0] ?? (call.name === 'normal' ? `${prefix}/grub.cfg` : '');
  return call.run.open(fileOf(call, written), call.scope);
};

/** Options of `menuentry` with a word of their own. */
const withValue = /^--(class|users|hotkey|id|source)$/;

const menuentry: Command = ({ name, words, block, scope, run }) => {
  if (scope.items.length >= mostItems) throw new Error(`GRUB's menu has more than ${mostItems} entries`);
  let id: string | null = null;
  const plain: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--id') id = words[at + 1] ?? null;
    else if (word.startsWith('--id=')) id = word.slice(5);
    if (withValue.test(word)) at += 1;
    else if (!word.startsWith('--')) plain.push(word);
  }
  const [title = ''] = plain;
  const item: MenuItem = {
    title: shown(title),
    id,
    maybe: false,
    isSubmenu: name === 'submenu',
    body: block ?? [],
    words: plain.slice(1),
    source: run.sources.at(-1) ?? '',
    version: null,
  };
  scope.items.push(item);
  return true;
};

const blscfg: Command = (call) => {
  const { scope, run, words } = call;
  if (words.length > 0) scope.doubts.add(`"blscfg ${words.join(' ')}" shows a part of the entries only`);
  const tried = [scope.variables.get('blsdir') ?? '/loader/entries', '/boot/loader/entries'].map((path) =>
    fileOf(call, path),
  );
  const folder = tried.find(({ path }) => path !== null && run.subject.root.isDirectory(path));
  if (folder?.path != null) scope.items.push(...blsItems(run.subject.root, folder.path));
  else if (tried.some(({ state }) => state !== 'missing')) scope.doubts.add('the folder of its entries is not mounted');
  if (folder?.path != null) run.sources.push(folder.path);
  return true;
};

const graftSubvolume: Command = ({ words: [, at, subvolume], scope }) => {
  if (at !== undefined && subvolume !== undefined) addGraft(scope.variables, at, subvolume);
  return true;
};

const exportNames: Command = ({ words, scope }) => {
  for (const name of words) scope.exported.add(name);
  return true;
};

const unsetNames: Command = ({ words, scope }) => {
  for (const name of words) scope.variables.delete(name);
  return true;
};

const evaluate: Command = ({ run, words, scope }) => {
  run.list(parseGrubScript(words.join(' ')), scope);
  return scope.status;
};

const yes: Command = () => true;
const no: Command = () => false;

/** What sets a variable from the machine itself. */
const unknownSet: Command = ({ words, scope }) => {
  for (const word of words) {
    const name = /^(?:--set=)?(?:\d+:)?(\w+)$/.exec(word)?.[1];
    if (word.startsWith('--set') && name !== undefined) scope.variables.set(name, unknownText);
  }
  const [at, next] = [words.findIndex((word) => /^(--set|-s)$/.test(word)), words];
  const name = at < 0 ? undefined : next[at + 1]?.replace(/^\d+:/, '');
  if (name !== undefined) scope.variables.set(name, unknownText);
  return null;
};

/** Commands that load what starts, or change what it is. A command that is not here ends in a way that nobody knows. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['[', test],
  ['test', test],
  ['set', set],
  ['export', exportNames],
  ['unset', unsetNames],
  ['load_env', loadEnvironment],
  ['source', sourceFile],
  ['.', sourceFile],
  ['configfile', openMenu],
  ['normal', openMenu],
  ['menuentry', menuentry],
  ['submenu', menuentry],
  ['blscfg', blscfg],
  ['btrfs-mount-subvol', graftSubvolume],
  ['eval', evaluate],
  ...loadCommands,
  ...['search', 'search.fs_uuid', 'search.fs_label', 'search.file'].map((name): [string, Command] => [name, search]),
  ...['probe', 'regexp', 'smbios', 'read'].map((name): [string, Command] => [name, unknownSet]),
  ...['true', 'insmod', 'echo', 'save_env', 'terminal_input', 'terminal_output', 'clear', 'sleep', 'hiddenentry'].map(
    (name): [string, Command] => [name, yes],
  ),
  // Nobody holds a key while it starts.
  ...['false', 'keystatus'].map((name): [string, Command] => [name, no]),
]);
