import { getAsset, isSea } from 'node:sea';
import { Command, CommanderError, Help } from 'commander';
import { licencesAsset } from '../build/rescue/manuals.ts';
import { catalogue } from '../common/errors/catalogue.ts';
import { RekindleError } from '../common/errors/error.ts';
import { printErrorLines, printLines } from '../common/print.ts';
import { version } from '../common/version.ts';
import { addCreate, assertOneDestination, destination } from './create.ts';
import { exitCodes, exitCodesInWords } from './exit-codes.ts';
import { addLook } from './look.ts';
import { addLoudness } from './loudness.ts';
import { addPlan } from './plan.ts';
import { addProve } from './prove.ts';
import { addVerify } from './verify.ts';

/** The whole command line. @param finish gets the exit code of the command that ran */
export function makeProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('rekindle')
    .description('Bare-metal recovery for Linux: one command makes a bootable medium that brings a dead machine back.')
    .version(version)
    .option('--licences', 'print the licences of Rekindle and of all that its executable holds')
    .on('option:licences', () => {
      printLines(licenceLines());
      throw new CommanderError(exitCodes.ok, 'rekindle.licences', '');
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printLines(text.trimEnd().split('\n')),
      writeErr: (text) => printErrorLines(text.trimEnd().split('\n')),
      // It comes as an error, below.
      outputError: () => undefined,
    })
    .configureHelp({
      sortSubcommands: false,
      showGlobalOptions: true,
      optionDescription: (option) => usualHelp.optionDescription(option).replace(/ \(default: \[\]\)$/, ''),
    })
    .addHelpText(
      'after',
      `\nExit codes: ${exitCodesInWords()}.\nManual: docs/ of the project; errors: docs/errors.md.`,
    );
  addLoudness(program);
  addCheck(program, finish);
  addCreate(program, finish);
  addLook(program, finish);
  addVerify(program, finish);
  addPlan(program, finish);
  addProve(program, finish);
  addPower(program);
  return program;
}

/** Runs one command and gives its exit code. @throws RekindleError for what stops it. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = makeProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    // Without any word the help was printed.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    throw misunderstood(
      error,
      program.commands.find((command) => command.name() === argv[2]),
    );
  }
  return exitCode;
}

/** In the executable it is an asset, which the medium carries with it. */
function licenceLines(): string[] {
  if (isSea()) return getAsset(licencesAsset, 'utf8').trimEnd().split('\n');
  return [
    'This runs from its sources: LICENSE, and the LICENSE of each package in node_modules. "npm run build" collects them.',
  ];
}

const usualHelp = new Help();

/** @returns RK005 that names the command's own help, for wrong words of any kind; what was typed, or pasted, is in its reason */
function misunderstood(error: unknown, command: Command | undefined): unknown {
  const hint = `See "rekindle ${command ? `${command.name()} ` : ''}--help".`;
  if (error instanceof CommanderError)
    return new RekindleError('RK005', error.message.replace(/^error: /, ''), { hint, cause: error });
  const isPlain = error instanceof RekindleError && error.code === 'RK005' && error.hint === catalogue.RK005.hint;
  return isPlain ? new RekindleError('RK005', error.reason, { hint, cause: error }) : error;
}

function addCheck(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('check')
    .description('can this machine be saved? names each missing package and how to install it')
    .option('--json', 'print the report as JSON')
    .option('--rescue-only', 'check for a medium without a backup')
    .option('--to <destination>', 'where the medium would go: iso:FILE', destination, [])
    .action(async (options: { json?: boolean; rescueOnly?: boolean; to: string[] }) => {
      assertOneDestination(options.to);
      const { runCheck } = await import('../build/preflight/main.ts');
      const good = await runCheck({
        json: options.json === true,
        rescueOnly: options.rescueOnly === true,
        ...(options.to[0] === undefined ? {} : { to: options.to[0] }),
      });
      finish(good ? exitCodes.ok : exitCodes.problems);
    });
}

function addPower(program: Command): void {
  program
    .command('power', { hidden: true })
    .description('on the recovery medium: reboot or power off in order')
    .argument('<action>', 'reboot or poweroff')
    .action((action: string) => {
      if (action !== 'reboot' && action !== 'poweroff')
        throw new RekindleError('RK005', `power ${action}: reboot or poweroff`);
      process.kill(1, action === 'reboot' ? 'SIGTERM' : 'SIGUSR2');
    });
}
