import { run } from '../../../common/run.ts';
import { cached, forgetOlder } from '../harness/cache.ts';

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

/** As Debian 13's installer has it on UEFI: what is signed, from the suite itself. */
const trixiePackages = [
  ...packages.filter((name) => name !== 'grub-pc'),
  'grub-efi-amd64',
  'grub-efi-amd64-signed',
  'shim-signed',
  'xfsprogs',
  'btrfs-progs',
  'locales',
  'xz-utils',
];

/** No GRUB but the parts that a medium is made of, and nothing that makes an initramfs but dracut. */
const sidPackages = [
  ...packages.filter((name) => !['grub-pc', 'lvm2', 'mdadm'].includes(name)),
  'dracut',
  'systemd-boot',
  'network-manager',
  'xz-utils',
];

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
  return cached('debian.tar', { suite, packages, variant: 'minbase' }, (file) =>
    bootstrap(file, packages, onlyOneInitramfs),
  );
}

/** The same with the tools and boot scripts for LUKS, btrfs, xfs and thin pools, and more packages. */
export function stackDebianTar(more: readonly string[] = []): Promise<string> {
  const all = [...packages, ...stackPackages, ...more];
  return cached('stack-debian.tar', { suite, packages: all, leftOut }, (file) =>
    bootstrap(file, all, [...onlyOneInitramfs, ...leftOut]),
  );
}

/** Of the other suites that a machine here can have. */
export function suiteTar(name: 'trixie' | 'sid'): Promise<string> {
  return name === 'trixie' ? trixieTar() : sidTar();
}

function trixieTar(): Promise<string> {
  return cached('debian-trixie.tar', { suite: 'trixie', packages: trixiePackages }, (file) =>
    bootstrap(file, trixiePackages, onlyOneInitramfs, 'trixie'),
  );
}

/** Another one each day (UTC), for sid is; the tar of a day that is over goes. */
async function sidTar(): Promise<string> {
  const now = new Date();
  const day = now.toISOString().slice(0, 10);
  const tar = await cached('debian-sid.tar', { suite: 'sid', day, packages: sidPackages }, (file) =>
    // A mirror may be behind: what is tested is the machine, not how old the suite's list is.
    bootstrap(file, sidPackages, ['--aptopt=Acquire::Check-Valid-Until "false"'], 'sid'),
  );
  const before = new Date(now.getTime() - 36 * 3_600_000);
  for (const name of ['debian-sid.tar', 'source-sid.img', 'saved-sid.img']) await forgetOlder(name, before);
  return tar;
}

async function bootstrap(
  file: string,
  names: readonly string[],
  options: readonly string[],
  of = suite,
): Promise<void> {
  await run(
    [
      ...(['mmdebstrap', '--variant=minbase', '--mode=root', '--format=tar'] as const),
      ...[...options, `--include=${names.join(',')}`, of, file],
    ],
    // dracut makes its initramfs twice, once for the kernel's package and once for its own.
    { timeoutMs: (names.includes('dracut') ? 30 : 15) * 60_000 },
  );
}
