import type { Check } from './check.ts';
import { bootCode } from './checks/boot-code.ts';
import { bootMenu } from './checks/boot-menu.ts';
import { crypttab } from './checks/crypttab.ts';
import { efiLoader } from './checks/efi-loader.ts';
import { efiStub } from './checks/efi-stub.ts';
import { essential } from './checks/essential.ts';
import { firmware } from './checks/firmware.ts';
import { fstab } from './checks/fstab.ts';
import { fstabDoubles } from './checks/fstab-doubles.ts';
import { fstabRoot } from './checks/fstab-root.ts';
import { grubModules } from './checks/grub-modules.ts';
import { identity } from './checks/identity.ts';
import { init } from './checks/init.ts';
import { initramfs } from './checks/initramfs.ts';
import { initramfsContents } from './checks/initramfs-contents.ts';
import { kernel } from './checks/kernel.ts';
import { mdadm } from './checks/mdadm.ts';
import { modules } from './checks/modules.ts';
import { rootArgument } from './checks/root-argument.ts';
import { space } from './checks/space.ts';
import { swap } from './checks/swap.ts';
import { systemd } from './checks/systemd.ts';

/** All that is asked of a restored machine, in the order in which it starts. */
export const checks: readonly Check[] = [
  firmware,
  bootCode,
  grubModules,
  efiLoader,
  efiStub,
  bootMenu,
  kernel,
  modules,
  initramfs,
  initramfsContents,
  rootArgument,
  crypttab,
  mdadm,
  fstab,
  fstabRoot,
  fstabDoubles,
  swap,
  init,
  systemd,
  essential,
  space,
  identity,
];
