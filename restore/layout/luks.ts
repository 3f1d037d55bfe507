import { formatBytes } from '../../common/format.ts';
import { run as runTool } from '../../common/run.ts';
import type { Action } from '../plan/step.ts';
import { runs } from './layer.ts';
import { type StackPlan, zeroEnds } from './stack-layer.ts';
import type { LuksContent, Pbkdf } from './stack-schema.ts';

export { readLuksHeader } from './luks-header.ts';

/** A layer that is locked, on its device of now, and what it is opened as. */
export interface LuksPlace {
  /** Node id of the encrypted device: the secret's name comes from it. */
  node: string;
  content: LuksContent;
  device: string;
  /** '/dev/mapper/rekindle-3'; null where nothing lies on it. */
  opened: string | null;
  /** Of the opened side. */
  openedBytes: number;
}

/** cryptsetup's exit code for it (cryptsetup(8)). */
export const wrongPassphrase = 2;

/** Name of the secret that opens a node. */
export function luksSecret(node: string): string {
  return `luks:${node}`;
}

/** Null where nobody can tell: the device is not there, or there is not enough memory. Changes nothing. */
export async function passphraseOpens(device: string, passphrase: string): Promise<boolean | null> {
  const argv = ['cryptsetup', 'open', '--test-passphrase', '--type', 'luks', '--key-file=-', device] as const;
  const { exitCode } = await runTool(argv, { input: passphrase, okExit: [0, 1, 2, 3, 4, 5] });
  return exitCode === 0 ? true : exitCode === wrongPassphrase ? false : null;
}

/** LUKS2's persistent flags as cryptsetup's options. */
const flagOptions: ReadonlyMap<string, string> = new Map([
  ['allow-discards', '--allow-discards'],
  ['same-cpu-crypt', '--perf-same_cpu_crypt'],
  ['submit-from-crypt-cpus', '--perf-submit_from_crypt_cpus'],
  ['no-read-workqueue', '--perf-no_read_workqueue'],
  ['no-write-workqueue', '--perf-no_write_workqueue'],
]);

/**
 * Formats with the saved parameters and opens it. The volume key is a new one: a saved key would open the old disk too.
 * The passphrase comes over standard input, never as an argument. @param memoryBytes RAM of this machine
 */
export function planLuks(place: LuksPlace, memoryBytes: number | null): StackPlan {
  const { content, device, opened, node } = place;
  const pbkdf = affordable(content.keySlots[0]?.pbkdf ?? null, memoryBytes);
  const secret = luksSecret(node);
  const make: Action[] = [{ ...run(formatArgv(content, pbkdf, device)), secret }];
  const open: Action[] = [];
  const close: Action[] = [];
  if (opened !== null) {
    const name = opened.replace('/dev/mapper/', '');
    const unlock: Action = { ...run(openArgv(content, device, name)), secret };
    open.push(unlock, { type: 'await-node', device: opened, sizeBytes: null });
    make.push(unlock, { type: 'await-node', device: opened, sizeBytes: place.openedBytes });
    make.push(...zeroEnds(opened, 0, place.openedBytes));
    close.push(runs(['cryptsetup', 'close', name]));
  }
  return { name: `LUKS${content.version} encryption`, make, open, close, notes: notesOf(place, pbkdf) };
}

type Run = Extract<Action, { type: 'run' }>;

function run(argv: [string, ...string[]]): Run {
  return { type: 'run', argv };
}

/** cryptsetup itself takes half of the memory at most; other programs of the rescue need the rest. */
function affordable(pbkdf: Pbkdf | null, memoryBytes: number | null): Pbkdf | null {
  if (pbkdf === null || pbkdf.type === 'pbkdf2' || memoryBytes === null) return pbkdf;
  const most = Math.max(32 * 1024, Math.floor(memoryBytes / 4 / 1024));
  return pbkdf.memoryKiB <= most ? pbkdf : { ...pbkdf, memoryKiB: most };
}

function formatArgv(content: LuksContent, pbkdf: Pbkdf | null, device: string): [string, ...string[]] {
  const two = content.version === 2;
  const optional: string[] = [];
  if (two) {
    optional.push('--sector-size', `${content.sectorBytes}`);
    if (content.label !== '') optional.push('--label', content.label);
    if (content.subsystem !== '') optional.push('--subsystem', content.subsystem);
    if (content.metadataBytes !== null) optional.push('--luks2-metadata-size', `${content.metadataBytes}`);
    if (content.keyslotsBytes !== null) optional.push('--luks2-keyslots-size', `${content.keyslotsBytes}`);
  }
  return [
    ...([
      'cryptsetup',
      'luksFormat',
      '--batch-mode',
      '--type',
      `luks${content.version}`,
      '--uuid',
      content.uuid,
    ] as const),
    ...['--cipher', content.cipher, '--key-size', `${content.keyBytes * 8}`, '--hash', content.hash],
    ...['--offset', `${content.dataOffsetBytes / 512}`, ...pbkdfArgv(pbkdf, two), ...optional, '--key-file=-', device],
  ];
}

function pbkdfArgv(pbkdf: Pbkdf | null, two: boolean): string[] {
  if (pbkdf === null) return [];
  const type = two ? ['--pbkdf', pbkdf.type] : [];
  const forced = ['--pbkdf-force-iterations', `${pbkdf.iterations}`];
  if (pbkdf.type === 'pbkdf2') return [...type, ...forced];
  return [...type, ...forced, '--pbkdf-memory', `${pbkdf.memoryKiB}`, '--pbkdf-parallel', `${pbkdf.threads}`];
}

function openArgv(content: LuksContent, device: string, name: string): [string, ...string[]] {
  const options = content.flags.flatMap((flag) => flagOptions.get(flag) ?? []);
  const persistent = options.length > 0 && content.version === 2 ? ['--persistent'] : [];
  return ['cryptsetup', 'open', '--type', 'luks', ...options, ...persistent, '--key-file=-', device, name];
}

function notesOf({ node, content }: LuksPlace, pbkdf: Pbkdf | null): string[] {
  const notes: string[] = [];
  const [first, ...others] = content.keySlots;
  if (others.length > 0) {
    notes.push(
      `${node}: only one passphrase comes back. Key slots ${others.map(({ slot }) => slot).join(', ')} are lost (further passphrases, key files): add them again with cryptsetup luksAddKey.`,
    );
  }
  if (content.tokens.length > 0) {
    notes.push(`${node}: unlocking by ${content.tokens.join(', ')} is lost: enroll it again on the restored machine.`);
  }
  const lost = content.flags.filter((flag) => !flagOptions.has(flag));
  if (lost.length > 0)
    notes.push(
      `${node}: the LUKS flag ${lost.join(', ')} does not come back: see whether it is still wanted (cryptsetup refresh --persistent).`,
    );
  const saved = first?.pbkdf;
  if (saved !== undefined && saved.type !== 'pbkdf2' && pbkdf !== null && pbkdf.type !== 'pbkdf2') {
    if (pbkdf.memoryKiB < saved.memoryKiB) {
      notes.push(
        `${node}: ${saved.type} takes ${formatBytes(pbkdf.memoryKiB * 1024)} of memory instead of ${formatBytes(saved.memoryKiB * 1024)}, for this machine has no more. Guessing the passphrase gets easier: run cryptsetup luksConvertKey later.`,
      );
    }
  }
  return notes;
}
