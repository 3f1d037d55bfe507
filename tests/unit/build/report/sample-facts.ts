import {
  type BlockFacts,
  type DiskFacts,
  type Facts,
  factsSchema,
  type PartitionFacts,
} from '../../../../build/report/facts.ts';

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

const known = <T>(value: T) => ({ known: true as const, value });

export const sampleFacts: Facts = factsSchema.parse({
  set: '0b5c6f0e-3d0a-4a57-9d0e-6f5b7f1f0c11',
  createdAt: '2026-11-20T02:00:12.000Z',
  rekindleVersion: '0.1.0',
  holdsBackup: true,
  system: {
    machine: {
      hostname: 'web01.example.org',
      os: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.1.0-41-amd64',
      arch: 'x86_64',
      firmware: 'uefi',
    },
    bootedAt: '2026-09-01T06:12:00.000Z',
    timeZone: 'Europe/Berlin',
    secureBoot: true,
    virtualization: 'none',
  },
  bootLoader: { loader: 'grub2', disk: null, efiEntries: [{ label: 'debian', loader: '\\EFI\\debian\\shimx64.efi' }] },
  disks: known([systemDisk, dataDisk]),
  fileSystems: known([
    {
      mountPoint: '/',
      source: '/dev/sda3',
      type: 'ext4',
      options: ['noatime'],
      usage: { sizeBytes: 29 * GiB, usedBytes: 12 * GiB, availableBytes: 16 * GiB },
    },
    {
      mountPoint: '/boot/efi',
      source: '/dev/sda1',
      type: 'vfat',
      options: [],
      usage: { sizeBytes: 510 * MiB, usedBytes: 6 * MiB, availableBytes: 504 * MiB },
    },
    {
      mountPoint: '/home',
      source: '/dev/mapper/vg0-home',
      type: 'ext4',
      options: [],
      usage: { sizeBytes: 23 * GiB, usedBytes: 18 * GiB, availableBytes: 4 * GiB },
    },
    {
      mountPoint: `/mnt/${hostile.entity}`,
      source: 'nas.example.org:/export/media',
      type: 'nfs4',
      options: ['ro'],
      usage: null,
    },
  ]),
  swaps: known([{ path: '/dev/sda2', type: 'partition', sizeBytes: 10 * GiB, usedBytes: 0 }]),
  interfaces: known([
    {
      name: 'eno1',
      state: 'up',
      kind: null,
      master: 'bond0',
      mac: '0c:c4:7a:11:22:33',
      mtu: 1500,
      addresses: [],
      driver: 'igb',
      speedMegabits: 1000,
    },
    {
      name: 'eno2',
      state: 'up',
      kind: null,
      master: 'bond0',
      mac: '0c:c4:7a:11:22:33',
      mtu: 1500,
      addresses: [],
      driver: 'igb',
      speedMegabits: 1000,
    },
    {
      name: 'bond0',
      state: 'up',
      kind: 'bond',
      master: null,
      mac: '0c:c4:7a:11:22:33',
      mtu: 1500,
      addresses: ['192.0.2.17/24', '2001:db8:1::17/64', 'fe80::ec4:7aff:fe11:2233/64'],
      driver: null,
      speedMegabits: 2000,
    },
    {
      name: 'ifb0',
      state: 'down',
      kind: 'ifb',
      master: null,
      mac: null,
      mtu: 1500,
      addresses: [],
      driver: null,
      speedMegabits: null,
    },
  ]),
  routes: known([
    { destination: 'default', gateway: '192.0.2.1', device: 'bond0', source: null, metric: null },
    { destination: '192.0.2.0/24', gateway: null, device: 'bond0', source: '192.0.2.17', metric: null },
  ]),
  resolver: known(['search example.org', 'nameserver 192.0.2.53']),
  firmwareTables: known({
    maker: 'Supermicro',
    product: 'SYS-5019C-MR',
    serial: 'S299164X9B12345',
    chassis: 'main server chassis',
    board: 'Supermicro X11SCM-F 1.01',
    firmware: 'American Megatrends Inc. 1.5 10/05/2020',
  }),
  processor: known({
    model: 'Intel(R) Xeon(R) E-2276G CPU @ 3.80GHz',
    threads: 12,
    details: [
      ['Socket(s)', '1'],
      ['Core(s) per socket', '6'],
    ],
  }),
  memoryBytes: known(33_545_854_976),
  memoryModules: known([
    {
      slot: 'DIMMA1',
      size: '16 GB',
      kind: 'DDR4 DIMM 2667 MT/s',
      part: 'Micron 18ADF2G72AZ-2G6E1',
      serial: '2A1B3C4D',
    },
    {
      slot: 'DIMMB1',
      size: '16 GB',
      kind: 'DDR4 DIMM 2667 MT/s',
      part: 'Micron 18ADF2G72AZ-2G6E1',
      serial: '2A1B3C4E',
    },
  ]),
  pci: known([
    {
      address: '00:17.0',
      kind: 'SATA controller',
      name: 'Intel Corporation Cannon Lake PCH SATA AHCI Controller',
      id: '8086:a352',
      driver: 'ahci',
    },
    {
      address: '02:00.0',
      kind: 'Ethernet controller',
      name: 'Intel Corporation I210 Gigabit Network Connection',
      id: '8086:1533',
      driver: 'igb',
    },
  ]),
  usb: { known: false, why: 'this machine shows no USB bus' },
  packages: known({
    tool: 'dpkg',
    packages: Array.from({ length: 2000 }, (_, index) => ({
      name: index === 7 ? hostile.script : `package-${String(index).padStart(4, '0')}-with-a-name`,
      version: `1:${index}.4.2-3+deb12u1`,
      architecture: index % 9 === 0 ? 'all' : index % 100 === 1 ? 'i386' : 'amd64',
    })),
  }),
});
