import { readdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../common/run.ts';
import type { DebianSystem } from '../fixtures/debian-system.ts';
import { type Shape, shapes } from '../vm/sources/shapes.ts';
import { edit, initramfs, kernel, nobody, only, repack, withDisk, zero } from './break-debian.ts';

export interface Sabotage {
  shape?: Shape;
  /** What breaks; gives another subject where the disk itself is meant. */
  act: (at: DebianSystem) => Promise<unknown>;
  /** The checks that must find it, all of them. */
  found: string[];
  words: RegExp;
}

/** Each breaks one thing of a machine that boots. */
export const sabotages: Record<string, Sabotage> = {
  'wrong UUID of / in fstab': {
    act: (at) => edit(at, 'etc/fstab', (text) => text.replace(/UUID=\S+ \/ /, `UUID=${nobody} / `)),
    found: ['fstab-root'],
    words: /9999.* for \/ is on none/,
  },
  'another file system than / in fstab': {
    act: (at) =>
      edit(at, 'etc/fstab', (text) => text.replace(/UUID=\S+ \/ /, `UUID=${/UUID=(\S+) \/home/.exec(text)?.[1]} / `)),
    found: ['fstab-root'],
    words: /\/ is .*p6, restored was .*p5/,
  },
  'wrong UUID of /home in fstab': {
    act: (at) => edit(at, 'etc/fstab', (text) => text.replace(/UUID=\S+ \/home /, `UUID=${nobody} /home `)),
    found: ['fstab'],
    words: /9999.* for \/home is on none/,
  },
  'wrong type in fstab': {
    act: (at) => edit(at, 'etc/fstab', (text) => text.replace('/home ext4', '/home xfs')),
    found: ['fstab'],
    words: /\/home is to be xfs, .* holds ext4/,
  },
  'two file systems for one place in fstab': {
    act: (at) => edit(at, 'etc/fstab', (text) => `${text}tmpfs /home tmpfs defaults 0 0\n`),
    found: ['fstab-doubles'],
    words: /\/home is there twice/,
  },
  'wrong UUID of swap in fstab': {
    act: (at) => edit(at, 'etc/fstab', (text) => text.replace(/UUID=\S+ none swap/, `UUID=${nobody} none swap`)),
    found: ['swap'],
    words: /on none of the restored disks/,
  },
  'no start of udev': {
    act: (at) => rm(at.path('usr/lib/systemd/system/systemd-udev-trigger.service')),
    found: ['systemd'],
    words: /systemd-udev-trigger\.service is missing/,
  },
  'no target to come to': {
    act: (at) => rm(at.path('usr/lib/systemd/system/graphical.target')),
    found: ['systemd'],
    words: /default\.target is missing, or leads nowhere/,
  },
  'a target that was masked': {
    act: (at) => symlink('/dev/null', at.path('etc/systemd/system/sysinit.target')),
    found: ['systemd'],
    words: /sysinit\.target is masked in \/etc\/systemd\/system/,
  },
  'no initramfs': {
    act: async (at) => rm(await initramfs(at)),
    found: ['boot-menu', 'initramfs'],
    words: /initrd\.img/,
  },
  'initramfs without the driver of the disk': {
    act: (at) => repack(at, async (tree) => void (await run(['find', tree, '-name', 'virtio_blk.ko', '-delete']))),
    found: ['initramfs-contents'],
    words: /lacks the module virtio_blk \(the controller of/,
  },
  'initramfs without the file system': {
    act: (at) => repack(at, async (tree) => void (await run(['find', tree, '-name', 'jbd2.ko', '-delete']))),
    found: ['initramfs-contents'],
    words: /lacks the module jbd2 \(the file system of \/\)/,
  },
  'initramfs cut short': {
    act: async (at) => truncate(await initramfs(at), 20_000_000),
    found: ['initramfs'],
    words: /initrd/,
  },
  'initramfs of another kernel': {
    act: (at) =>
      repack(at, async (tree) => {
        const [version = ''] = await readdir(join(tree, 'usr/lib/modules'));
        await rename(join(tree, 'usr/lib/modules', version), join(tree, 'usr/lib/modules/5.10.0-1-amd64'));
      }),
    found: ['initramfs'],
    words: /for kernel 5\.10\.0-1-amd64, started is 6\.1/,
  },
  'wrong root=': {
    act: (at) => edit(at, 'boot/grub/grub.cfg', (text) => text.replaceAll(/root=UUID=\S+/g, `root=UUID=${nobody}`)),
    found: ['root-argument'],
    words: /on none of the restored disks/,
  },
  'GRUB searches another file system': {
    act: (at) => edit(at, 'boot/grub/grub.cfg', (text) => text.replaceAll(/(search .*)[0-9a-f-]{36}/g, `$1${nobody}`)),
    found: ['boot-menu', 'initramfs', 'kernel'],
    words: /searches UUID=9999/,
  },
  'no kernel': { act: async (at) => rm(await kernel(at)), found: ['boot-menu', 'kernel'], words: /vmlinuz/ },
  'kernel cut short': {
    act: async (at) => truncate(await kernel(at), 4_000_000),
    found: ['kernel'],
    words: /4000000 bytes, its header says/,
  },
  'kernel with zeros inside': {
    act: async (at) => zero(await kernel(at), 5_000_000, 65_536),
    found: ['kernel'],
    words: /payload is damaged/,
  },
  'kernel of zeros': {
    act: async (at) => zero(await kernel(at), 0, 8_000_000),
    found: ['kernel'],
    words: /header of no kernel/,
  },
  'no modules': {
    act: async (at) => rm(await only(at, 'usr/lib/modules', /./), { recursive: true }),
    found: ['modules'],
    words: /\/lib\/modules\/6\.1.* does not exist/,
  },
  'no grub.cfg': {
    act: (at) => rm(at.path('boot/grub/grub.cfg')),
    found: ['boot-menu'],
    words: /There is no boot menu/,
  },
  'boot code of zeros': {
    act: (at) => withDisk(at, (file) => zero(file, 0, 440)),
    found: ['boot-code'],
    words: /boot code of .* is empty/,
  },
  "GRUB's core image of zeros": {
    act: (at) => withDisk(at, (file) => zero(file, 512, 512 * 200)),
    found: ['boot-code'],
    words: /the rest of it is not/,
  },
  'wrong UUID in crypttab': {
    act: (at) => writeFile(at.path('etc/crypttab'), `secret UUID=${nobody} none luks\n`),
    found: ['crypttab'],
    words: /secret: UUID=9999.* is on none/,
  },
  'no /sbin/init': { act: (at) => rm(at.path('sbin/init')), found: ['init'], words: /\/sbin\/init does not exist/ },
  '/sbin/init leads nowhere': {
    act: (at) => rm(at.path('usr/lib/systemd/systemd')),
    found: ['init'],
    words: /leads nowhere/,
  },
  'no C library': {
    act: (at) => rm(at.path('usr/lib/x86_64-linux-gnu/libc.so.6')),
    found: ['essential'],
    words: /the C library is missing/,
  },
  'C library cut short': {
    act: (at) => truncate(at.path('usr/lib/x86_64-linux-gnu/libc.so.6'), 100_000),
    found: ['essential'],
    words: /no whole program/,
  },
  'no users': { act: (at) => rm(at.path('etc/passwd')), found: ['essential'], words: /list of users is missing/ },
  'no host name': { act: (at) => writeFile(at.path('etc/hostname'), '\n'), found: ['identity'], words: /hostname/ },
  'no file on the ESP': {
    shape: shapes.uefi,
    act: (at) => rm(at.path('boot/efi/EFI'), { recursive: true }),
    found: ['efi-loader'],
    words: /BOOTX64\.EFI does not exist/,
  },
  'EFI file cut short': {
    shape: shapes.uefi,
    act: (at) => truncate(at.path('boot/efi/EFI/BOOT/BOOTX64.EFI'), 9000),
    found: ['efi-loader'],
    words: /9000 bytes, a part of it would end at/,
  },
  "GRUB's file on the ESP leads nowhere": {
    shape: shapes.uefi,
    act: (at) =>
      writeFile(
        at.path('boot/efi/EFI/debian/grub.cfg'),
        `search.fs_uuid ${nobody} root hd0,gpt3\nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n`,
      ),
    found: ['efi-stub'],
    words: /EFI\/debian\/grub\.cfg: it searches UUID=9999/,
  },
  "GRUB's file on the ESP names another directory": {
    shape: shapes.uefi,
    act: (at) => {
      const uuid = at.subject.devices.find(({ path }) => path.endsWith('p3'))?.uuid;
      return writeFile(
        at.path('boot/efi/EFI/debian/grub.cfg'),
        `search.fs_uuid ${uuid} root hd0,gpt3\nset prefix=($root)'/grub'\nconfigfile $prefix/grub.cfg\n`,
      );
    },
    found: ['efi-stub'],
    words: /leads to \/grub\/grub\.cfg, which does not exist/,
  },
};
