import { posix } from 'node:path';
import type { Subject } from '../../subject.ts';
import { findEsp } from '../esp.ts';
import type { BootLoader } from '../loader.ts';
import { lastMenu, startGrub } from './menu.ts';
import { GrubRun } from './run.ts';

/** Where Debian, Fedora and SUSE keep GRUB's menu. */
const usual = ['/boot/grub', '/boot/grub2'];
const mostFolders = 100;

/** The configuration file that GRUB begins with. */
export interface GrubStart {
  path: string;
  /** Why it may be another; null: it is this one. */
  unsure: string | null;
}

/** Null: there is none. */
export function findGrubStart(subject: Subject, loader: BootLoader): GrubStart | null {
  const onEsp = subject.firmware === 'uefi' || hasProxmoxEsps(subject) ? espStart(subject, loader) : null;
  const start = onEsp ?? usualStart(subject);
  if (onEsp !== null || start === null || !hasProxmoxEsps(subject)) return start;
  const unsure = 'proxmox-boot-tool keeps the menu on EFI system partitions, and none that is mounted holds it';
  return { ...start, unsure };
}

/** GRUB's files on the EFI system partition: what the loader that starts has beside it, else any that leads to a menu. */
function espStart(subject: Subject, loader: BootLoader): GrubStart | null {
  const stubs = grubFilesOnEsp(subject);
  const beside = loader.path === null ? null : posix.dirname(loader.path).toLowerCase();
  const own = stubs.filter((path) => posix.dirname(path).toLowerCase() === beside);
  const near = own.filter((path) => isMenu(subject, path));
  const leading = near.length > 0 ? near : stubs.filter((path) => isMenu(subject, path));
  const [first] = leading;
  if (first === undefined) return null;
  const ends = new Set(leading.map((path) => endOf(subject, path)));
  if (ends.size <= 1) return { path: first, unsure: null };
  return { path: first, unsure: `${leading.join(' and ')} lead to different menus, and which one starts is not known` };
}

/** Every grub.cfg on the EFI system partition. */
export function grubFilesOnEsp(subject: Subject): string[] {
  const { root } = subject;
  const esp = findEsp(subject).mount;
  if (esp === null) return [];
  const efi = root.findAnyCase(esp.at, 'EFI');
  const folders =
    efi === null
      ? []
      : root
          .list(efi)
          .slice(0, mostFolders)
          .map((name) => posix.join(efi, name));
  const more = hasProxmoxEsps(subject) ? [posix.join(esp.at, 'grub')] : [];
  return [...folders, ...more].flatMap((folder) => root.findAnyCase(folder, 'grub.cfg') ?? []);
}

/** Proxmox keeps kernels and menus on its EFI system partitions, and an old menu in /boot (proxmox-boot-tool). */
function hasProxmoxEsps({ root }: Subject): boolean {
  return (root.text('/etc/kernel/proxmox-boot-uuids') ?? '').trim() !== '';
}

function isMenu(subject: Subject, path: string): boolean {
  return lastMenu(startGrub(new GrubRun(subject), path)).items.length > 0;
}

/** The last file that was opened on the way from a stub. */
function endOf(subject: Subject, path: string): string {
  const menu = lastMenu(startGrub(new GrubRun(subject), path));
  return menu.variables.get('config_file') ?? path;
}

function usualStart({ root, firmware }: Subject): GrubStart | null {
  const there = usual.filter((folder) => root.isFile(`${folder}/grub.cfg`));
  const real = new Map(there.map((folder) => [root.locate(`${folder}/grub.cfg`), folder]));
  const [first, ...others] = [...real.values()].toSorted();
  if (first === undefined) return null;
  if (others.length === 0) return { path: `${first}/grub.cfg`, unsure: null };
  const modules = firmware === 'uefi' ? ['x86_64-efi', 'arm64-efi', 'i386-efi'] : ['i386-pc'];
  const used = [first, ...others].filter((folder) => modules.some((name) => root.isDirectory(`${folder}/${name}`)));
  const [only] = used;
  if (only !== undefined && used.length === 1) return { path: `${only}/grub.cfg`, unsure: null };
  const names = [first, ...others].map((folder) => `${folder}/grub.cfg`);
  return {
    path: `${first}/grub.cfg`,
    unsure: `${names.join(' and ')} are both there, and which one GRUB reads is not known`,
  };
}
