import type { Archive, Manifest, SetInfo } from '../../../../restore/archive/set-schema.ts';
import {
  type Boot,
  type Content,
  type Layout,
  type LayoutNode,
  layoutSchema,
} from '../../../../restore/layout/schema.ts';
import type { TargetDisk } from '../../../../restore/plan/step.ts';

const sector = 512;
export const savedBytes = 6 * 2 ** 30;
const sha256 = 'ab'.repeat(32);
export const setId = '11111111-2222-4333-8444-555555555555';

function ext4(uuid: string, label: string, sizeBytes: number): Content {
  const blockCount = Math.floor(sizeBytes / 4096);
  return {
    kind: 'ext4',
    uuid,
    label,
    blockBytes: 4096,
    blockCount,
    inodeBytes: 256,
    inodeCount: Math.ceil(blockCount / 32768) * 8192,
    reservedBlocks: Math.floor(blockCount / 20),
    features:
      'has_journal ext_attr resize_inode dir_index filetype extent 64bit flex_bg sparse_super large_file huge_file dir_nlink extra_isize metadata_csum'.split(
        ' ',
      ),
    defaultMountOptions: ['user_xattr', 'acl'],
    hashSeed: 'a1b2c3d4-0000-4000-8000-000000000001',
    journalBlocks: 4096,
    errorsBehavior: 'remount-ro',
    maxMountCount: -1,
    checkIntervalSeconds: 0,
  };
}

const vfat: Content = {
  kind: 'vfat',
  volumeId: 'ABCD-1234',
  label: 'ESP',
  fatBits: 32,
  sectorBytes: 512,
  sectorsPerCluster: 8,
};
const swap = (uuid: string): Content => ({ kind: 'swap', uuid, label: '' });

interface Part {
  number: number;
  sectors: number;
  content?: Content;
  at?: string;
}

function layoutOf(firmware: 'bios' | 'uefi', table: string, parts: Part[], boot: Partial<Boot>): Layout {
  const nodes: LayoutNode[] = parts.map(({ number, sectors, content, at }) => ({
    id: `disk0:${number}`,
    origin: { type: 'partition', disk: 'disk0', number },
    sizeBytes: sectors * sector,
    content: content ?? null,
    mount: at === undefined ? null : { at, options: 'rw,relatime' },
    usedBytes: at === undefined ? null : 1_000_000,
  }));
  return layoutSchema.parse({
    format: 1,
    machine: { hostname: 'web01', os: 'Debian 12', kernel: '6.1.0', arch: 'x86_64', firmware },
    disks: [
      {
        id: 'disk0',
        name: 'sda',
        model: 'Samsung 860',
        serial: 'S3Z9NB0K',
        wwn: null,
        sizeBytes: savedBytes,
        logicalSectorBytes: sector,
        transport: 'sata',
        table,
      },
    ],
    nodes,
    boot: { firmware, loader: 'grub2', disk: null, esp: null, efiEntries: [], ...boot },
  });
}

/** BIOS, MBR with an extended partition: /boot, swap, /, /home. */
export function biosMachine(): Layout {
  const table = `label: dos
label-id: 0x1badb002
device: /dev/sda
unit: sectors
sector-size: 512

/dev/sda1 : start=        2048, size=     1048576, type=83, bootable
/dev/sda2 : start=     1050624, size=    11532288, type=5
/dev/sda5 : start=     1052672, size=     2097152, type=82
/dev/sda6 : start=     3151872, size=     4194304, type=83
/dev/sda7 : start=     7348224, size=     5232640, type=83
`;
  const parts: Part[] = [
    {
      number: 1,
      sectors: 1048576,
      content: ext4('b0000000-0000-4000-8000-000000000001', 'boot', 1048576 * sector),
      at: '/boot',
    },
    { number: 2, sectors: 11532288 },
    { number: 5, sectors: 2097152, content: swap('b0000000-0000-4000-8000-000000000005') },
    {
      number: 6,
      sectors: 4194304,
      content: ext4('b0000000-0000-4000-8000-000000000006', 'root', 4194304 * sector),
      at: '/',
    },
    {
      number: 7,
      sectors: 5232640,
      content: ext4('b0000000-0000-4000-8000-000000000007', '', 5232640 * sector),
      at: '/home',
    },
  ];
  return layoutOf('bios', table, parts, { disk: 'disk0', installer: 'grub-install' });
}

/** UEFI, GPT: ESP, swap, /. */
export function uefiMachine(): Layout {
  const table = `label: gpt
label-id: 6B2F1C3A-0D1E-4F2A-9B3C-4D5E6F708192
device: /dev/sda
unit: sectors
first-lba: 2048
last-lba: 12582878
sector-size: 512

/dev/sda1 : start=        2048, size=     1048576, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=0A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9, name="EFI System"
/dev/sda2 : start=     1050624, size=     2097152, type=0657FD6D-A4AB-43C4-84E5-0933C84B4F4F, uuid=1A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9
/dev/sda3 : start=     3147776, size=     9433088, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=2A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9, name="root", attrs="GUID:59"
`;
  const parts: Part[] = [
    { number: 1, sectors: 1048576, content: vfat, at: '/boot/efi' },
    { number: 2, sectors: 2097152, content: swap('e0000000-0000-4000-8000-000000000002') },
    {
      number: 3,
      sectors: 9433088,
      content: ext4('e0000000-0000-4000-8000-000000000003', 'root', 9433088 * sector),
      at: '/',
    },
  ];
  return layoutOf('uefi', table, parts, {
    esp: 'disk0:1',
    efiEntries: [{ label: 'debian', loader: '\\EFI\\debian\\shimx64.efi' }],
    espFiles: ['EFI/debian/grub.cfg', 'EFI/debian/grubx64.efi', 'EFI/debian/mmx64.efi', 'EFI/debian/shimx64.efi'],
  });
}

/** BIOS, GPT with a BIOS boot partition: /. */
export function biosGptMachine(): Layout {
  const table = `label: gpt
label-id: 7B2F1C3A-0D1E-4F2A-9B3C-4D5E6F708192
device: /dev/sda
unit: sectors
first-lba: 2048
last-lba: 12582878
sector-size: 512

/dev/sda1 : start=        2048, size=        2048, type=21686148-6449-6E6F-744E-656564454649, uuid=3A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9
/dev/sda2 : start=        4096, size=    10240000, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=4A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9
`;
  const parts: Part[] = [
    { number: 1, sectors: 2048 },
    {
      number: 2,
      sectors: 10240000,
      content: ext4('c0000000-0000-4000-8000-000000000002', 'root', 10240000 * sector),
      at: '/',
    },
  ];
  return layoutOf('bios', table, parts, { disk: 'disk0', installer: 'grub-install' });
}

export function setOf(layout: Layout): SetInfo {
  return {
    format: 2,
    set: setId,
    volume: 1,
    volumes: 1,
    createdAt: '2026-11-20T02:00:00Z',
    rekindleVersion: '0.1.0',
    machine: layout.machine,
    rdBase: { path: 'rd-base.squashfs', size: 1, sha256 },
    files: [],
  };
}

/** An archive for each mounted file system; / has inode flags. */
export function manifestOf(layout: Layout): Manifest {
  const archives = layout.nodes.flatMap((node, index): Archive[] => {
    if (node.mount === null) return [];
    const name = String(index).padStart(3, '0');
    const file = { path: `archives/${name}.tar.zst`, size: 1, sha256 };
    return [
      {
        name,
        parts: [{ volume: 1, ...file }],
        size: 1,
        index: { ...file, path: `${file.path}.idx` },
        frames: 2,
        mountPoint: node.mount.at,
        node: node.id,
        tarSize: 5_000_000,
        members: 1234,
        attributes: node.mount.at === '/' ? 2 : 0,
        notes: 0,
      },
    ];
  });
  const layoutFile = { path: 'layout/layout.json', size: 1, sha256 };
  return { format: 2, set: setId, volumes: 1, layout: layoutFile, archives, files: [] };
}

export function targetDisk(changes: Partial<TargetDisk> = {}): TargetDisk {
  return {
    path: '/dev/vda',
    name: 'vda',
    model: 'QEMU',
    serial: 'X1',
    wwn: null,
    sizeBytes: savedBytes,
    logicalSectorBytes: sector,
    transport: 'virtio',
    removable: false,
    contents: [],
    refusal: null,
    partitions: [],
    ...changes,
  };
}
