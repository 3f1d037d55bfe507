import { type Check, verdictOf } from '../check.ts';
import { resolveReference } from '../devices.ts';
import { findEsp } from '../read/esp.ts';
import { searchOf } from '../read/grub.ts';
import type { MountedAt, Subject } from '../subject.ts';

/** Debian, Ubuntu, Fedora and SUSE put a few lines on the ESP that lead to the real menu. */
export const efiStub: Check = {
  id: 'efi-stub',
  title: "GRUB's file on the EFI system partition leads to its menu",
  stopsBoot: true,
  run(subject) {
    const esp = subject.firmware === 'uefi' ? findEsp(subject).mount : null;
    const stubs = esp === null ? [] : stubsOn(subject, esp);
    if (stubs.length === 0) return null;
    const problems = stubs.flatMap(({ path, text }) =>
      problemsOf(subject, text).map((problem) => `${path}: ${problem}`),
    );
    const hint =
      'Enter the system with chroot and run "grub-install" again, or write the UUID of the file system that holds grub.cfg into the named file.';
    return verdictOf(problems, hint, stubs.map(({ path }) => path).join(', '));
  },
};

function stubsOn({ root }: Subject, { at }: MountedAt): { path: string; text: string }[] {
  const efi = root.findAnyCase(at, 'EFI');
  if (efi === null) return [];
  return root.list(efi).flatMap((name) => {
    const path = root.findAnyCase(`${efi}/${name}`, 'grub.cfg');
    const text = path === null ? null : root.text(path);
    return path === null || text === null || /^[ \t]*menuentry\b/m.test(text) ? [] : [{ path, text }];
  });
}

function problemsOf({ devices, mounts, root }: Subject, text: string): string[] {
  const searches = text.split('\n').flatMap((line) => searchOf(line) ?? []);
  const search = searches[0];
  if (search === undefined) return [];
  const found = resolveReference(search, devices);
  if (found.kind === 'missing') return [`it searches ${search}, which is on none of the restored disks`];
  if (found.kind !== 'found') return [];
  const prefix = /^[ \t]*set prefix=\(\$\{?(?:root|dev)\}?\)['"]?([^'"\n]*)/m.exec(text)?.[1];
  const mount = mounts.find(({ device }) => device === found.device.path);
  if (prefix === undefined || mount === undefined) return [];
  const within = mount.within === '/' ? '' : mount.within;
  const path = `${mount.at === '/' ? '' : mount.at}${prefix.startsWith(within) ? prefix.slice(within.length) : prefix}/grub.cfg`;
  return root.isFile(path) ? [] : [`it leads to ${path}, which does not exist`];
}
