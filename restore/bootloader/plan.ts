import { runs } from '../layout/layer.ts';
import { inTarget, shortName } from '../plan/fill.ts';
import { targetRoot } from '../plan/roots.ts';
import type { Step } from '../plan/step.ts';
import type { BootPlanInput } from './boot-plan-input.ts';
import { bootEntryStep } from './entry.ts';
import { fallbackStep } from './fallback.ts';

/** Steps that make the restored machine bootable, with what people should know. Runs while it is mounted. */
export function planBoot(input: BootPlanInput): { steps: Step[]; warnings: string[] } {
  const { layout, here } = input;
  const warnings: string[] = [];
  if (here !== undefined && here.firmware !== layout.machine.firmware) {
    const [saved, now] = [firmwareWord(layout.machine.firmware), firmwareWord(here.firmware)];
    warnings.push(`The saved machine boots by ${saved}, this one was started by ${now}: set its firmware to ${saved}.`);
  }
  return layout.boot.firmware === 'uefi' ? planUefi(input, warnings) : planBios(input, warnings);
}

function firmwareWord(firmware: 'bios' | 'uefi'): string {
  return firmware === 'bios' ? 'BIOS' : 'UEFI';
}

function planBios({ layout, diskOf }: BootPlanInput, warnings: string[]): { steps: Step[]; warnings: string[] } {
  const { boot } = layout;
  const disks = (boot.disks ?? [boot.disk]).flatMap((id) => (id === null ? [] : (diskOf(id) ?? [])));
  if (boot.loader !== 'grub2' || disks.length === 0) {
    warnings.push(
      'The saved machine had no GRUB in a boot sector: none is installed, this disk will not boot by itself. Start it as the old machine was started, or install a boot loader.',
    );
    return { steps: [], warnings };
  }
  const installer = boot.installer ?? 'grub-install';
  const bound = ['/dev', '/proc', '/sys', '/run'];
  return {
    warnings,
    steps: [
      {
        id: 'boot:grub',
        title: 'install GRUB for BIOS',
        target: disks.map(({ path }) => shortName(path)).join(', '),
        destroys: `the boot code of ${disks.map(({ name }) => name).join(', ')}`,
        actions: [
          ...bound.flatMap((path) => [
            runs(['mkdir', '-p', inTarget(path)]),
            runs(['mount', '--bind', path, inTarget(path)]),
          ]),
          // The device node, never a UUID: core.img then finds its files relative to the disk that the BIOS started.
          // Each disk of a mirror must boot alone.
          ...disks.map(({ path }) => runs(['chroot', targetRoot, installer, '--target=i386-pc', '--recheck', path])),
          ...bound.toReversed().map((path) => runs(['umount', inTarget(path)])),
        ],
        weightBytes: 0,
      },
    ],
  };
}

/** The saved ESP came back file by file with the ids it refers to, so GRUB need not be installed again. */
function planUefi(input: BootPlanInput, warnings: string[]): { steps: Step[]; warnings: string[] } {
  const { layout, places, here } = input;
  const esp = places.find(({ node }) => node.id === layout.boot.esp);
  if (esp?.node.mount == null) {
    warnings.push(
      'The set holds no EFI system partition: this disk will not boot by itself. Make one and install a boot loader on it.',
    );
    return { steps: [], warnings };
  }
  const steps: Step[] = [];
  const fallback = fallbackStep(layout, esp, esp.node.mount.at);
  if (fallback.step !== null) steps.push(fallback.step);
  if (fallback.warning !== null) warnings.push(fallback.warning);
  if (here === undefined) {
    warnings.push(
      'The firmware was not asked for its boot entries: none is written, it must find the fallback path. If it does not, make an entry with efibootmgr.',
    );
  } else if (here.firmware === 'uefi') {
    const entry = bootEntryStep(input, here, esp);
    if (entry !== null) steps.push(entry);
  }
  return { steps, warnings };
}
