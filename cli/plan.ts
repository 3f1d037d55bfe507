import type { Command } from 'commander';
import { RekindleError } from '../common/errors/error.ts';
import { printExact, printJson, printLines } from '../common/print.ts';
import { openSet, type RecoverySet } from '../restore/archive/open-set.ts';
import { findStore } from '../restore/archive/store/find.ts';
import type { Here } from '../restore/bootloader/firmware.ts';
import type { PartScope } from '../restore/plan/part/names.ts';
import type { SetOfScript } from '../restore/plan/script/render-script.ts';
import type { Plan } from '../restore/plan/step.ts';
import { openBases } from './bases.ts';
import { exitCodes } from './exit-codes.ts';
import { setId, targetOption } from './option-values.ts';
import { isRoot, makeTypes, type PartFlags, partOf, planOneHere, unknownContents } from './plan-part.ts';

interface PlanFlags extends PartFlags {
  set?: string;
  base: string[];
  json?: boolean;
  script?: boolean;
}

/** `rekindle plan` */
export function addPlan(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('plan')
    .description('what a restore would do, step by step; nothing is written, on any machine')
    .argument('<volume...>', 'the set: a medium that is mounted, its directory, or an ISO file; all of its volumes')
    .option('--set <uuid>', 'which set, where there are several', setId)
    .option(
      '--base <volume>',
      'of an incremental set: a volume of a set that it builds on; may be repeated',
      (value: string, previous: string[]) => [...previous, value],
      [],
    )
    .option(
      '--target <saved=disk>',
      'onto which disk: disk0=/dev/sda, disk0=IMAGE, disk0=size:20G for one that is not here; may be repeated',
      targetOption,
      [],
    )
    .option('--only <part>', 'a part only: layout, files or boot-loader')
    .option('--file-system <path>', 'one file system only, by mount point or id; goes onto --device')
    .option('--device <device>', 'an existing partition or volume of this machine')
    .option('--make [type]', `make it anew first, as it was saved or with this type: ${makeTypes}`)
    .option('--json', 'print the plan as JSON')
    .option('--script', 'print a shell script that does exactly this, with standard tools')
    .action(async (volumes: string[], flags: PlanFlags) => {
      if (flags.json && flags.script) throw new RekindleError('RK005', '--json and --script exclude each other');
      await printPlan(volumes, flags);
      finish(exitCodes.ok);
    });
}

async function printPlan(volumes: readonly string[], flags: PlanFlags): Promise<void> {
  const part = partOf(flags);
  const set = await openSet(await Promise.all(volumes.map((path) => findStore(path, flags.set ?? null))));
  const bases = await openBases(set, flags.base);
  const planned =
    part !== null && 'fileSystem' in part
      ? await planOneHere(set, bases, part)
      : await planDisks(set, bases, flags, part);
  await present(planned, set, bases, flags);
}

async function present(plan: Plan, set: RecoverySet, bases: readonly RecoverySet[], flags: PlanFlags): Promise<void> {
  if (flags.json) return printJson(plan);
  const wanted = flags.script ? ofScript(set) : null;
  if (wanted !== null) {
    const { renderScript } = await import('../restore/plan/script/render-script.ts');
    return printExact(renderScript({ plan, sets: [wanted, ...bases.flatMap((base) => ofScript(base) ?? [])] }));
  }
  const { describePlan } = await import('../restore/plan/describe-action.ts');
  printLines(describePlan(plan));
}

function ofScript({ info, manifest, volumes }: RecoverySet): SetOfScript | null {
  if (manifest === null) return null;
  return { set: info.set, manifest, directory: volumes.get(manifest.volumes)?.directory ?? null };
}

async function planDisks(
  set: RecoverySet,
  bases: readonly RecoverySet[],
  flags: PlanFlags,
  part: { only: PartScope } | null,
): Promise<Plan> {
  const { chooseTargets } = await import('../restore/plan/choose-targets.ts');
  const { planRestore } = await import('../restore/plan/plan.ts');
  const { info, manifest, layout } = set;
  if (manifest === null || layout === null)
    throw new RekindleError('RK403', `set ${info.set} of ${info.machine.hostname}`);
  const chosen = await chooseTargets(layout, manifest, flags.target);
  const here = chosen.here ? await hereIfKnown() : null;
  const input = { set: info, manifest, layout, bases, targets: chosen.targets, ...(here === null ? {} : { here }) };
  if (part === null) return withNotes(planRestore(input), chosen.notes);
  const { planPart } = await import('../restore/plan/part/scope.ts');
  if (!chosen.here || part.only === 'layout') return withNotes(planPart(input, part.only), chosen.notes);
  if (!isRoot()) return withNotes(planPart(input, part.only), [...chosen.notes, unknownContents]);
  const { lookAtDevices } = await import('../restore/plan/part/found.ts');
  return withNotes(planPart(input, part.only, await lookAtDevices()), chosen.notes);
}

function withNotes(plan: Plan, notes: readonly string[]): Plan {
  return { ...plan, warnings: [...notes, ...plan.warnings] };
}

/** Without root the firmware may not be readable; the plan then says that it was not asked. */
async function hereIfKnown(): Promise<Here | null> {
  const { probeHere } = await import('../restore/bootloader/firmware.ts');
  return probeHere().catch(() => null);
}
