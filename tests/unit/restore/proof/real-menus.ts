import type { Subject } from '../../../../restore/proof/subject.ts';
import { bootId, rootId } from './families.ts';
import { btrfs, disks, type Files, grubEfi, kernelFiles, systemdBoot } from './menu-machines.ts';
import {
  bootFiles,
  debian,
  fedoraEntry,
  fedoraMenu,
  fedoraStub,
  linux,
  proxmox,
  suse,
  ubuntuStub,
  xen,
} from './real-scripts.ts';

/** A machine that starts, as a distribution sets it up, and what it starts. */
export interface RealMenu {
  name: string;
  make: (work: string, files: Files) => Subject;
  files: Files;
  kernel: string;
  initrds: string[];
}

/** Menus as their tools write them, shortened; each of them starts. */
export const realMenus: readonly RealMenu[] = [
  {
    name: 'Debian 13, grub-mkconfig',
    make: disks.plain,
    files: { 'boot/grub/grub.cfg': debian, ...kernelFiles('6.12.48-amd64'), ...kernelFiles('6.1.0-40-amd64') },
    kernel: '/boot/vmlinuz-6.12.48-amd64',
    initrds: ['/boot/initrd.img-6.12.48-amd64'],
  },
  {
    name: 'Ubuntu, by the stub on its EFI system partition',
    make: disks.plain,
    files: {
      'boot/efi/EFI/BOOT/BOOTX64.EFI': grubEfi,
      'boot/efi/EFI/ubuntu/grub.cfg': ubuntuStub,
      'boot/grub/grub.cfg': debian.replace(
        'set default="0"',
        'set default="gnulinux-advanced-x>gnulinux-6.1.0-advanced-x"',
      ),
      ...kernelFiles('6.12.48-amd64'),
      ...kernelFiles('6.1.0-40-amd64'),
    },
    kernel: '/boot/vmlinuz-6.1.0-40-amd64',
    initrds: ['/boot/initrd.img-6.1.0-40-amd64'],
  },
  {
    name: 'Fedora 42, entries of the Boot Loader Specification by a stub',
    make: disks.separateBoot,
    files: {
      'boot/efi/EFI/fedora/grub.cfg': fedoraStub,
      'boot/efi/EFI/fedora/shimx64.efi': 'shim',
      'boot/grub2/grub.cfg': fedoraMenu,
      'boot/grub2/grubenv': '# GRUB Environment Block\nboot_success=1\nsaved_entry=\n###',
      'boot/loader/entries/0123-6.16.3-200.fc42.x86_64.conf': fedoraEntry(
        '6.16.3-200.fc42.x86_64',
        `root=UUID=${rootId} ro`,
      ),
      'boot/loader/entries/0123-6.16.10-200.fc42.x86_64.conf': fedoraEntry(
        '6.16.10-200.fc42.x86_64',
        `root=UUID=${rootId} ro`,
      ),
      'boot/loader/entries/0123-0-rescue.conf': fedoraEntry('0-rescue-0123', `root=UUID=${rootId} ro`),
      ...bootFiles('6.16.3-200.fc42.x86_64'),
      ...bootFiles('6.16.10-200.fc42.x86_64'),
      ...bootFiles('0-rescue-0123'),
    },
    kernel: '/boot/vmlinuz-6.16.10-200.fc42.x86_64',
    initrds: ['/boot/initramfs-6.16.10-200.fc42.x86_64.img'],
  },
  {
    name: 'RHEL 8, arguments in the environment',
    make: disks.separateBoot,
    files: {
      'boot/grub2/grub.cfg': fedoraMenu,
      'boot/grub2/grubenv': `saved_entry=0123-4.18.0-553.el8.x86_64\nkernelopts=root=UUID=${rootId} ro crashkernel=auto\n`,
      'boot/loader/entries/0123-4.18.0-553.el8.x86_64.conf': fedoraEntry(
        '4.18.0-553.el8.x86_64',
        '$kernelopts $tuned_params',
      ),
      'boot/loader/entries/0123-4.18.0-600.el8.x86_64.conf': fedoraEntry(
        '4.18.0-600.el8.x86_64',
        '$kernelopts $tuned_params',
      ),
      ...bootFiles('4.18.0-553.el8.x86_64'),
    },
    kernel: '/boot/vmlinuz-4.18.0-553.el8.x86_64',
    initrds: ['/boot/initramfs-4.18.0-553.el8.x86_64.img'],
  },
  {
    name: 'openSUSE after a rollback of snapper, paths from the default subvolume',
    make: btrfs(
      {
        '/': '/@/.snapshots/7/snapshot',
        '/.snapshots': '/@/.snapshots',
        '/boot/grub2/x86_64-efi': '/@/boot/grub2/x86_64-efi',
        '/opt': '/@/opt',
        '/var': '/@/var',
      },
      '/@/.snapshots/7/snapshot',
    ),
    files: { 'boot/grub2/grub.cfg': suse, ...kernelFiles('6.4.0-default'), 'opt/x': '' },
    kernel: '/boot/vmlinuz-6.4.0-default',
    initrds: ['/boot/initrd.img-6.4.0-default'],
  },
  {
    name: 'Arch, systemd-boot without settings beside a menu of GRUB that was left there',
    make: disks.espIsBoot,
    files: {
      'boot/EFI/BOOT/BOOTX64.EFI': systemdBoot,
      'boot/EFI/systemd/systemd-bootx64.efi': systemdBoot,
      'boot/grub/grub.cfg': linux('Old', '5.4', 'old', rootId),
      'boot/loader/entries/arch.conf': `title Arch Linux\nlinux /vmlinuz-linux\ninitrd /initramfs-linux.img\noptions root=UUID=${rootId} rw\n`,
      'boot/vmlinuz-linux': 'kernel',
      'boot/initramfs-linux.img': 'initramfs',
    },
    kernel: '/boot/vmlinuz-linux',
    initrds: ['/boot/initramfs-linux.img'],
  },
  {
    name: "kernel-install's folders, on FAT whose letters have no case",
    make: disks.espIsEfi,
    files: {
      'efi/EFI/systemd/systemd-bootx64.efi': systemdBoot,
      'efi/LOADER/entries/fedora-6.16.10.conf': `title Fedora\nversion 6.16.10\nsort-key fedora\nlinux /fedora/6.16.10/linux\ninitrd /fedora/6.16.10/initrd\noptions root=UUID=${rootId}\n`,
      'efi/LOADER/entries/fedora-6.16.9.conf':
        'title Fedora\nversion 6.16.9\nsort-key fedora\nlinux /fedora/6.16.9/linux\n',
      'efi/FEDORA/6.16.10/linux': 'kernel',
      'efi/FEDORA/6.16.10/initrd': 'initramfs',
    },
    kernel: '/efi/FEDORA/6.16.10/linux',
    initrds: ['/efi/FEDORA/6.16.10/initrd'],
  },
  {
    name: 'Proxmox, proxmox-boot-tool with systemd-boot beside the menu in /boot',
    make: disks.plain,
    files: {
      'etc/kernel/proxmox-boot-uuids': 'ABCD-1234\n',
      'boot/grub/grub.cfg': linux('Proxmox', '5.15.1-pve', 'x', rootId),
      'boot/efi/EFI/BOOT/BOOTX64.EFI': systemdBoot,
      'boot/efi/loader/loader.conf': 'timeout 3\ndefault proxmox-*\n',
      'boot/efi/loader/entries/proxmox-6.8.4-2-pve.conf': proxmox('6.8.4-2-pve'),
      'boot/efi/loader/entries/proxmox-6.8.12-9-pve.conf': proxmox('6.8.12-9-pve'),
      ...kernelFiles('6.8.12-9-pve', 'boot/efi/EFI/proxmox/6.8.12-9-pve'),
    },
    kernel: '/boot/efi/EFI/proxmox/6.8.12-9-pve/vmlinuz-6.8.12-9-pve',
    initrds: ['/boot/efi/EFI/proxmox/6.8.12-9-pve/initrd.img-6.8.12-9-pve'],
  },
  {
    name: 'Xen of Debian: the hypervisor, its kernel, its initramfs',
    make: disks.plain,
    files: {
      'boot/grub/grub.cfg': xen(rootId, '/boot'),
      'boot/xen-4.17-amd64.gz': 'xen',
      ...kernelFiles('6.1.0-40-amd64'),
    },
    kernel: '/boot/vmlinuz-6.1.0-40-amd64',
    initrds: ['/boot/initrd.img-6.1.0-40-amd64'],
  },
  {
    name: 'Qubes, its menu on the EFI system partition',
    make: disks.separateBoot,
    files: {
      'boot/efi/EFI/BOOT/BOOTX64.EFI': grubEfi,
      'boot/efi/EFI/qubes/grub.cfg': xen(bootId, ''),
      'boot/xen-4.17-amd64.gz': 'xen',
      ...kernelFiles('6.1.0-40-amd64'),
    },
    kernel: '/boot/vmlinuz-6.1.0-40-amd64',
    initrds: ['/boot/initrd.img-6.1.0-40-amd64'],
  },
  {
    name: 'Ubuntu on btrfs, paths from the top',
    make: btrfs({ '/': '/@', '/home': '/@home' }, '/'),
    files: { 'boot/grub/grub.cfg': linux('Ubuntu', '6.8.0', 'x', rootId, '/@/boot'), ...kernelFiles('6.8.0') },
    kernel: '/boot/vmlinuz-6.8.0',
    initrds: ['/boot/initrd.img-6.8.0'],
  },
];
