import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RekindleError } from '../common/errors/error.ts';
import type { AgeRecipients } from '../restore/archive/age/recipients.ts';
import { readAnswerFile } from '../restore/execute/answer-file.ts';
import { type Destination, parseDestination } from './destination.ts';
import type { CreateRequest } from './main.ts';
import { parseFd, readRecipients } from './secrets.ts';
import { parseKeep } from './snapshots/keep.ts';
import { parseVolumeSize } from './volume-size.ts';

/** They go into the boot loaders' settings, where a quote or a line's end would be syntax. */
export function isKernelArgument(text: string): boolean {
  return /^[\w.,:;=+@%/-]+$/.test(text);
}
export const kernelArgumentForm = 'letters, digits and .,:;=+@%/- only';

/** What flags and settings together name, looked at. */
export interface Usable {
  destination: Destination;
  /** Null: none are named. */
  recipients: AgeRecipients | null;
}

/**
 * All that is wrong with what was asked for, as far as it can be told at once: before a passphrase is asked for, and before the machine is
 * looked at.
 * @param flags what the command line itself said
 * @throws RekindleError RK005, RK206, RK222 for words; RK009, RK208, RK231, RK327, RK459 and what the system refuses for what is named
 */
export async function assertUsable(request: CreateRequest, flags: CreateRequest): Promise<Usable> {
  const [to, ...others] = request.to;
  if (to === undefined) throw new RekindleError('RK005', 'create needs a destination: --to iso:FILE');
  if (others.length > 0) throw new RekindleError('RK206', 'exactly one --to in this version');
  if (request.rescueOnly && flags.level === 'incremental')
    throw new RekindleError('RK005', '--level incremental and --rescue-only: a medium without a backup has no level');
  if (flags.signingPasswordFd !== null && request.signingKey === undefined)
    throw new RekindleError('RK005', '--signing-password-fd without a --signing-key: there is nothing that it opens');
  const bad = request.kernelArgument.find((argument) => !isKernelArgument(argument));
  if (bad !== undefined)
    throw new RekindleError('RK005', `--kernel-argument ${JSON.stringify(bad)}: ${kernelArgumentForm}`);
  if (request.volumeSize !== undefined) parseVolumeSize(request.volumeSize);
  parseKeep(request.keep);
  const recipients = await readRecipients(request);
  if (request.answer !== undefined) {
    await readAnswerFile(request.answer);
    // It is read again when the medium is put together: a pipe would give nothing then.
    if (!(await stat(request.answer)).isFile())
      throw new RekindleError('RK009', `${request.answer} is no ordinary file`);
  }
  if (request.workDirectory !== undefined) await assertFolder(request.workDirectory);
  return { destination: await parseDestination(to), recipients };
}

/** File descriptors that are to be read: given as such, or as the names of files that a shell makes of `<(command)`. */
export function descriptorsOf(flags: CreateRequest): number[] {
  const given = [flags.passphraseFd, flags.signingPasswordFd].flatMap((fd) => (fd === null ? [] : parseFd(fd)));
  const files = [flags.signingKey, flags.configFile, ...flags.recipientsFile, ...flags.trustedKey];
  const named = files.flatMap((file) => {
    const fd = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(file ?? '')?.[1];
    return fd !== undefined && existsSync(`/proc/self/fd/${fd}`) ? Number(fd) : [];
  });
  return [...given, ...named.filter((fd) => fd > 2)];
}

async function assertFolder(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => String(error instanceof Error ? error.message : error));
  if (typeof found === 'string') throw new RekindleError('RK231', `${path}: ${found}`);
  if (!found.isDirectory()) throw new RekindleError('RK231', `${path} is no folder`);
}
