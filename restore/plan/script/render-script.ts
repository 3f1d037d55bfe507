import { visible } from '../../../common/visible.ts';
import type { Archive, Manifest, VolumeFile } from '../../archive/set-schema.ts';
import { contentsOf, type Plan } from '../step.ts';
import { chainPrelude } from './chain-prelude.ts';
import { prelude } from './prelude.ts';
import { hereDocument, quote } from './quote.ts';
import { functionName, renderAction, secretVariable } from './render-action.ts';

export interface SetOfScript {
  /** UUID. */
  set: string;
  manifest: Manifest;
  /** Where it is one; else the script must be told. */
  directory: string | null;
}

export interface ScriptInput {
  plan: Plan;
  /** The set that is restored, then those that it may build on, in any order. */
  sets: readonly [SetOfScript, ...SetOfScript[]];
}

/**
 * A POSIX shell script that does exactly the plan with standard tools. It asks for the disk's name before it writes, and
 * for what opens an encrypted set by the tools themselves.
 */
export function renderScript({ plan, sets: [wanted, ...others] }: ScriptInput): string {
  const sets = [wanted, ...others.filter(({ set }) => isNeeded(plan, set))];
  const context = { archives: wanted.manifest.archives, sets: sets.map(({ set }) => set) };
  const steps = plan.steps.map((step, index) => {
    const title = `${index + 1} of ${plan.steps.length}: ${step.title} (${step.target})`;
    const destroys = step.destroys === null ? '' : `# Destroys ${oneLine(step.destroys)}.\n`;
    const actions = step.actions.map((action) => renderAction(action, context)).join('\n');
    return `${destroys}say ${shown(title)}\n${actions}\n`;
  });
  return [
    `${header(plan, sets)}\n${beginning(sets)}`,
    prelude.trim(),
    ...(sets.length > 1 ? [chainPrelude.trim()] : []),
    keyPart(sets),
    ...sets.flatMap(({ manifest }, number) =>
      manifest.archives.map((archive) => archiveFunctions(archive, manifest, number)),
    ),
    ...sets.flatMap(({ manifest }, number) => [...(number > 0 ? [`use_set ${number}`] : []), checkPart(manifest)]),
    ...(sets.length > 1 ? ['use_set 0'] : []),
    ...(plan.part === undefined || plan.part.kind === 'layout' ? plan.targets : []).map(({ disk }) => {
      const which = `${disk.model || 'no model'}, serial ${disk.serial ?? 'none'}`;
      return `confirm ${shown(disk.name)} ${shown(`${which}: ${contentsOf(disk)}`)}`;
    }),
    ...partPart(plan),
    ...(plan.secrets ?? []).map(
      ({ name, title, opens }) =>
        `${opens === undefined ? 'ask_secret' : 'ask_known_secret'} ${shown(title)}\n${secretVariable(name)}=$answer`,
    ),
    ...steps,
    plan.part === undefined ? "say 'Restored. Take the medium out, then restart.'" : "say 'Every step ended well.'",
    '',
  ].join('\n\n');
}

function isNeeded({ steps }: Plan, set: string): boolean {
  return steps.some(({ actions }) =>
    actions.some((action) => action.type === 'extract' && action.before?.some((link) => link.set === set)),
  );
}

/** A part of a machine: one question for all of it, which says what each step loses. */
function partPart({ part, steps }: Plan): string[] {
  if (part === undefined || part.kind === 'layout') return [];
  const lost = steps.flatMap(({ destroys }) => destroys ?? []);
  return [`confirm_part ${shown(part.confirm)} ${shown(lost.length === 0 ? 'nothing' : lost.join('; '))}`];
}

/** For a comment. */
function oneLine(text: string): string {
  return visible(text.replaceAll(/\s+/g, ' '));
}

/** A word that a terminal gets. */
function shown(text: string): string {
  return quote(visible(text));
}

function header(plan: Plan, sets: readonly SetOfScript[]): string {
  const warnings = plan.warnings.map((warning) => `# ! ${oneLine(warning)}`);
  const others = sets.slice(1).map(({ set }, index) => `# ${index + 2}: of set ${set}, which it builds on`);
  return [
    '#!/bin/sh',
    `# Restores set ${plan.set}: sh THIS_FILE [DIRECTORY OF THE SET${others.length > 0 ? ' [DIRECTORY 2 ...]' : ''}]`,
    ...others,
    `# Written by "rekindle plan --script"; needs root, GNU tar, zstd, util-linux${others.length > 0 ? ', attr' : ''} and what the steps below name.`,
    ...warnings,
    '# Words of the plan are quoted so that nothing in them is expanded.',
    `# shellcheck disable=SC2016,SC1003${others.length > 0 ? ',SC2034' : ''}`,
  ].join('\n');
}

function beginning(sets: readonly SetOfScript[]): string {
  const several = sets.length > 1;
  return [
    'set -eu',
    'export LC_ALL=C',
    `[ "$(id -u)" = 0 ] || { echo 'This needs root.' >&2; exit 1; }`,
    ...(several
      ? [`command -v getfattr > /dev/null || { echo 'getfattr is not here (package attr).' >&2; exit 1; }`]
      : []),
    ...sets.map(({ set, directory }, number) => {
      const given =
        directory === null
          ? `\${${number + 1}:?the directory of set ${set}, which holds set.json}`
          : `\${${number + 1}:-${quote(directory)}}`;
      return [
        `SET_ID_${number}=${quote(set)}`,
        `SET_${number}=${given}`,
        ...assertSet(`SET_ID_${number}`, `SET_${number}`),
      ].join('\n');
    }),
    'SET_ID=$SET_ID_0',
    'SET=$SET_0',
  ].join('\n');
}

/** The directory of the set, or a medium with it: grep's own words would come first where it is neither. */
function assertSet(id: string, set: string): string[] {
  const holds = (directory: string): string => `grep -qF -e "$${id}" "${directory}/set.json" 2> /dev/null`;
  const refuse = (words: string): string => `echo "$${set} ${words}" >&2; exit 1`;
  return [
    `if ${holds(`$${set}/rekindle/$${id}`)}; then ${set}=$${set}/rekindle/$${id}`,
    `elif [ -f "$${set}" ]; then ${refuse('is a file: mount it first (mount -o loop,ro), then name that directory.')}`,
    `elif ! ${holds(`$${set}`)}; then ${refuse(`is neither the directory of set $${id} nor a medium that holds it.`)}`,
    'fi',
  ];
}

/** A passphrase is asked for once a set, by age; the key that it opens lies in memory, where nobody else looks, and goes at the end. */
function keyPart(sets: readonly SetOfScript[]): string {
  const keys = sets.map(({ manifest }, number) => {
    if (manifest.encryption === undefined) return `KEY_${number}=`;
    const given = number === 0 ? `\${KEY:-}` : `\${KEY_${number}:-\${KEY:-}}`;
    if (!manifest.files.some(({ path }) => path === 'key.age'))
      return `KEY_${number}=${given}\n: "\${KEY_${number}:?${number === 0 ? 'KEY, ' : ''}the file of the age or SSH key that opens set $SET_ID_${number}}"`;
    return [
      `KEY_${number}=${number === 0 ? given : `\${KEY_${number}:-}`}`,
      `if [ -z "$KEY_${number}" ]; then`,
      `  [ -n "\${keys:-}" ] || keys=$(mktemp -d /dev/shm/rekindle.XXXXXXXXXX)`,
      `  KEY_${number}=$keys/${number}`,
      `  (umask 077; age -d "$SET_${number}/key.age" > "$KEY_${number}")`,
      'fi',
    ].join('\n');
  });
  const decrypt = 'decrypt() { if [ -n "$KEY" ]; then age -d -i "$KEY"; else cat; fi; }';
  return [cleaning, ...keys, 'KEY=$KEY_0', decrypt].join('\n');
}

/** dash leaves by a signal without its EXIT trap. */
const cleaning = [
  'keys=',
  `trap '[ -z "$keys" ] || rm -rf "$keys"; stty echo 2> /dev/null || :' EXIT`,
  ...['129 HUP', '130 INT', '141 PIPE', '143 TERM'].map((each) => `trap 'exit ${each.replace(' ', "' ")}`),
].join('\n');

function archiveFunctions(archive: Archive, manifest: Manifest, number: number): string {
  const call = ({ path, volume }: Pick<VolumeFile, 'path' | 'volume'>): string => `part ${quote(path)} ${volume}`;
  const last = { path: archive.index.path, volume: manifest.volumes };
  return [
    `${functionName('parts', archive.name, number)}() { ${archive.parts.map(call).join(' && ')}; }`,
    `${functionName('index', archive.name, number)}() { ${call(last)}; }`,
  ].join('\n');
}

/** Before anything is wiped, every file of the set is read once and compared. */
function checkPart({ files, volumes }: Manifest): string {
  const list = files.map(({ sha256, path }) => digestLineOf(sha256, path)).join('');
  const check = (options: string): string =>
    `(cd "$SET" && sha256sum --check --quiet${options} -) ${hereDocument(list, 'FILES')}`;
  if (volumes === 1) return `say "the whole of set $SET_ID is read and compared"\n${check('')}`;
  return [
    'say "what is here of set $SET_ID is read and compared"',
    `[ "$(find -L "$SET" -type f -path '*/archives/*' | wc -l)" -ge ${files.filter(({ path }) => path.startsWith('archives/')).length} ] || {`,
    `  printf '%s\\n' 'Not all volumes are in this directory (docs/by-hand.md joins them): the rest is not verified before the disk is wiped.'`,
    `  printf 'Type unverified to go on: '; answer=; read -r answer || :; [ "$answer" = unverified ] || die 'Nothing was written.'`,
    '}',
    check(' --ignore-missing'),
  ].join('\n');
}

/** As sha256sum itself writes a name that holds more than a line's characters. */
function digestLineOf(sha256: string, path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}
