/** What a partition holds. The ESP is of type vfat. */
export interface Part {
  type: 'ext4' | 'xfs' | 'btrfs' | 'swap' | 'vfat';
  label: string;
  at?: string;
  /** More words for its mkfs. */
  make?: readonly string[];
  /** Of a btrfs: each subvolume with the place where it is mounted. */
  subvolumes?: Readonly<Record<string, string>>;
}

/** How a source machine's disk is cut, and what runs there. Sizes in MiB. */
export interface Shape {
  name: string;
  firmware: 'bios' | 'uefi';
  sizeMiB: number;
  /** Input of sfdisk. */
  table: string;
  /** By partition number. */
  partitions: Readonly<Record<number, Part>>;
  /** Bookworm without it. Another suite's file systems are made by its own tools. */
  suite?: 'trixie' | 'sid';
  /** GRUB, its image made for this machine, without it. */
  loader?: 'signed-grub' | 'systemd-boot';
  /** LANG of the whole machine. */
  locale?: string;
}

export interface NumberedPart extends Part {
  number: number;
}

/** One line of fstab. */
export interface PartMount {
  number: number;
  at: string;
  type: Part['type'];
  options: string;
}

const optionsOf = {
  ext4: 'errors=remount-ro',
  xfs: 'defaults',
  btrfs: 'defaults',
  vfat: 'umask=0077',
  swap: 'sw',
} as const;

/** What is mounted, outer ones first. */
export function mountsOf(parts: readonly NumberedPart[]): PartMount[] {
  const mounts = parts.flatMap(({ number, type, at, subvolumes }) => [
    ...(at === undefined ? [] : [{ number, at, type, options: optionsOf[type] }]),
    ...Object.entries(subvolumes ?? {}).map(([name, place]) => ({
      ...{ number, at: place, type, options: `subvol=${name}` },
    })),
  ]);
  return mounts.toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

const mib = 2048;

export const shapes = {
  /** (a) BIOS, MBR with an extended partition, separate /boot and /home. */
  mbr: {
    name: 'mbr',
    firmware: 'bios',
    sizeMiB: 4096,
    table: [
      'label: dos',
      'label-id: 0x1234abcd',
      `start=${mib}, size=${300 * mib}, type=83, bootable`,
      `start=${301 * mib}, size=${256 * mib}, type=82`,
      `start=${560 * mib}, size=${3500 * mib}, type=5`,
      `start=${561 * mib}, size=${3000 * mib}, type=83`,
      `start=${3562 * mib}, size=${490 * mib}, type=83`,
    ].join('\n'),
    partitions: {
      1: { type: 'ext4', label: 'boot', at: '/boot' },
      2: { type: 'swap', label: 'swap' },
      5: { type: 'ext4', label: 'root', at: '/' },
      6: { type: 'ext4', label: 'home', at: '/home' },
    },
  },
  /** (b) UEFI, GPT, ESP. */
  uefi: {
    name: 'uefi',
    firmware: 'uefi',
    sizeMiB: 4096,
    table: [
      'label: gpt',
      `start=${mib}, size=${200 * mib}, type=U, name="EFI System Partition"`,
      `start=${201 * mib}, size=${256 * mib}, type=S`,
      `start=${460 * mib}, size=${3600 * mib}, type=L, name="root fs"`,
    ].join('\n'),
    partitions: {
      1: { type: 'vfat', label: 'ESP', at: '/boot/efi' },
      2: { type: 'swap', label: 'swap' },
      3: { type: 'ext4', label: 'root', at: '/' },
    },
  },
  /** (c) BIOS with GPT and a BIOS boot partition. */
  biosGpt: {
    name: 'bios-gpt',
    firmware: 'bios',
    sizeMiB: 4096,
    table: [
      'label: gpt',
      `start=${mib}, size=${2 * mib}, type=21686148-6449-6E6F-744E-656564454649, attrs="LegacyBIOSBootable"`,
      `start=${4 * mib}, size=${256 * mib}, type=S`,
      `start=${300 * mib}, size=${3700 * mib}, type=L`,
    ].join('\n'),
    partitions: { 2: { type: 'swap', label: 'swap' }, 3: { type: 'ext4', label: 'root', at: '/' } },
  },
  /** (d) Debian 13 as somebody sets it up by hand: file systems of three kinds, /boot with small blocks and the smallest inodes. */
  trixie: {
    name: 'trixie',
    firmware: 'uefi',
    sizeMiB: 5120,
    table: [
      'label: gpt',
      `start=${mib}, size=${128 * mib}, type=U`,
      `start=${129 * mib}, size=${400 * mib}, type=L`,
      `start=${529 * mib}, size=${256 * mib}, type=S`,
      `start=${785 * mib}, size=${3300 * mib}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709`,
      `start=${4085 * mib}, size=${1000 * mib}, type=L`,
    ].join('\n'),
    partitions: {
      1: { type: 'vfat', label: 'ESP', at: '/boot/efi' },
      2: { type: 'ext4', label: 'boot', at: '/boot', make: ['-b', '1024', '-I', '128'] },
      3: { type: 'swap', label: 'swap' },
      4: { type: 'xfs', label: 'root', at: '/' },
      5: { type: 'btrfs', label: 'data', subvolumes: { home: '/home', srv: '/srv' } },
    },
    suite: 'trixie',
    loader: 'signed-grub',
    // Its small i has a dot, and its capital one too: whatever compares words by the locale trips here.
    locale: 'tr_TR.UTF-8',
  },
  /** (e) Debian unstable: the newest kernel, dracut, systemd-boot with its kernels on the ESP, NetworkManager. */
  sid: {
    name: 'sid',
    firmware: 'uefi',
    sizeMiB: 4096,
    table: [
      'label: gpt',
      `start=${mib}, size=${512 * mib}, type=U`,
      `start=${513 * mib}, size=${256 * mib}, type=S`,
      `start=${769 * mib}, size=${3300 * mib}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709`,
    ].join('\n'),
    partitions: {
      1: { type: 'vfat', label: 'ESP', at: '/boot/efi' },
      2: { type: 'swap', label: 'swap' },
      3: { type: 'ext4', label: 'root', at: '/' },
    },
    suite: 'sid',
    loader: 'systemd-boot',
  },
} as const satisfies Record<string, Shape>;
