import type { Subject } from '../subject.ts';
import { BootFiles } from './boot-files.ts';
import type { BootMenu } from './boot-menu.ts';
import { findEsp } from './esp.ts';
import { readGrubMenu } from './grub/menu.ts';
import { findGrubStart } from './grub/start.ts';
import { type BootLoader, findLoader } from './loader.ts';
import { readSystemdBoot } from './systemd-boot.ts';
import { unifiedEntry } from './unified-kernel.ts';

/** Menus that this version does not look into, and whose they are. */
const others: readonly [string, string][] = [
  ['/boot/extlinux/extlinux.conf', 'extlinux'],
  ['/boot/extlinux.conf', 'extlinux'],
  ['/boot/syslinux/syslinux.cfg', 'syslinux'],
  ['/boot/syslinux/extlinux.conf', 'extlinux'],
  ['/etc/lilo.conf', 'LILO'],
  ['/boot/refind_linux.conf', 'rEFInd'],
  ['/boot/limine.conf', 'Limine'],
  ['/boot/limine/limine.conf', 'Limine'],
];

/** The menu of the loader that this machine starts. */
export function readBootMenu(subject: Subject): BootMenu {
  const loader = findLoader(subject);
  const nothing: BootMenu = { loader: loader.name, sources: [], entries: [], once: null, unsure: null };
  const notRead = `the machine starts ${loader.name}, whose menu was not looked into`;
  switch (loader.kind) {
    case 'grub':
      return grubMenu(subject, loader) ?? nothing;
    case 'systemd-boot':
      return readSystemdBoot(subject) ?? nothing;
    case 'unified-kernel':
    case 'kernel':
      return programMenu(subject, loader) ?? nothing;
    case 'other':
      return { ...nothing, unsure: notRead };
    case 'unknown':
      return guessedMenu(subject, loader) ?? nothing;
  }
}

function grubMenu(subject: Subject, loader: BootLoader): BootMenu | null {
  const start = findGrubStart(subject, loader);
  if (start === null) return null;
  const menu = readGrubMenu(subject, start.path);
  return withDoubt(menu, start.unsure);
}

function withDoubt(menu: BootMenu, doubt: string | null): BootMenu {
  return doubt === null ? menu : { ...menu, unsure: menu.unsure === null ? doubt : `${doubt}; ${menu.unsure}` };
}

/** The firmware starts a kernel itself; the arguments of one that is not unified lie in the firmware. */
function programMenu(subject: Subject, loader: BootLoader): BootMenu | null {
  if (loader.path === null) return null;
  const kernel = new BootFiles(subject).inSystem(loader.path);
  const entry = unifiedEntry(subject.root, kernel, { source: loader.path, title: loader.name, options: null });
  const unsure =
    loader.kind === 'kernel' ? 'the arguments of a kernel that the firmware starts itself lie in the firmware' : null;
  return { loader: loader.name, sources: [loader.path], entries: [{ ...entry, isDefault: true }], once: null, unsure };
}

/** What the files say where the loader itself does not. Null: there is no menu at all. */
function guessedMenu(subject: Subject, loader: BootLoader): BootMenu | null {
  const { firmware, root } = subject;
  const grub = grubMenu(subject, loader);
  const systemd = firmware === 'uefi' || grub === null ? readSystemdBoot(subject) : null;
  // LILO is of BIOS alone.
  const other = others.find(([path, name]) => root.isFile(path) && (firmware === 'bios' || name !== 'LILO'));
  const hidden = hiddenEsp(subject);
  if (grub !== null && systemd !== null && systemd.entries.length > 0) {
    // Fedora's GRUB shows the same entries.
    const isShared = systemd.entries.every(({ source }) => grub.entries.some((each) => each.source === source));
    if (isShared) return withDoubt(grub, hidden);
    const isInstalled = ['x86_64-efi', 'arm64-efi'].some((name) =>
      ['/boot/grub', '/boot/grub2'].some((folder) => root.isDirectory(`${folder}/${name}`)),
    );
    if (!isInstalled) return withDoubt(systemd, hidden);
    return withDoubt(
      grub,
      "GRUB's menu and entries of systemd-boot are there, and which of them the firmware starts is not known",
    );
  }
  const menu = grub ?? systemd;
  if (menu !== null && other !== undefined)
    return withDoubt(menu, `${other[0]} of ${other[1]} is there too, and which of them is started is not known`);
  if (menu !== null) return withDoubt(menu, hidden);
  const words = other === undefined ? hidden : `the boot menu is ${other[0]} of ${other[1]}, which was not looked into`;
  return words === null ? null : { loader: loader.name, sources: [], entries: [], once: null, unsure: words };
}

/** Why the menu may lie where nobody looked; null: it does not. */
function hiddenEsp(subject: Subject): string | null {
  const { device, mount } = findEsp(subject);
  if (subject.firmware !== 'uefi' || device === null || mount !== null) return null;
  return `the EFI system partition ${device.path} is not mounted, and what the firmware starts is not known`;
}
