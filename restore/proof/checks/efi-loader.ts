import { statSync } from 'node:fs';
import { type Check, cannotTell, fail, pass } from '../check.ts';
import { fallbackNames, findEsp } from '../read/esp.ts';
import { readPe } from '../read/kernel-image.ts';
import type { Subject } from '../subject.ts';

const hint =
  'Enter the system with chroot and run "grub-install" (with --removable for the fallback path), or copy the loader to EFI/BOOT.';

export const efiLoader: Check = {
  id: 'efi-loader',
  title: "the firmware finds the boot loader's file",
  stopsBoot: true,
  run(subject) {
    if (subject.firmware !== 'uefi') return null;
    const { device, mount } = findEsp(subject);
    if (device === null && mount === null)
      return fail(
        'No disk has an EFI system partition.',
        'Start the machine by BIOS, or make an EFI system partition.',
      );
    if (mount === null) return cannotTell(`The EFI system partition ${device?.path} is not mounted.`);
    const fallback = fallbackNames[subject.architecture] ?? 'EFI/BOOT/BOOTX64.EFI';
    const problems: string[] = [];
    const ways: string[] = [];
    const problem = problemOf(subject, mount.at, fallback);
    if (problem === null) ways.push(`the fallback path ${fallback}`);
    else problems.push(problem);
    for (const { number, label, partition, loader, ordered } of subject.bootEntries) {
      if (!ordered || loader === null || partition === null || partition !== device?.partitionId) continue;
      const wrong = problemOf(subject, mount.at, loader.replaceAll('\\', '/'));
      if (wrong === null) ways.push(`entry ${number} "${label}"`);
      else problems.push(`entry ${number} "${label}": ${wrong}`);
    }
    if (ways.length === 0) return fail(problems.join('; '), hint);
    return pass(`${ways.join(', ')} on ${mount.device}${problems.length === 0 ? '' : ` (${problems.join('; ')})`}`);
  },
};

/** Null when it is an EFI program for this machine. */
function problemOf({ root, architecture }: Subject, esp: string, path: string): string | null {
  const found = root.findAnyCase(esp, path);
  const place = found === null ? null : root.locate(found);
  if (found === null || place === null || !root.isFile(found)) return `${path} does not exist`;
  const program = readPe(root.head(found, 0x2000) ?? Buffer.alloc(0), statSync(place).size);
  if (program.state !== 'good') return `${path}: ${program.reason}`;
  return program.architecture === architecture ? null : `${path} is for ${program.architecture}`;
}
