import { posix } from 'node:path';
import { runs } from '../layout/layer.ts';
import type { Boot, Layout } from '../layout/schema.ts';
import { inTarget, type Place, shortName } from '../plan/fill.ts';
import type { Action, Step } from '../plan/step.ts';

/** UEFI specification 3.5.1.1: what firmware starts without any boot entry, by architecture. */
const suffixes: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'x64'],
  ['aarch64', 'aa64'],
  ['riscv64', 'riscv64'],
  ['i686', 'ia32'],
]);
/** What a shim loads from the directory it was started from, and GRUB's stub beside it. */
const companions = /^(grub[^/]*\.efi|mm[^/]*\.efi|grub\.cfg)$/i;

/** Copies the boot loader to EFI/BOOT/BOOTX64.EFI where the saved ESP has none. */
export function fallbackStep(layout: Layout, esp: Place, at: string): { step: Step | null; warning: string | null } {
  const files = layout.boot.espFiles;
  const suffix = suffixes.get(layout.machine.arch);
  if (files === undefined || suffix === undefined) return { step: null, warning: null };
  const fallback = fallbackPath(suffix);
  if (findFile(files, fallback) !== undefined) return { step: null, warning: null };
  const loader = primaryLoader(layout.boot, files, suffix);
  if (loader === undefined) {
    return {
      step: null,
      warning: `The EFI system partition holds no boot loader and no ${fallback}. Install one (grub-install) before the machine starts.`,
    };
  }
  const directory = posix.dirname(loader);
  const actions: Action[] = [
    runs(['mkdir', '-p', inTarget(posix.join(at, 'EFI/BOOT'))]),
    copy(at, loader, fallback),
    ...files
      .filter((file) => posix.dirname(file) === directory && file !== loader && companions.test(posix.basename(file)))
      .map((file) => copy(at, file, `EFI/BOOT/${posix.basename(file)}`)),
  ];
  return {
    step: {
      id: 'boot:fallback',
      title: `copy the boot loader to ${fallback}`,
      target: shortName(esp.device),
      destroys: null,
      actions,
      weightBytes: 0,
    },
    warning: null,
  };
}

function copy(at: string, from: string, to: string): Action {
  return runs(['cp', '-T', '--', inTarget(posix.join(at, from)), inTarget(posix.join(at, to))]);
}

/** The file of the ESP that starts the machine: its boot loader, else what firmware looks for by itself. */
export function loaderOf({ boot, machine }: Layout): string | undefined {
  const suffix = suffixes.get(machine.arch);
  if (boot.espFiles === undefined || suffix === undefined) return undefined;
  return primaryLoader(boot, boot.espFiles, suffix) ?? findFile(boot.espFiles, fallbackPath(suffix));
}

function fallbackPath(suffix: string): string {
  return `EFI/BOOT/BOOT${suffix.toUpperCase()}.EFI`;
}

/** FAT knows no case. */
function findFile(files: readonly string[], path: string): string | undefined {
  return files.find((file) => file.toLowerCase() === path.toLowerCase());
}

/** The first boot entry's file, else the best-known loader on the ESP: shim before GRUB before systemd-boot. */
function primaryLoader(boot: Boot, files: readonly string[], suffix: string): string | undefined {
  for (const { loader } of boot.efiEntries) {
    const found = findFile(files, loader.replaceAll('\\', '/').replace(/^\/+/, ''));
    if (found !== undefined) return found;
  }
  for (const name of [`shim${suffix}.efi`, `grub${suffix}.efi`, `systemd-boot${suffix}.efi`]) {
    const found = files.find((file) => posix.basename(file).toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}
