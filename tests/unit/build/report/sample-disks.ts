import type { BlockFacts, DiskFacts, PartitionFacts } from '../../../../build/report/facts.ts';

export const MiB = 1024 * 1024;
export const GiB = 1024 * MiB;

/** Names that try to leave their place in the page, or to fool its reader. */
export const hostile = {
  script: '<script>alert(1)</script>',
  attribute: '"><img src=x onerror=alert(2)>',
  entity: "&lt;b&gt; &amp; 'single'",
  control: 'bell\u0007 zero\u0000 rtl\u202egnp',
  long: 'w'.repeat(300),
  wide: '磁盘标签'.repeat(6),
};

export function block(name: string, sizeBytes: number, more: Partial<BlockFacts> = {}): BlockFacts {
  return {
    name,
    path: `/dev/${name}`,
    type: 'part',
    sizeBytes,
    content: null,
    label: null,
    uuid: null,
    mounts: [],
    swap: false,
    usedBytes: null,
    notSaved: null,
    alsoOn: [],
    children: [],
    ...more,
  };
}

export function partition(
  number: number,
  startBytes: number,
  held: BlockFacts,
  more: Partial<PartitionFacts> = {},
): PartitionFacts {
  return { number, startBytes, type: null, name: null, bootable: false, extended: false, ...more, block: held };
}

export function disk(name: string, sizeBytes: number, more: Partial<DiskFacts> = {}): DiskFacts {
  return {
    block: block(name, sizeBytes, { type: 'disk' }),
    model: 'Samsung SSD 870 EVO',
    serial: 'S6PUNM0T4',
    wwn: null,
    transport: 'sata',
    rotational: false,
    removable: false,
    logicalSectorBytes: 512,
    table: 'gpt',
    saved: true,
    partitions: [],
    ...more,
  };
}

/** 100 GiB: ESP, swap, root, LVM with two volumes, a gap of 10 GiB at the end. */
export const systemDisk = disk('sda', 100 * GiB, {
  partitions: [
    partition(
      1,
      MiB,
      block('sda1', 512 * MiB, {
        content: 'vfat',
        uuid: 'ABCD-1234',
        label: 'EFI',
        mounts: ['/boot/efi'],
        usedBytes: 6 * MiB,
      }),
      { type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', name: 'EFI system' },
    ),
    partition(
      2,
      10 * GiB,
      block('sda2', 10 * GiB, { content: 'swap', swap: true, uuid: '2b6c1ae5-7f4e-4e0c-9b8e-1f1a52c0b3aa' }),
      {
        type: '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F',
      },
    ),
    partition(
      3,
      20 * GiB,
      block('sda3', 30 * GiB, {
        content: 'ext4',
        label: 'root',
        uuid: '6f3a1c2e-90aa-4d0b-a6d3-3a1a9fdc1e77',
        mounts: ['/'],
        usedBytes: 12 * GiB,
      }),
      { type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', name: 'root' },
    ),
    partition(
      4,
      50 * GiB,
      block('sda4', 40 * GiB, {
        content: 'LVM2_member',
        uuid: 'mXl3Xe-6dKk-0pYc-2aSd-V0sE-3R8e-7mUq1Z',
        children: [
          block('vg0-home', 24 * GiB, { type: 'lvm', content: 'ext4', mounts: ['/home'], usedBytes: 18 * GiB }),
          block('vg0-srv', 8 * GiB, {
            type: 'lvm',
            content: 'xfs',
            label: hostile.script,
            mounts: ['/srv'],
            usedBytes: GiB,
          }),
        ],
      }),
      { type: 'E6D6D379-F507-44C2-A23C-238F2A3DF928' },
    ),
  ],
});

/** 2 TB, MBR: Windows, an extended partition with two logical ones of which one has a hostile label. */
export const dataDisk = disk('sdb', 2_000_398_934_016, {
  model: hostile.attribute,
  serial: null,
  rotational: true,
  transport: 'usb',
  removable: true,
  table: 'dos',
  saved: false,
  partitions: [
    partition(1, MiB, block('sdb1', 500 * GiB, { content: 'ntfs', label: 'Windows', notSaved: 'NTFS "Windows"' }), {
      type: '7',
      bootable: true,
    }),
    partition(2, 500 * GiB + MiB, block('sdb2', 1000 * GiB), { type: 'f', extended: true }),
    partition(
      5,
      500 * GiB + 2 * MiB,
      block('sdb5', 700 * GiB, {
        content: 'ext4',
        label: hostile.attribute,
        mounts: [`/mnt/${hostile.control}`],
        usedBytes: 69 * GiB,
      }),
      { type: '83' },
    ),
    partition(6, 1250 * GiB, block('sdb6', 100 * GiB, { content: 'btrfs', label: hostile.long }), { type: '83' }),
  ],
});
