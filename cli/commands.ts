import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { RekindleError } from '../common/errors/error.ts';
import { version } from '../common/version.ts';

/** Exit codes of the command line; docs/command-line.md. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, problems: 3 } as const;

function destination(value: string, previous: string[]): string[] {
  if (!/^[a-z0-9]+:./.test(value)) throw new InvalidArgumentError('a destination looks like iso:FILE');
  return [...previous, value];
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** Runs one command and gives its exit code. @throws RekindleError for what stops it. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = new Command('rekindle')
    .description('Bare-metal recovery for Linux: one command makes a bootable medium that brings a dead machine back.')
    .version(version)
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 problems found.\nManual: docs/ of the project; errors: docs/errors.md.',
    );
  addCheck(program, (code) => {
    exitCode = code;
  });
  addCreate(program, (code) => {
    exitCode = code;
  });
  addPower(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return exitCode;
}

function addCheck(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('check')
    .description('can this machine be saved? names each missing package and how to install it')
    .option('--json', 'print the report as JSON')
    .option('--rescue-only', 'check for a medium without a backup')
    .option('--to <destination>', 'where the medium would go: iso:FILE', destination, [])
    .action(async (options: { json?: boolean; rescueOnly?: boolean; to: string[] }) => {
      const { runCheck } = await import('../build/preflight/main.ts');
      const good = await runCheck({
        json: options.json === true,
        rescueOnly: options.rescueOnly === true,
        to: options.to,
      });
      finish(good ? exitCodes.ok : exitCodes.problems);
    });
}

interface CreateFlags {
  to: string[];
  rescueOnly?: boolean;
  answer?: string;
  kernelArgument: string[];
  workDirectory?: string;
  allowUnencrypted?: boolean;
  json?: boolean;
}

function addCreate(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('create')
    .description('make a bootable recovery medium with a backup of this machine')
    .option('--to <destination>', 'where it goes: iso:FILE', destination, [])
    .option('--rescue-only', 'without the backup: tools and layout only')
    .option('--answer <file>', 'put this answer file on the medium, for unattended restores')
    .option('--kernel-argument <argument>', 'add a kernel argument of the medium; may be repeated', collect, [])
    .option('--work-directory <directory>', 'where the medium is put together; default: beside the result')
    .option('--allow-unencrypted', 'save a LUKS machine onto a medium that is not encrypted')
    .option('--json', 'print the result as JSON')
    .action(async (flags: CreateFlags) => {
      if (flags.to.length === 0) throw new RekindleError('RK005', 'create needs a destination: --to iso:FILE');
      const { runCreate } = await import('../build/main.ts');
      await runCreate({
        to: flags.to,
        rescueOnly: flags.rescueOnly === true,
        kernelArguments: flags.kernelArgument,
        allowUnencrypted: flags.allowUnencrypted === true,
        json: flags.json === true,
        ...(flags.answer === undefined ? {} : { answerFile: flags.answer }),
        ...(flags.workDirectory === undefined ? {} : { workDirectory: flags.workDirectory }),
      });
      finish(exitCodes.ok);
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
