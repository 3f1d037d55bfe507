import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { RekindleError } from './errors/error.ts';
import { findProgram } from './find-program.ts';
import { readDistribution, renderInstall } from './packages/distribution.ts';
import { knownPackagesOf } from './packages/packages.ts';
import { shellWord } from './shell-word.ts';

/** A command as it was to be started. */
export interface Start {
  argv: readonly string[];
  cwd?: string | undefined;
}

/** RK004: whoever can do without the program, or knows another place to say it, asks for this. */
export class MissingProgram extends RekindleError {
  readonly program: string;

  constructor(program: string, reason: string, options: { hint?: string; cause?: unknown }) {
    super('RK004', reason, options);
    this.program = program;
  }
}

/**
 * What to say of a command that could not even be started: spawn(2) has one ENOENT for a program that is not installed, for a folder to
 * run in that is gone, and for a script without its interpreter.
 * @param error what spawn said
 * @returns MissingProgram with the package to install; RK008; or `error` where the system is at its limits, which says so itself
 */
export async function startFailure(error: unknown, { argv, cwd }: Start): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [program = ''] = argv;
  const line = argv.map(shellWord).join(' ');
  if (cwd !== undefined && !existsSync(cwd))
    return new RekindleError('RK008', `the folder ${cwd}, in which it was to run, is gone (ran: ${line})`, {
      hint: 'See what removed that folder, or unmounted it; then run it again.',
      cause: error,
    });
  const found = program.includes('/') ? (existsSync(program) ? program : null) : await findProgram(program);
  if (code === 'ENOENT' && found === null) return missingProgram(program, line, error);
  if (['ENOENT', 'EACCES', 'ENOEXEC', 'ELIBBAD', 'ENOTDIR', 'EISDIR', 'ELOOP'].includes(code))
    return new RekindleError('RK008', `${found ?? program}: ${code} (ran: ${line})`, { cause: error });
  return error;
}

async function missingProgram(program: string, line: string, cause: unknown): Promise<MissingProgram> {
  const distribution = await readDistribution();
  const packages = knownPackagesOf(basename(program), distribution);
  const reason = `${program} was not found (ran: ${line})`;
  // The rescue system is no distribution: nothing can be installed there.
  if (distribution.family === null || packages === null) return new MissingProgram(program, reason, { cause });
  const hint = `Install it: ${renderInstall(distribution, packages)}`;
  return new MissingProgram(program, reason, { hint, cause });
}
