import { run } from '../../../common/run.ts';
import { cached } from '../harness/cache.ts';

/** What a saved machine has installed: a small server, and the packages that `rekindle check` asks for. */
const packages = [
  'linux-image-amd64',
  'systemd-sysv',
  'udev',
  'dbus',
  'grub-pc',
  'grub-efi-amd64-bin',
  'efibootmgr',
  'isolinux',
  'syslinux-common',
  'xorriso',
  'squashfs-tools',
  'mtools',
  'dosfstools',
  'e2fsprogs',
  'fdisk',
  'zstd',
  'cpio',
  'kmod',
  'libcap2-bin',
  'acl',
  'attr',
  'iproute2',
  'login',
  'passwd',
  'nano',
  'less',
  'procps',
  'eject',
  'lvm2',
  'mdadm',
];
const suite = 'bookworm';

/** The kernel's own package makes an initramfs; each later package would make it again, a minute each. */
const onlyOneInitramfs = [
  '--dpkgopt=force-confold',
  '--setup-hook=mkdir -p "$1/etc/initramfs-tools" && echo update_initramfs=no > "$1/etc/initramfs-tools/update-initramfs.conf"',
  '--customize-hook=sed -i s/=no/=yes/ "$1/etc/initramfs-tools/update-initramfs.conf"',
];

/** For machines whose root lies on layers. */
const stackPackages = ['cryptsetup-initramfs', 'btrfs-progs', 'xfsprogs', 'thin-provisioning-tools'];

/** Nobody reads them there, and each machine is saved and restored under emulation. */
const leftOut = ['locale', 'doc', 'man'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);

/** A Debian as a tar file, made once for this list of packages. */
export function debianTar(): Promise<string> {
  return cached('debian.tar', { suite, packages, variant: 'minbase' }, (file) => bootstrap(file, packages, []));
}

/** The same with the tools and boot scripts for LUKS, btrfs, xfs and thin pools, and more packages. */
export function stackDebianTar(more: readonly string[] = []): Promise<string> {
  const all = [...packages, ...stackPackages, ...more];
  return cached('stack-debian.tar', { suite, packages: all, leftOut }, (file) => bootstrap(file, all, leftOut));
}

async function bootstrap(file: string, names: readonly string[], options: readonly string[]): Promise<void> {
  await run(
    [
      ...(['mmdebstrap', '--variant=minbase', '--mode=root', '--format=tar'] as const),
      ...[...onlyOneInitramfs, ...options, `--include=${names.join(',')}`, suite, file],
    ],
    { timeoutMs: 15 * 60_000 },
  );
}
