import { inspect } from 'node:util';
import type { Command } from 'commander';
import { onCommandRun } from '../common/commands-run.ts';
import { RekindleError } from '../common/errors/error.ts';
import { printErrorLines, silenceProgress } from '../common/print.ts';
import { renderCommand, renderEnd } from '../common/render-command.ts';

interface Loudness {
  quiet?: boolean;
  verbose?: boolean;
  debug?: boolean;
}

let isDebugging = false;

/** How much every command says beside its result, on standard error. */
export function addLoudness(program: Command): void {
  program
    .option('-q, --quiet', 'no progress: only results and errors')
    .option('-v, --verbose', 'each program that is run, as a line to paste, and how it ended')
    .option('--debug', 'as --verbose; an error also shows where it came from')
    .hook('preAction', () => apply(program.opts<Loudness>()));
}

function apply({ quiet = false, verbose = false, debug = false }: Loudness): void {
  if (quiet && (verbose || debug))
    throw new RekindleError('RK005', '--quiet and --verbose or --debug exclude each other');
  isDebugging = debug;
  if (quiet) silenceProgress();
  if (verbose || debug)
    onCommandRun((command) => printErrorLines([`+ ${renderCommand(command)} # ${renderEnd(command)}`]));
}

/** Where an error came from, its causes too, for who asked for it; for everybody where it is a fault of ours. */
export function originOf(error: unknown, isOurFault: boolean): string[] {
  if (!isDebugging && !isOurFault) return [];
  const text = isDebugging ? inspect(error) : error instanceof Error ? (error.stack ?? '') : '';
  return text === '' ? [] : text.split('\n').map((line) => `  | ${line}`);
}
