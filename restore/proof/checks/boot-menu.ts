import { type Check, cannotTell, fail, verdictOf } from '../check.ts';
import { isSameContent, resolveReference } from '../devices.ts';
import type { BootMenuEntry } from '../read/boot-entries.ts';
import { readTarget } from '../read/target.ts';
import type { Subject } from '../subject.ts';

/** Menus that this version cannot read. */
const others = [
  '/boot/extlinux/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
  '/etc/lilo.conf',
  '/boot/refind_linux.conf',
  '/boot/limine.conf',
];

export const bootMenu: Check = {
  id: 'boot-menu',
  title: "the boot menu's kernel and initramfs exist where it looks for them",
  stopsBoot: true,
  run(subject) {
    const { menu, entry } = readTarget(subject);
    if (menu.sources.length === 0) {
      const other = subject.root.firstFile(others);
      if (other !== null) return cannotTell(`The boot menu is ${other}, which was not looked into.`);
      if (unifiedKernels(subject).length > 0)
        return cannotTell('The machine starts unified kernel images, which were not looked into.');
      return fail(
        'There is no boot menu: neither grub.cfg nor entries of systemd-boot.',
        'Enter the system with chroot and run "update-grub" (Fedora, SUSE: grub2-mkconfig).',
      );
    }
    if (entry === null) {
      return fail(
        `${menu.sources.join(', ')} offers no Linux.`,
        'Enter the system with chroot and run "update-grub" (Fedora, SUSE: grub2-mkconfig).',
      );
    }
    const notes = menu.entries
      .filter((each) => each !== entry)
      .flatMap((each) => problemsOf(each, subject).slice(0, 1));
    const more =
      notes.length === 0
        ? []
        : [`of ${menu.entries.length - 1} other entries ${notes.length} would not start: ${notes[0]}`];
    const hint =
      'Put the files back, or enter the system with chroot and run "update-initramfs -u" or "dracut -f", then "update-grub".';
    return verdictOf(
      problemsOf(entry, subject),
      hint,
      `"${entry.title}" of ${entry.source} starts ${entry.kernel.path}`,
      more,
    );
  },
};

function unifiedKernels({ root }: Subject): string[] {
  return ['/efi', '/boot', '/boot/efi']
    .flatMap((at) => root.list(`${at}/EFI/Linux`))
    .filter((name) => /\.efi$/i.test(name));
}

function problemsOf({ title, kernel, initrds, searches }: BootMenuEntry, { root, devices }: Subject): string[] {
  const problems: string[] = [];
  for (const search of new Set(searches)) {
    const found = resolveReference(search, devices);
    if (found.kind === 'missing')
      problems.push(`"${title}" searches ${search}, which is on none of the restored disks`);
    if (found.kind === 'ambiguous' && !isSameContent(found.devices))
      problems.push(`"${title}" searches ${search}, which is there twice`);
  }
  if (problems.length > 0) return problems;
  for (const { written, path } of [kernel, ...initrds]) {
    if (path === null || !root.isFile(path))
      problems.push(
        `"${title}" needs ${written}, which does not exist${path === null || path === written ? '' : ` (${path})`}`,
      );
  }
  return problems;
}
