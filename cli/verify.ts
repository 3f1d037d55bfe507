import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatBytes } from '../common/format.ts';
import { escapePath } from '../restore/archive/index/escape-path.ts';
import { machinePath } from '../restore/archive/machine-paths.ts';
import type { SetAccess } from '../restore/archive/open-archive.ts';
import { lostMembers } from '../restore/archive/salvage.ts';
import { setFileNames } from '../restore/archive/set-schema.ts';
import { parsePublicKey } from '../restore/archive/signature/public-key.ts';
import { verifyBytes } from '../restore/archive/signature/verify.ts';
import { readWhole } from '../restore/archive/store/store.ts';
import { type Damage, describeDamageOf, verifySet } from '../restore/archive/verify-set.ts';
import { exitCodes } from './exit-codes.ts';
import { readsSet } from './look.ts';
import { openNamedSet, type ReadFlags } from './read-set.ts';

interface VerifyFlags extends ReadFlags {
  publicKey?: string;
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
  /** Encrypted and without the key: only the encrypted files were checked. */
  onlyCiphertext: boolean;
}

/** `rekindle verify`: exit 0 intact, 3 damaged or incomplete. */
export function addVerify(program: Command, finish: (exitCode: number) => void): void {
  readsSet(program.command('verify'))
    .description('read a whole set and compare every byte with what was written')
    .option('--public-key <file>', 'minisign key that the manifest must be signed with')
    .option('--json', 'print the verdict as JSON')
    .action(async (volumes: string[], flags: VerifyFlags) => {
      const verdict = await verify(await openNamedSet(volumes, flags), flags);
      process.stdout.write(flags.json ? `${JSON.stringify(verdict, null, 2)}\n` : renderVerdict(verdict));
      finish(verdict.ok ? exitCodes.ok : exitCodes.problems);
    });
}

async function verify(access: SetAccess, flags: VerifyFlags): Promise<Verdict> {
  const { set } = access;
  const damage = await verifySet(access, { onProgress: showProgress });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const numbers = Array.from({ length: set.info.volumes }, (_, index) => index + 1);
  const missingVolumes = numbers.filter((number) => !set.volumes.has(number));
  const signature = flags.publicKey === undefined ? null : await checkSignature(access, flags.publicKey);
  const signed = signature === null || signature.startsWith('good');
  return {
    set: set.info.set,
    ok: damage.length === 0 && missingVolumes.length === 0 && signed,
    damage: damage.map((one) => ({ volume: one.volume, file: one.path, detail: one.detail })),
    lostFiles: await listLost(access, damage),
    missingVolumes,
    signature,
    onlyCiphertext: set.manifest?.encryption !== undefined && access.identities.length === 0,
  };
}

let drawn = 0;
function showProgress(done: number, total: number): void {
  const now = Date.now();
  if (!process.stderr.isTTY || now - drawn < 200) return;
  drawn = now;
  process.stderr.write(`\r\x1b[K${formatBytes(done)} of ${formatBytes(total)} read`);
}

async function checkSignature({ set }: SetAccess, keyFile: string): Promise<string> {
  const key = parsePublicKey(await readFile(keyFile, 'utf8'), keyFile);
  const last = set.volumes.get(set.info.volumes);
  if (!last) return 'none: the last volume is not here';
  const manifest = await readWhole(last, setFileNames.manifest);
  const signature = await readWhole(last, setFileNames.manifestSignature).catch(() => null);
  const result = verifyBytes(manifest, signature, key);
  if (result.kind === 'good') return `good, by key ${result.keyId}: ${result.trustedComment}`;
  return result.kind === 'unsigned' ? 'none: the set is not signed' : `BAD: ${result.words}`;
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

function renderVerdict(verdict: Verdict): string {
  const lines: string[] = [];
  for (const { volume, file, detail } of verdict.damage)
    lines.push(`DAMAGED  volume ${volume}, ${describeDamageOf({ volume, path: file, detail })}`);
  for (const path of verdict.lostFiles.slice(0, mostLost)) lines.push(`LOST     ${path}`);
  if (verdict.lostFiles.length > mostLost)
    lines.push(`LOST     and ${verdict.lostFiles.length - mostLost} more (--json lists all)`);
  for (const volume of verdict.missingVolumes) lines.push(`MISSING  volume ${volume} was not named and not checked`);
  if (verdict.signature !== null) lines.push(`Signature: ${verdict.signature}`);
  if (verdict.onlyCiphertext)
    lines.push('Encrypted: the files were checked as they lie there, not what they unpack to.');
  lines.push(
    verdict.ok ? `Set ${verdict.set} is intact: every byte is as it was written.` : `Set ${verdict.set} is NOT good.`,
  );
  if (!verdict.ok)
    lines.push(
      'Next: use another copy; make a new medium while the machine lives. What is not named above can be restored.',
    );
  return `${lines.join('\n')}\n`;
}
