import { type Check, verdictOfAll } from '../check.ts';
import { keyOutcome, type Outcome } from '../crypttab-key.ts';
import { type CrypttabLine, isOptional, readCrypttab } from '../read/tables.ts';
import { freshIn, lookUp } from '../reference/collect.ts';
import { judge, settle } from '../reference/reference.ts';
import type { Subject } from '../subject.ts';

export const crypttab: Check = {
  id: 'crypttab',
  title: 'every device in /etc/crypttab exists',
  stopsBoot: true,
  run(subject) {
    const lines = readCrypttab(subject.root);
    if (lines.length === 0) return null;
    const problems: string[] = [];
    const unknown: string[] = [];
    const notes: string[] = [];
    for (const entry of lines) {
      const isMild = isOptional(entry.options);
      const where = `line ${entry.line}, ${entry.name}: `;
      for (const { problem, unknown: open, note } of outcomesOf(entry, subject)) {
        if (problem !== undefined) (isMild ? notes : problems).push(where + problem);
        if (open !== undefined) (isMild ? notes : unknown).push(where + open);
        if (note !== undefined) notes.push(where + note);
      }
    }
    return verdictOfAll(
      { problems, unknown, notes },
      {
        hint: 'Correct /etc/crypttab of the restored system, then make its initramfs again.',
        good: `${lines.length} encrypted devices were looked up`,
        unknownHint: 'Attach what it names before the machine starts, or have its passphrase at hand.',
      },
    );
  },
};

function outcomesOf(entry: CrypttabLine, subject: Subject): Outcome[] {
  if (entry.spec === '') return [{ note: 'the line names no device, systemd leaves it out' }];
  return [sourceOutcome(entry, subject), keyOutcome(entry, subject), tokenOutcome(entry)];
}

function sourceOutcome(entry: CrypttabLine, subject: Subject): Outcome {
  const { spec, options } = entry;
  const wanted = wantedContent(options);
  const judged = judge(settle(lookUp(spec, subject), ({ content }) => wanted !== null && content === wanted.content));
  if (judged === 'no-device') return subject.root.stat(spec) === null ? { problem: `${spec} does not exist` } : {};
  if ('problem' in judged) return { problem: `${spec} ${judged.problem}` };
  if ('unknown' in judged) return { unknown: `${spec} ${judged.unknown}` };
  const { device, holds, note } = judged;
  if (device === null) return {};
  const told = note === null ? {} : { note: `${spec} ${note}` };
  if (freshIn(entry) !== null) return { ...told, ...overwritten(entry, device.path, holds, subject) };
  if (wanted === null || holds === wanted.content) return told;
  return { problem: `${device.path} holds ${holds ?? 'nothing known'}, not ${wanted.words}` };
}

/** What must be in the device; null where anything may be: a header elsewhere, or a format without a mark of its own. */
function wantedContent(options: readonly string[]): { content: string; words: string } | null {
  if (options.includes('bitlk')) return { content: 'BitLocker', words: 'BitLocker' };
  const isUnmarked = options.some((option) =>
    /^(plain|swap|tmp(=.*)?|tcrypt.*|veracrypt.*|fvault2|header=.*)$/.test(option),
  );
  return isUnmarked ? null : { content: 'crypto_LUKS', words: 'LUKS' };
}

/** A swap or a /tmp that is made in a restored file system destroys it. With an offset that one is left alone. */
function overwritten({ options }: CrypttabLine, device: string, holds: string | null, { mounts }: Subject): Outcome {
  if (options.some((option) => /^offset=[1-9]/.test(option))) return {};
  const isUsed = mounts.some((mount) => mount.device === device);
  if (isUsed || (holds !== null && /^(crypto_LUKS|ext[234]|xfs|btrfs|f2fs|ntfs|vfat|\w+_member)$/.test(holds)))
    return { problem: `${device} holds ${holds ?? 'a file system'}, which would be overwritten at each start` };
  return {};
}

/** A restore makes new volume keys: no chip and no server knows them. */
function tokenOutcome({ options }: CrypttabLine): Outcome {
  const token = options.find((option) => /^(tpm2|fido2|pkcs11)-\w+=/.test(option));
  if (token === undefined) return {};
  const asked = 'until it is enrolled again the passphrase is needed';
  return options.some((option) => /^headless(=(1|yes|true|on))?$/.test(option))
    ? { unknown: `${token}, and headless: ${asked}, and nobody is asked for it` }
    : { note: `${token}: ${asked}` };
}
