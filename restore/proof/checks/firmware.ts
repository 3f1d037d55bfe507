import { type Check, cannotTell, fail, pass } from '../check.ts';
import { findEsp } from '../read/esp.ts';
import type { Subject } from '../subject.ts';
import { holdsBootCode } from './boot-code.ts';

/** A boot loader for BIOS does nothing on a machine that starts by UEFI, and the other way round. */
export const firmware: Check = {
  id: 'firmware',
  title: 'the boot loader is for the way this machine starts',
  stopsBoot: true,
  run(subject) {
    const modes = installed(subject);
    const here = subject.firmware;
    const word = { bios: 'BIOS', uefi: 'UEFI' } as const;
    if (modes.length === 0) return cannotTell('No boot loader was found, neither for BIOS nor for UEFI.');
    if (modes.includes(here))
      return pass(
        `installed for ${modes.map((mode) => word[mode]).join(' and ')}, this machine starts by ${word[here]}`,
      );
    const other = here === 'bios' ? 'uefi' : 'bios';
    return fail(
      `installed for ${word[other]}, this machine was started by ${word[here]}`,
      `Set the machine's firmware to ${word[other]}${other === 'bios' ? ' (legacy, CSM)' : ''} before it starts.`,
    );
  },
};

function installed(subject: Subject): ('bios' | 'uefi')[] {
  const { root, disks } = subject;
  const { mount } = findEsp(subject);
  const efi =
    mount !== null &&
    (root.findAnyCase(mount.at, 'EFI') ?? '') !== '' &&
    root.list(root.findAnyCase(mount.at, 'EFI') ?? '').length > 0;
  return [...(disks.some(holdsBootCode) ? (['bios'] as const) : []), ...(efi ? (['uefi'] as const) : [])];
}
