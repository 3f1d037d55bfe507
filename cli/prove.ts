import type { Command } from 'commander';
import { Option } from 'commander';
import { RekindleError } from '../common/errors/error.ts';
import { printJson, printLines } from '../common/print.ts';
import { type Proof, summarizeProof } from '../restore/proof/proof-schema.ts';
import { collect } from './collect.ts';
import { exitCodes } from './exit-codes.ts';

interface ProveFlags {
  root: string;
  disk: string[];
  firmware?: 'bios' | 'uefi';
  json?: boolean;
}

/** `rekindle prove` */
export function addProve(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('prove')
    .description('can a mounted system boot? looks at every reference of its boot path, changes nothing')
    .requiredOption('--root <directory>', 'where it is mounted, its /boot and /boot/efi below; / for this machine')
    .option(
      '--disk <device>',
      'a disk that it lies on; default: those it is mounted from; may be repeated',
      collect,
      [],
    )
    .addOption(
      new Option('--firmware <kind>', 'how it will be started; default: as this machine was').choices(['bios', 'uefi']),
    )
    .option('--json', 'print the findings as JSON')
    .action(async (flags: ProveFlags) => {
      if (process.getuid?.() !== 0) throw new RekindleError('RK002', 'the disks themselves are read');
      const { prove } = await import('../restore/proof/prove.ts');
      const { realpath } = await import('node:fs/promises');
      const root = await realpath(flags.root).catch(() => {
        throw new RekindleError('RK480', `${flags.root} does not exist`);
      });
      const proofs = await prove({
        root,
        ...(flags.disk.length > 0 ? { disks: flags.disk } : {}),
        ...(flags.firmware ? { firmware: flags.firmware } : {}),
      });
      if (flags.json) printJson(proofs);
      else printLines(render(proofs));
      const bad = proofs.some(({ result }) => result === 'fail');
      const unknown = proofs.some(({ result }) => result === 'cannot-tell');
      finish(bad ? exitCodes.problems : unknown ? exitCodes.unknown : exitCodes.ok);
    });
}

const words = { pass: 'proven', fail: 'FAILED', 'cannot-tell': 'unknown' } as const;

function render(proofs: readonly Proof[]): string[] {
  const lines = proofs.flatMap(({ title, result, detail, hint }) => [
    `${words[result].padEnd(9)}${title}`,
    `         ${detail}`,
    ...(hint === null ? [] : [`         Next: ${hint}`]),
  ]);
  const stops = proofs.some(({ result, stopsBoot }) => result === 'fail' && stopsBoot);
  const end = stops ? '. This system will probably not boot.' : '.';
  return [...lines, summarizeProof(proofs) + end];
}
