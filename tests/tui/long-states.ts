import type { DevicesAnswer, DisksAnswer, EngineState } from '../../restore/execute/protocol.ts';
import type { Plan, TargetDisk } from '../../restore/plan/step.ts';
import { goodProof, idle, medium, plan, restoring, savedDisk, target } from './states.ts';

/** Words as machines have them: the longest host name, disks by their catalogue names, paths of containers, scripts of all sorts. */
export const long = {
  hostname: `${'storage-gateway-frankfurt-rack-0042-node-0007'.padEnd(63, 'x')}.infrastructure.example.org`,
  model: 'Samsung MZWLJ7T6HALA-00007 Enterprise NVMe PM1733',
  serial: 'S5BTNG0R412345-WWN-0x5002538f41234567',
  path: '/var/lib/docker/overlay2/0f3d9c1e7b5a4f6d8e2c1b0a9f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6/merged',
  foreign: '/srv/Fotos/日本旅行/cafe\u0301 Čzěśńők/Ελλάδα',
  device: 'mapper/vg_storage_frankfurt-lv_customer_data_2019',
};

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

export const longDisk: TargetDisk = {
  ...target,
  model: long.model,
  serial: long.serial,
  contents: many(7, (at) => `nvme0n1p${at + 1} ext4 "customers-${at}" 220 GB mounted ${long.path}`),
};

export const longDisks: DisksAnswer = {
  saved: [{ ...savedDisk, model: long.model, serial: long.serial, contents: [`ext4 ${long.path}`, long.foreign] }],
  here: [
    longDisk,
    { ...longDisk, path: '/dev/vdb', name: 'vdb', contents: [] },
    { ...medium, model: long.model, refusal: `in use: mounted on ${long.path}, ${long.foreign}` },
  ],
};

export const longDevices: DevicesAnswer = {
  fileSystems: [
    { name: long.path, type: 'btrfs', bytes: 9.1e12, files: 123_456_789 },
    { name: long.foreign, type: 'ext4', bytes: 1, files: 1 },
  ],
  devices: many(6, (at) => ({
    path: `/dev/${long.device}${at}`,
    name: `${long.device}${at}`,
    sizeBytes: 4e12,
    type: 'ext4',
    uuid: null,
    content: `ext4 "${long.foreign}"`,
    disks: [longDisk, { ...longDisk, name: 'vdb' }],
    refusal: at < 3 ? null : `in use: mounted on ${long.path}`,
  })),
};

export const longPlan: Plan = {
  ...plan,
  targets: [{ source: 'disk0', disk: longDisk }],
  warnings: many(6, (at) => `${long.path}: warning ${at}, ${long.foreign}: set it again with a long command line`),
  sizes: [`${long.path}: 40.0 GB -> 120 GB, holds 17.3 GB`],
  pictures: [
    {
      source: 'disk0',
      before: { sizeBytes: 1e12, parts: many(9, (at) => ({ name: `${long.path}${at}`, bytes: 1e11 })) },
      after: { sizeBytes: 1e12, parts: many(9, (at) => ({ name: `${long.path}${at}`, bytes: 1e11 })) },
    },
  ],
  steps: many(30, (at) => ({
    id: `extract:disk0:${at}`,
    title: `extract ${long.path}/${at}: 9.1 GB, 214,337 files from 3 sets, over what is there`,
    target: long.device,
    destroys: null,
    weightBytes: 1,
    actions: [],
  })),
};

const machine = idle.set && {
  ...idle.set.machine,
  hostname: long.hostname,
  os: 'Debian GNU/Linux 13 (trixie) on Proxmox VE 9',
};

export const longIdle: EngineState = {
  ...idle,
  set: idle.set &&
    machine && {
      ...idle.set,
      machine,
      signature: {
        kind: 'signed',
        key: 'RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3',
        keyId: '8B2A6E9D47C10F35',
        fingerprint: '9f86 d081 884c 7d65 9a2f eaa0 c55a d015 a3bf 4f1b 2b0b 822c',
      },
    },
  chain: many(3, (at) => ({
    set: `11111111-2222-4333-8444-55555555555${at}`,
    name: `incremental set ${at} of ${long.hostname}, made 2026-11-2${at} 02:00, level ${at}`,
    here: at === 0,
    locked: false,
  })),
};

export const longFailure = {
  code: 'RK311',
  message: 'The files could not be written to the target.',
  cause: `${long.path}: the file system is full. tar: exit 2: ${`${long.path}/${'file-'.repeat(40)}: Cannot write; `.repeat(3)}`,
  hint: 'Read the cause. Make room, repair what is named or choose another disk or folder; then run it again.',
};

export const longRestoring: EngineState = {
  ...restoring,
  set: longIdle.set,
  plan: longPlan,
  log: many(60, (at) => `02:14:${String(at).padStart(2, '0')} ${long.path}: line ${at} ${'of the log '.repeat(12)}`),
  progress: restoring.progress && {
    ...restoring.progress,
    steps: longPlan.steps.map(({ id, title, target: place }, index) => ({
      id,
      title,
      target: place,
      status: index < 12 ? 'done' : index === 12 ? 'running' : 'waiting',
      bytesDone: index < 12 ? 9e9 : index === 12 ? 5e9 : 0,
      bytesTotal: 9e9,
      filesDone: 123_456_789,
    })),
    current: 12,
    currentFile: `${long.path}/${long.foreign}/IMG_2231.raw`,
  },
};

export const longRestored: EngineState = {
  ...longRestoring,
  phase: 'restored',
  proof: [
    ...goodProof,
    {
      id: 'fstab',
      title: 'every file system in /etc/fstab exists',
      result: 'fail',
      detail: `line 2: UUID=99999999-9999-4999-8999-999999999999 for ${long.path} is on none of the restored disks`,
      hint: 'Correct /etc/fstab of the restored system: "blkid" shows the ids that there are.',
      stopsBoot: true,
    },
    { ...(goodProof[0] ?? never()), id: 'x', result: 'cannot-tell', detail: `${long.foreign} was not looked into` },
  ],
  warnings: longPlan.warnings,
  skipped: many(2, (at) => ({ step: `s${at}`, title: `extract ${long.path}${at}`, consequence: 'Files are missing.' })),
  lost: {
    files: 250,
    listFile: '/run/rekindle/lost-files.txt',
    first: many(200, (at) => `${long.path}/${at}  (9 bytes)`),
  },
};

function never(): never {
  throw new Error('there are proofs');
}
