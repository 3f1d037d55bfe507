import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SnapshotChoice } from '../build/consistency.ts';
import { destinationForm, isDestination } from '../build/destination.ts';
import { parseKeep } from '../build/snapshots/keep.ts';
import type { Level } from '../build/snapshots/lineage.ts';
import { parseVolumeSize } from '../build/volume-size.ts';
import { RekindleError } from '../common/errors/error.ts';
import { collect } from './collect.ts';
import { exitCodes } from './exit-codes.ts';
import { fileDescriptor } from './option-values.ts';
import { goOnAfterAll } from './output-gone.ts';

/** A destination by its form; what it means is looked at by create itself. */
export function destination(value: string, previous: string[]): string[] {
  if (!isDestination(value)) throw new InvalidArgumentError(destinationForm);
  return [...previous, value];
}

/** @throws RekindleError RK222 */
function volumeSize(value: string): string {
  parseVolumeSize(value);
  return value;
}

/** @throws RekindleError RK005 */
function kept(value: string): string {
  parseKeep(value);
  return value;
}

interface CreateFlags {
  to: string[];
  rescueOnly?: boolean;
  answer?: string;
  kernelArgument: string[];
  workDirectory?: string;
  allowUnencrypted?: boolean;
  volumeSize?: string;
  recipient: string[];
  recipientsFile: string[];
  passphrase?: boolean;
  passphraseFd?: string;
  signingKey?: string;
  signingPasswordFd?: string;
  trustedKey: string[];
  verify: boolean;
  raw: boolean;
  snapshot?: SnapshotChoice;
  level?: Level;
  keep?: string;
  config?: string;
  json?: boolean;
}

/** @throws RekindleError RK206 */
export function assertOneDestination(to: readonly string[]): void {
  if (to.length > 1) throw new RekindleError('RK206', `exactly one --to in this version, not ${to.join(' and ')}`);
}

/** What the words alone tell, before anything is looked at. @throws RekindleError RK005 */
function assertTogether(flags: CreateFlags): void {
  assertOneDestination(flags.to);
  if (flags.rescueOnly && flags.level === 'incremental')
    throw new RekindleError('RK005', '--level incremental and --rescue-only: a medium without a backup has no level');
  const keys = flags.recipient.length + flags.recipientsFile.length > 0;
  if (keys && (flags.passphrase || flags.passphraseFd !== undefined))
    throw new RekindleError('RK005', 'a set is encrypted to keys or with a passphrase, not both');
}

/** `rekindle create` */
export function addCreate(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('create')
    .description('make a bootable recovery medium with a backup of this machine')
    .option('--to <destination>', 'where it goes: iso:FILE', destination, [])
    .option('--rescue-only', 'without the backup: tools and layout only')
    .option('--volume-size <size>', 'cut the set into media of this size: 650M, 4.7G, 25G', volumeSize)
    .option('--recipient <key>', 'encrypt to this age or OpenSSH public key; may be repeated', collect, [])
    .option('--recipients-file <file>', 'encrypt to the public keys in this file; may be repeated', collect, [])
    .option('--passphrase', 'encrypt with a passphrase, asked on the terminal')
    .option('--passphrase-fd <number>', 'encrypt with the passphrase that this file descriptor gives', fileDescriptor)
    .option('--signing-key <file>', 'sign the manifest with this minisign key')
    .option(
      '--signing-password-fd <number>',
      "read the signing key's password from this file descriptor",
      fileDescriptor,
    )
    .option(
      '--trusted-key <file>',
      'minisign key that this set and all others must be signed by on the medium; may be repeated',
      collect,
      [],
    )
    .option('--no-verify', 'do not read the written medium again')
    .option('--no-raw', 'leave out partitions that can only be copied as they are: NTFS, unknown ones')
    .addOption(
      new Option('--level <level>', 'everything, or what changed since the last set').choices(['full', 'incremental']),
    )
    .addOption(
      new Option('--snapshot <when>', 'read file systems from snapshots, where that is possible').choices([
        'auto',
        'never',
      ]),
    )
    .option('--keep <counts>', 'snapshots for incremental sets that stay: full=2,incremental=6', kept)
    .option('--answer <file>', 'put this answer file on the medium, for unattended restores')
    .option('--kernel-argument <argument>', 'add a kernel argument of the medium; may be repeated', collect, [])
    .option('--work-directory <directory>', 'where the medium is put together; default: beside the result')
    .option('--allow-unencrypted', 'save a LUKS machine onto a medium that is not encrypted')
    .option('--config <file>', 'settings instead of /etc/rekindle/config.toml')
    .option('--json', 'print the result as JSON')
    .action(async (flags: CreateFlags) => {
      assertTogether(flags);
      const { runCreate } = await import('../build/main.ts');
      goOnAfterAll();
      const { config, passphraseFd, signingPasswordFd, ...rest } = flags;
      const finished = await runCreate({
        ...rest,
        rescueOnly: flags.rescueOnly === true,
        allowUnencrypted: flags.allowUnencrypted === true,
        passphrase: flags.passphrase === true,
        json: flags.json === true,
        passphraseFd: passphraseFd ?? null,
        signingPasswordFd: signingPasswordFd ?? null,
        configFile: config ?? null,
      });
      finish(finished ? exitCodes.ok : exitCodes.problems);
    });
}
