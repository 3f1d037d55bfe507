/** How a source machine's disk is cut. Sizes in MiB. */
export interface Shape {
  name: string;
  firmware: 'bios' | 'uefi';
  sizeMiB: number;
  /** Input of sfdisk. */
  table: string;
  /** Partition number -> what it holds. The ESP is of type vfat. */
  partitions: Readonly<Record<number, { type: 'ext4' | 'swap' | 'vfat'; label: string; at?: string }>>;
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
} as const satisfies Record<string, Shape>;
