import type { Archive, Manifest, VolumeFile } from '../../archive/set-schema.ts';
import type { Plan } from '../step.ts';
import { prelude } from './prelude.ts';
import { hereDocument, quote } from './quote.ts';
import { functionName, renderAction, secretVariable } from './render-action.ts';

export interface ScriptInput {
  plan: Plan;
  manifest: Manifest;
  /** Directory of the set, where it is one; else the script must be told. */
  directory: string | null;
}

/**
 * A POSIX shell script that does exactly the plan with standard tools. It asks for the disk's name before it writes, and
 * for what opens an encrypted set by the tools themselves.
 */
export function renderScript({ plan, manifest, directory }: ScriptInput): string {
  const steps = plan.steps.map((step, index) => {
    const title = `${index + 1} of ${plan.steps.length}: ${step.title} (${step.target})`;
    const destroys = step.destroys === null ? '' : `# Destroys ${oneLine(step.destroys)}.\n`;
    const actions = step.actions.map((action) => renderAction(action, manifest.archives)).join('\n');
    return `${destroys}say ${quote(title)}\n${actions}\n`;
  });
  return [
    `${header(plan)}\n${beginning(plan, directory)}`,
    prelude.trim(),
    keyPart(manifest),
    ...manifest.archives.map((archive) => archiveFunctions(archive, manifest)),
    checkPart(manifest),
    ...(plan.part === undefined || plan.part.kind === 'layout' ? plan.targets : []).map(({ disk }) => {
      const contents = disk.contents.length === 0 ? 'it is blank, or nobody looked' : disk.contents.join(', ');
      return `confirm ${quote(disk.name)} ${quote(`${disk.model || 'no model'}, serial ${disk.serial ?? 'none'}: ${contents}`)}`;
    }),
    ...partPart(plan),
    ...(plan.secrets ?? []).map(
      ({ name, title, opens }) =>
        `${opens === undefined ? 'ask_secret' : 'ask_known_secret'} ${quote(title)}\n${secretVariable(name)}=$answer`,
    ),
    ...steps,
    plan.part === undefined ? "say 'Restored. Take the medium out, then restart.'" : "say 'Every step ended well.'",
    '',
  ].join('\n\n');
}

/** A part of a machine: one question for all of it, which says what each step loses. */
function partPart({ part, steps }: Plan): string[] {
  if (part === undefined || part.kind === 'layout') return [];
  const lost = steps.flatMap(({ destroys }) => destroys ?? []);
  return [`confirm_part ${quote(part.confirm)} ${quote(lost.length === 0 ? 'nothing' : lost.join('; '))}`];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function header(plan: Plan): string {
  const warnings = plan.warnings.map((warning) => `# ! ${oneLine(warning)}`);
  return [
    '#!/bin/sh',
    `# Restores set ${plan.set}: sh THIS_FILE [DIRECTORY OF THE SET]`,
    '# Written by "rekindle plan --script"; needs root, GNU tar, zstd, util-linux and what the steps below name.',
    ...warnings,
    '# Words of the plan are quoted so that nothing in them is expanded.',
    '# shellcheck disable=SC2016,SC1003',
  ].join('\n');
}

function beginning({ set }: Plan, directory: string | null): string {
  const given =
    directory === null ? `\${1:?the directory of the set, which holds set.json}` : `\${1:-${quote(directory)}}`;
  return [
    'set -eu',
    'export LC_ALL=C',
    `SET_ID=${set}`,
    `SET=${given}`,
    `[ "$(id -u)" = 0 ] || { echo 'This needs root.' >&2; exit 1; }`,
    `grep -q "$SET_ID" "$SET/set.json" || { echo "$SET is not set $SET_ID." >&2; exit 1; }`,
  ].join('\n');
}

/** A passphrase is asked for once, by age; the key that it opens lies in memory and goes at the end. */
function keyPart(manifest: Manifest): string {
  if (manifest.encryption === undefined) return 'decrypt() { cat; }';
  const opens = manifest.files.some(({ path }) => path === 'key.age');
  const key = opens
    ? [
        `if [ -z "\${KEY:-}" ]; then`,
        '  KEY=/dev/shm/rekindle.key; trap \'rm -f "$KEY"\' EXIT',
        '  (umask 077; age -d "$SET/key.age" > "$KEY")',
        'fi',
      ]
    : [`: "\${KEY:?the file of the age or SSH key that opens the set}"`];
  return [...key, 'decrypt() { age -d -i "$KEY"; }'].join('\n');
}

function archiveFunctions(archive: Archive, manifest: Manifest): string {
  const call = ({ path, volume }: Pick<VolumeFile, 'path' | 'volume'>): string => `part ${quote(path)} ${volume}`;
  const last = { path: archive.index.path, volume: manifest.volumes };
  return [
    `${functionName('parts', archive.name)}() { ${archive.parts.map(call).join(' && ')}; }`,
    `${functionName('index', archive.name)}() { ${call(last)}; }`,
  ].join('\n');
}

/** Before anything is wiped, every file of the set is read once and compared. */
function checkPart({ files, volumes }: Manifest): string {
  const list = files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join('');
  const check = (options: string): string =>
    `(cd "$SET" && sha256sum --check --quiet${options} -) ${hereDocument(list, 'FILES')}`;
  if (volumes === 1) return `say 'the whole set is read and compared'\n${check('')}`;
  return [
    "say 'what is here of the set is read and compared'",
    `[ "$(find -L "$SET" -type f -path '*/archives/*' | wc -l)" -ge ${files.filter(({ path }) => path.startsWith('archives/')).length} ] || {`,
    `  printf '%s\\n' 'Not all volumes are in this directory (docs/by-hand.md joins them): the rest is not verified before the disk is wiped.'`,
    `  printf 'Type unverified to go on: '; answer=; read -r answer || :; [ "$answer" = unverified ] || die 'Nothing was written.'`,
    '}',
    check(' --ignore-missing'),
  ].join('\n');
}
