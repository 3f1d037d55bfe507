import { writer } from '../../archive/raw/tools.ts';
import type { Archive } from '../../archive/set-schema.ts';
import { tarExtractArgv } from '../../archive/tar-options.ts';
import type { Action } from '../step.ts';
import { targetPaths } from '../target-paths.ts';
import { hereDocument, quote } from './quote.ts';

/** '001-root': the name of the function that gives its parts. @param set 0: the one that is restored; others are what it builds on */
export function functionName(kind: 'parts' | 'index', archive: string, set = 0): string {
  return `${kind}_${set === 0 ? '' : `${set}_`}${nameOf(archive)}`;
}

/** Of letters, digits and '_', and no two words have the same: '001-root' gives '001_root'. */
function nameOf(word: string): string {
  return word.replaceAll(/[^0-9A-Ya-z]/gu, (character) => {
    if (character === '-' || character === 'Z') return character === '-' ? '_' : 'ZZ';
    return `Z${character.codePointAt(0)?.toString(16)}z`;
  });
}

export interface Context {
  /** Of the set that is restored. */
  archives: readonly Archive[];
  /** UUIDs of the sets, the restored one first. */
  sets: readonly string[];
}

/** One action as commands of a POSIX shell; the functions are those of the prelude. */
export function renderAction(action: Action, context: Context): string {
  const roots = Map.groupBy(targetPaths(action), ({ root }) => root);
  const checks = [...roots].map(([root, paths]) => words('assert_own', root, ...paths.map(({ path }) => path)));
  return [...checks, renderCommands(action, context)].join('\n');
}

function renderCommands(action: Action, { archives, sets }: Context): string {
  switch (action.type) {
    case 'run':
      return renderRun(action);
    case 'assert-disk':
      return words('assert_disk', action.device, `${action.sizeBytes}`, action.serial ?? '', action.wwn ?? '');
    case 'assert-device':
      return words(
        'assert_device',
        action.device,
        `${action.sizeBytes ?? ''}`,
        action.holds?.type ?? '',
        action.holds?.uuid ?? '',
      );
    case 'assert-free':
      return words('assert_free', ...action.devices);
    case 'release-disk':
      return words('release_disk', action.device);
    case 'await-node':
      return words('await_node', action.device, `${action.sizeBytes ?? ''}`);
    case 'assert-mounted':
      return words('assert_mounted', action.device, action.at, action.uuid ?? '');
    case 'extract':
      return renderExtract(action, sets);
    case 'write-raw': {
      const method = archives.find(({ name }) => name === action.archive)?.method ?? 'dd';
      return `extract ${functionName('parts', action.archive)} ${words(...writer(method, action.device))}`;
    }
    case 'inode-flags':
      return words('set_attributes', functionName('index', action.archive), action.at, ...onlyWords(action.only));
    case 'mkdir':
      return `${words('mkdir', '-p', action.path)}\n${words('chmod', action.mode.toString(8), action.path)}`;
    case 'write-file': {
      const write = `cat > ${quote(action.path)} ${hereDocument(action.content, 'FILE')}`;
      // A here-document ends with a line break; a file need not.
      const exact = action.content.endsWith('\n')
        ? write
        : `printf %s ${quote(action.content)} > ${quote(action.path)}`;
      return `${exact}\n${words('chmod', action.mode.toString(8), action.path)}`;
    }
    case 'prove':
      return words('prove', action.root, ...action.disks);
    case 'copy-log':
      return words('copy_log', action.root, ...(action.marks ?? []));
  }
}

/** Flags in hexadecimal, then whether there are project ids. */
function onlyWords(only: { flags: number; projects: boolean } | undefined): string[] {
  return only === undefined ? [] : [only.flags.toString(16), only.projects ? 'projects' : ''];
}

/** 'luks:disk0:3': the variable that holds the passphrase. */
export function secretVariable(name: string): string {
  return `secret_${nameOf(name)}`;
}

function words(...list: string[]): string {
  return list.map((word) => (word === '' ? "''" : quote(word))).join(' ');
}

function renderRun({ argv, input, secret, okExit }: Extract<Action, { type: 'run' }>): string {
  const command = words(...argv);
  const allowed = okExit === undefined ? command : `allow ${quote(okExit.join(' '))} ${command}`;
  // Without a line break, as the engine gives it: cryptsetup takes every byte.
  if (secret !== undefined) return `printf %s "$${secretVariable(secret)}" | ${allowed}`;
  return input === undefined ? allowed : `${allowed} ${hereDocument(input, 'INPUT')}`;
}

/** The options of the restore itself, but names are not trusted: nobody looks at them before tar does. */
function unpackArgv(at: string, changes: boolean): string[] {
  return tarExtractArgv(at, changes).filter((option) => option !== '--absolute-names');
}

function renderExtract(
  { archive, at, before = [] }: Extract<Action, { type: 'extract' }>,
  sets: readonly string[],
): string {
  const links = [...before.map((link) => ({ ...link, number: sets.indexOf(link.set) })), { archive, number: 0 }];
  const several = links.length > 1;
  return [
    ...links.flatMap((link, index) => [
      ...(several ? [words('use_set', `${link.number}`)] : []),
      ...(index > 0 ? [words('assert_alone', at), words('clear_attributes', at)] : []),
      // Of what the set itself left, tar removes what is in the way.
      ...(index === 0 ? [`assert_way ${functionName('parts', link.archive, link.number)} ${words(at)}`] : []),
      `extract ${functionName('parts', link.archive, link.number)} ${words('confined', at, ...unpackArgv(at, index > 0))}`,
    ]),
    ...(several ? [words('join_names', functionName('index', archive), at)] : []),
    words('sync', '-f', at),
  ].join('\n');
}
