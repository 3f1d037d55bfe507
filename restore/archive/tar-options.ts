import { existsSync } from 'node:fs';
import { relative } from 'node:path';

/** Everything that tar can keep of a file. SELinux only where the kernel has it: tar complains otherwise. */
function metadata(): string[] {
  const selinux = existsSync('/sys/fs/selinux/enforce') ? ['--selinux'] : [];
  return ['--xattrs', '--xattrs-include=*', ...selinux, '--numeric-owner'];
}

/** What an ordinary user can give to his files. */
const ownMetadata = ['--xattrs', '--xattrs-include=user.*', '--xattrs-include=system.posix_acl_*', '--numeric-owner'];

/** Names in messages, whatever their bytes are. */
const names = ['--quoting-style=escape'];

/** What goes through a pipe at once: 128 KiB, not 10. An archive that is written so has more zeros at its end (see PipeInput). */
export const largeRecords = '--blocking-factor=256';

/** POSIX format keeps nanoseconds, times before 1970 and any name; access and change times are not restored, so not stored. */
export function tarCreateArgv(source: string, exclude: readonly string[], snapshot?: string): [string, ...string[]] {
  const patterns = exclude.map((path) => `--exclude=./${relative(source, path)}`);
  const format = ['--format=posix', '--pax-option=delete=atime,delete=ctime'];
  // ACLs are in the archive twice: as text for other tools, and as the xattrs that they are.
  const reading = ['--acls', '--sparse', '--one-file-system'];
  // A device has another number after the next start; --no-check-device takes that for no change.
  const listed = snapshot === undefined ? [] : [`--listed-incremental=${snapshot}`, '--no-check-device'];
  const excluding = patterns.length > 0 ? ['--anchored', '--no-wildcards', ...patterns] : [];
  return [
    'tar',
    '--create',
    '--file=-',
    ...format,
    ...metadata(),
    ...reading,
    ...listed,
    ...names,
    ...excluding,
    `--directory=${source}`,
    '.',
  ];
}

/** Full records: a pipe gives them in parts. */
const reading = ['tar', '--extract', '--file=-', largeRecords, '--read-full-records'] as const;

/** Directories get their modes and times at the end. */
const writing = ['--preserve-permissions', '--delay-directory-restore', '--warning=no-timestamp'];

/**
 * Onto a file system, as root. No --acls: tar would look up the names of groups, which this rescue does not know; the xattrs hold
 * their numbers.
 * `-P`: without it an interrupted extraction leaves placeholders for links (names and links were checked before).
 * @param changes onto what earlier sets left: what the archive does not know is removed (never on another device), and
 *   what it has replaces a file instead of being written into it, for that file may have other names.
 */
export function tarExtractArgv(target: string, changes = false): [string, ...string[]] {
  const how = ['--same-owner', '--absolute-names'];
  const onto = changes ? ['--listed-incremental=/dev/null', '--one-file-system'] : ['--overwrite'];
  return [...reading, ...metadata(), ...writing, ...how, ...onto, ...names, `--directory=${target}`];
}

/**
 * Into an empty folder of our own, from where everything is moved: tar itself looks after names too.
 * @param isRoot others can give neither owners nor attributes of the system, and tar would say so of each file
 */
export function tarStageArgv(target: string, isRoot = process.getuid?.() === 0): [string, ...string[]] {
  const kept = isRoot ? [...metadata(), '--same-owner'] : [...ownMetadata, '--no-same-owner'];
  return [...reading, ...kept, ...writing, ...names, `--directory=${target}`];
}
