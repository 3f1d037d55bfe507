import type { Command } from 'commander';
import { formatBytes } from '../common/format.ts';
import { printJson, printLines, printStatus } from '../common/print.ts';
import { escapePath } from '../restore/archive/index/escape-path.ts';
import { salvageOf } from '../restore/archive/losses.ts';
import { machinePath } from '../restore/archive/machine-paths.ts';
import type { SetAccess } from '../restore/archive/open-archive.ts';
import type { RecoverySet } from '../restore/archive/open-set.ts';
import { lostMembers } from '../restore/archive/salvage.ts';
import { setFileNames } from '../restore/archive/set-schema.ts';
import { judgeSet, type SetTrust } from '../restore/archive/signature/judge-set.ts';
import type { PublicKey } from '../restore/archive/signature/public-key.ts';
import { readPublicKeys } from '../restore/archive/signature/public-key-files.ts';
import { type Damage, describeDamageOf, verifySet } from '../restore/archive/verify-set.ts';
import { exitCodes } from './exit-codes.ts';
import { readsSet } from './look.ts';
import { openNamedSet, type ReadFlags } from './read-set.ts';

interface VerifyFlags extends ReadFlags {
  publicKey?: string;
  content?: boolean;
  json?: boolean;
}

/** What `verify` found, as `--json` prints it. */
interface Verdict {
  set: string;
  ok: boolean;
  damage: { volume: number; file: string; detail: string }[];
  /** Files of the saved machine that cannot be had. */
  lostFiles: string[];
  missingVolumes: number[];
  /** 'good by key 1A2B...', 'none', or what is wrong with it; null when no key was given. */
  signature: string | null;
  /** Why a restore takes nothing of it; null: what is not lost can be restored, or there is no damage. */
  unrestorable: string | null;
  /** Encrypted, and no key was given or could be read: the files were checked as they lie there. */
  onlyCiphertext: boolean;
}

/** `rekindle verify`: exit 0 intact, 3 damaged or incomplete, 6 where the key that was given does not open the set. */
export function addVerify(program: Command, finish: (exitCode: number) => void): void {
  readsSet(program.command('verify'))
    .description('read a whole set and compare every byte with what was written')
    .option('--public-key <file>', 'the same as --trusted-key')
    .option('--content', 'compare what it unpacks to, too: for a set that create did not verify')
    .option('--json', 'print the verdict as JSON')
    .action(async (volumes: string[], flags: VerifyFlags) => {
      // A bad signature is one more thing to report here, not a reason to look no further.
      const { trustedKey = [], publicKey, content = false, ...others } = flags;
      const keyFiles = [...trustedKey, ...(publicKey === undefined ? [] : [publicKey])];
      const keys = await readPublicKeys(keyFiles);
      const verdict = await verify(await openNamedSet(volumes, others, 'offered'), keys, content);
      if (flags.json) printJson(verdict);
      else printLines(renderVerdict(verdict));
      finish(verdict.ok ? exitCodes.ok : exitCodes.problems);
    });
}

async function verify(access: SetAccess, keys: readonly PublicKey[], content: boolean): Promise<Verdict> {
  const { set } = access;
  const damage = await verifySet(access, { content, onProgress: showProgress });
  printStatus('');
  const numbers = Array.from({ length: set.info.volumes }, (_, index) => index + 1);
  const missingVolumes = numbers.filter((number) => !set.volumes.has(number));
  const signature = keys.length === 0 ? null : describeTrust(judgeSet(access.set, keys));
  const signed = signature === null || signature.startsWith('good');
  return {
    set: set.info.set,
    ok: damage.length === 0 && missingVolumes.length === 0 && signed,
    damage: damage.map((one) => ({ volume: one.volume, file: one.path, detail: one.detail })),
    lostFiles: await listLost(access, damage),
    missingVolumes,
    signature,
    unrestorable: whyUnrestorable(set, damage),
    onlyCiphertext: set.manifest?.encryption !== undefined && access.identities.length === 0,
  };
}

function whyUnrestorable(set: RecoverySet, damage: readonly Damage[]): string | null {
  const salvage = salvageOf(set, damage);
  return salvage.possible ? null : salvage.reason;
}

let drawn = 0;
function showProgress(done: number, total: number): void {
  const now = Date.now();
  if (now - drawn < 200) return;
  drawn = now;
  printStatus(`${formatBytes(done)} of ${formatBytes(total)} read`);
}

function describeTrust(trust: SetTrust): string {
  switch (trust.kind) {
    case 'signed':
      return `good, by key ${trust.keyId} (${trust.fingerprint}): ${trust.comment}`;
    case 'unsigned':
      return 'none: the set is not signed';
    case 'otherKey':
      return `BAD: it is signed by key ${trust.keyId}, which was not named`;
    case 'changed':
      return `BAD: ${trust.words}`;
  }
}

async function listLost(access: SetAccess, damage: readonly Damage[]): Promise<string[]> {
  const lost: string[] = [];
  for (const { lost: range } of damage) {
    const archive = access.set.manifest?.archives.find(({ name }) => name === range?.archive);
    if (!archive || !range) continue;
    for await (const { path } of lostMembers(access, archive, range.ranges))
      lost.push(escapePath(machinePath(archive, path)));
  }
  return lost;
}

const mostLost = 40;

function renderVerdict(verdict: Verdict): string[] {
  const lines: string[] = [];
  for (const { volume, file, detail } of verdict.damage)
    lines.push(`DAMAGED  volume ${volume}, ${describeDamageOf({ volume, path: file, detail })}`);
  for (const path of verdict.lostFiles.slice(0, mostLost)) lines.push(`LOST     ${path}`);
  if (verdict.lostFiles.length > mostLost)
    lines.push(`LOST     and ${verdict.lostFiles.length - mostLost} more (--json lists all)`);
  for (const volume of verdict.missingVolumes) lines.push(`MISSING  volume ${volume} was not named and not checked`);
  if (verdict.signature !== null) lines.push(`Signature: ${verdict.signature}`);
  if (verdict.onlyCiphertext)
    lines.push(
      'Encrypted, and checked without its key: every file as it lies there, by SHA-256.',
      'NOT checked: what the archives unpack to, and which files are lost by damage. For that: --identity FILE, --passphrase-fd N.',
    );
  lines.push(
    verdict.ok ? `Set ${verdict.set} is intact: every byte is as it was written.` : `Set ${verdict.set} is NOT good.`,
  );
  return verdict.ok ? lines : [...lines, ...nextSteps(verdict)];
}

function nextSteps(verdict: Verdict): string[] {
  const { damage, missingVolumes, signature } = verdict;
  const steps: string[] = [];
  if (damage.length > 0)
    steps.push(`use another copy; make a new medium while the machine lives. ${ofTheRest(verdict)}`);
  if (missingVolumes.length > 0) steps.push('name the missing volumes too: all volumes of a set in one command.');
  if (signature !== null && !signature.startsWith('good'))
    steps.push('see that you named the right key. Do not use a set if you do not know where it comes from.');
  return steps.map((step) => `Next: ${step}`);
}

function ofTheRest({ damage, onlyCiphertext, unrestorable }: Verdict): string {
  if (damage.some(({ file }) => file === setFileNames.key)) return 'With its key damaged no passphrase opens the set.';
  if (onlyCiphertext) return 'With its key "verify" names the files that are lost.';
  if (unrestorable !== null) return `The menu restores nothing of this one: ${unrestorable}. By hand: docs/by-hand.md.`;
  return 'What is not named above can be restored.';
}
