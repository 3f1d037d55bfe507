/** Exit codes of the command line, by cause; `exitOfError` (exit-of-error.ts) has the one of each error. A number never changes its meaning. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  problems: 3,
  unknown: 4,
  cannotOpen: 5,
  wrongKey: 6,
  refused: 7,
  interrupted: 8,
} as const;
export type ExitName = keyof typeof exitCodes;

/** As the manual says it; the help has the part before the colon. */
export const exitMeanings: Readonly<Record<ExitName, string>> = {
  ok: 'done',
  failed: 'failed: a tool, the disk, a property of the machine; the message has the cause',
  usage: 'wrong usage: an unknown word, a bad value of an option or of the settings; nothing was begun',
  problems:
    'problems found: `check` found what is missing, `verify` damage, a missing volume or a bad signature, `prove` what will not work, any command a damaged set; or `extract` left something out, and named it',
  unknown: 'not everything could be told: nothing that `prove` looked at is wrong',
  cannotOpen:
    'cannot open: what was named is not there, cannot be read, is no set, or lacks a volume or a set that it builds on',
  wrongKey: 'wrong key: no passphrase or key, a wrong one, or a key file that is none',
  refused: 'refused: the set is not signed by a trusted key, or a consent is missing (`--allow-unencrypted`)',
  interrupted: 'interrupted: stopped by a signal, after what was begun was undone',
};

/** One line for the help: '0 done, 1 failed, ...'. */
export function exitCodesInWords(): string {
  const names = Object.keys(exitCodes) as ExitName[];
  return names.map((name) => `${exitCodes[name]} ${exitMeanings[name].split(':')[0]}`).join(', ');
}

/** Rows of the manual's table. */
export function exitCodeRows(): string[] {
  const names = Object.keys(exitCodes) as ExitName[];
  return names.map((name) => `| ${exitCodes[name]} | ${exitMeanings[name]} |`);
}
