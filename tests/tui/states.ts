import { initialState } from '../../restore/execute/initial-state.ts';
import type { EngineState } from '../../restore/execute/protocol.ts';
import type { Plan, TargetDisk } from '../../restore/plan/step.ts';

export const target: TargetDisk = {
  path: '/dev/vda',
  name: 'vda',
  model: 'WD SN770',
  serial: '2303A8',
  wwn: null,
  sizeBytes: 1_000_204_886_016,
  logicalSectorBytes: 512,
  transport: 'virtio',
  removable: false,
  contents: ['vda1 ntfs "Windows" 220 GB'],
  refusal: null,
};

export const medium: TargetDisk = {
  ...target,
  path: '/dev/sr0',
  name: 'sr0',
  model: 'QEMU DVD-ROM',
  serial: 'QM00003',
  sizeBytes: 389_000_000,
  contents: ['iso9660'],
  refusal: 'this medium: the backup is read from it',
};

const uuid = '11111111-2222-4333-8444-555555555555';

export const plan: Plan = {
  set: uuid,
  digest: 'digest-1',
  targets: [{ source: 'disk0', disk: target }],
  warnings: ['The clock of this machine is 3 days behind.'],
  steps: [
    ['table', 'write GPT: 2 partitions', 'vda'],
    ['make-1', 'make vfat EFI system partition, same id', 'vda1'],
    ['make-2', 'make ext4 file system for /, same id', 'vda2'],
    ['extract-2', 'extract /: 9.1 GB, 214,337 files', 'vda2'],
    ['boot', 'install GRUB for UEFI', 'vda1'],
  ].map(([id = '', title = '', place = '']) => ({
    id,
    title,
    target: place,
    destroys: null,
    weightBytes: 1,
    actions: [],
  })),
};

export const idle: EngineState = {
  ...initialState(),
  phase: 'idle',
  set: {
    uuid,
    createdAt: '2026-11-20T02:00:00.000Z',
    machine: {
      hostname: 'web01.example.org',
      os: 'Debian 12',
      kernel: '6.1.0-21-amd64',
      arch: 'x86_64',
      firmware: 'uefi',
    },
    sizeBytes: 4_200_000_000,
    diskCount: 1,
    hasBackup: true,
    signature: { kind: 'unsigned', key: '', keyId: '', fingerprint: '' },
  },
  verification: { status: 'running', bytesDone: 340, bytesTotal: 1000, damage: [] },
  log: Array.from({ length: 60 }, (_, index) => `02:14:${String(index % 60).padStart(2, '0')} line ${index + 1}`),
};

const proven = (id: string, title: string): EngineState['proof'][number] => {
  return { id, title, result: 'pass', detail: 'looked at', hint: null, stopsBoot: true };
};

/** What a good machine shows. */
export const goodProof: EngineState['proof'] = [
  proven('firmware', 'the boot loader is for the way this machine starts'),
  proven('boot-code', "GRUB's boot code is on the disk"),
  proven('boot-menu', "the boot menu's kernel and initramfs exist where it looks for them"),
  proven('kernel', 'the kernel is whole and for this machine'),
  proven('modules', "the kernel's modules are there"),
  proven('initramfs', 'the initramfs is whole and belongs to the kernel'),
  proven('initramfs-contents', 'the initramfs holds what the root file system needs'),
  proven('root-argument', 'root= of the boot menu is the restored file system'),
  proven('fstab', 'every file system in /etc/fstab exists'),
  proven('init', 'the first program of the system is there'),
];

export const restoring: EngineState = {
  ...idle,
  phase: 'restoring',
  plan,
  progress: {
    steps: plan.steps.map(({ id, title, target: place }, index) => ({
      id,
      title,
      target: place,
      status: index < 3 ? 'done' : index === 3 ? 'running' : 'waiting',
      bytesDone: index === 3 ? 5_200_000_000 : 0,
      bytesTotal: index === 3 ? 9_100_000_000 : 0,
      filesDone: index === 3 ? 124_882 : 0,
    })),
    current: 3,
    bytesPerSecond: 212_000_000,
    secondsLeft: 18,
    currentFile: 'home/anna/photos/2019/na\x1b[2Jme\n\u{1f600}.raw',
    history: Array.from({ length: 60 }, (_, second) => 150e6 + 80e6 * Math.sin(second / 5)),
  },
};

/** A disk of the saved machine. */
export const savedDisk = {
  id: 'disk0',
  name: 'sda',
  model: 'Samsung 860',
  serial: 'S3Z9NB0K',
  sizeBytes: 5e11,
  contents: ['sda1 ESP'],
};
