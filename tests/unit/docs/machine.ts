import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { captureContent } from '../../../restore/layout/content.ts';
import { probeDevice } from '../../../restore/layout/probe.ts';
import type { Content, Layout } from '../../../restore/layout/schema.ts';
import { makeDifficultTree } from '../../fixtures/difficult-tree.ts';
import { emptyLayout } from '../../fixtures/small-set.ts';

/** What is to be undone after a test, the newest first. */
export type Undo = (() => Promise<unknown>)[];

export const unmount = (directory: string): Promise<unknown> => run(['umount', directory], { okExit: [0, 1, 32] });

/** A loop device over a sparse file. This host's kernel reads no partition tables: `partx` shows them. */
export class LoopDisk {
  readonly device: string;

  private constructor(device: string) {
    this.device = device;
  }

  static async make(file: string, megabytes: number, undo: Undo): Promise<LoopDisk> {
    await run(['truncate', '-s', `${megabytes}M`, file]);
    const disk = new LoopDisk((await run(['losetup', '--show', '-f', file])).stdout.trim());
    undo.push(() => disk.remove());
    return disk;
  }

  partition(number: number): string {
    return `${this.device}p${number}`;
  }

  private async remove(): Promise<void> {
    await run(['partx', '-d', this.device], { okExit: [0, 1] });
    await run(['losetup', '-d', this.device]);
  }
}

/** A machine's disk with root, swap, /boot and an EFI system partition; its file systems are mounted. */
export interface SourceMachine {
  layout: Layout;
  root: string;
  boot: string;
}

const partitions = [
  { size: '96M', type: 'L', at: '/' },
  { size: '8M', type: 'S', at: null },
  { size: '16M', type: 'L', at: '/boot' },
  { size: '12M', type: 'U', at: null },
];

export async function makeSourceMachine(work: string, label: 'dos' | 'gpt', undo: Undo): Promise<SourceMachine> {
  const disk = await LoopDisk.make(join(work, 'source.img'), 144, undo);
  const lines = partitions.map(({ size, type }) => `size=${size}, type=${type}`);
  await run(['sfdisk', '-q', disk.device], { input: [`label: ${label}`, ...lines, ''].join('\n') });
  await run(['partx', '-u', disk.device]);
  const ext = ['mke2fs', '-q', '-b', '4096'] as const;
  await run([...ext, '-t', 'ext4', '-O', '^64bit,^metadata_csum', '-L', "the root's", disk.partition(1)]);
  await run(['mkswap', '-L', 'swap', disk.partition(2)]);
  await run([...ext, '-t', 'ext2', disk.partition(3)]);
  await run(['mkfs.fat', '-F', '16', disk.partition(4)]);
  const [root, boot] = [join(work, 'root'), join(work, 'boot')];
  await mountAt(disk.partition(1), root, undo);
  await mountAt(disk.partition(3), boot, undo);
  const server = await fill(root, boot);
  undo.push(async () => void server.close());
  return { layout: await layoutOf(disk), root, boot };
}

export async function mountAt(device: string, directory: string, undo: Undo): Promise<void> {
  mkdirSync(directory);
  await run(['mount', device, directory]);
  undo.push(() => unmount(directory));
}

/** Difficult files; among them some with inode flags and names that a shell gets wrong; and enough for some frames. */
async function fill(root: string, boot: string): Promise<Server> {
  const server = await makeDifficultTree(root, 20);
  for (const name of ['aaa', 'zzz']) writeFileSync(join(root, 'many', name), randomBytes(7 << 20));
  writeFileSync(join(boot, 'vmlinuz'), 'a kernel');
  const shell = [
    "touch '100%s \\n' ' blanks  '",
    "chattr +d -- './100%s \\n' ' blanks  ' './-rf' line?break invalid-*",
    'chattr +AS sticky',
  ];
  for (const line of shell) await run(['bash', '-ec', line], { cwd: root });
  return server;
}

async function layoutOf(disk: LoopDisk): Promise<Layout> {
  const nodes: Layout['nodes'] = [];
  for (const [index, { at }] of partitions.entries()) {
    const device = disk.partition(index + 1);
    nodes.push({
      id: `disk0:${index + 1}`,
      origin: { type: 'partition', disk: 'disk0', number: index + 1 },
      sizeBytes: Number((await run(['blockdev', '--getsize64', device])).stdout),
      content: await contentOf(device),
      mount: at === null ? null : { at, options: 'rw' },
      usedBytes: null,
    });
  }
  return {
    ...emptyLayout(),
    disks: [
      {
        id: 'disk0',
        name: 'sda',
        model: 'SAMPLE',
        serial: 'S1',
        wwn: null,
        sizeBytes: 144 << 20,
        logicalSectorBytes: 512,
        transport: null,
        table: await tableOf(disk),
      },
    ],
    nodes,
  };
}

/** The partition table as if the disk were /dev/sda. */
export async function tableOf({ device }: LoopDisk): Promise<string> {
  const { stdout } = await run(['sfdisk', '-d', device]);
  return stdout.replaceAll(`${device}p`, '/dev/sda').replace(device, '/dev/sda');
}

export async function contentOf(device: string): Promise<Content | null> {
  return captureContent(device, await probeDevice(device));
}

/** Inode flags of all files. `I` is how ext4 keeps a directory, not what somebody set. */
export async function flagsOf(root: string): Promise<string[]> {
  const find = "find . -xdev ! -name lost+found '(' -type f -o -type d ')' -exec lsattr -d -- '{}' +";
  const { stdout } = await run(['sh', '-ec', find], { cwd: root });
  return stdout
    .replaceAll(/^(\S*)I/gm, '$1-')
    .split('\n')
    .sort();
}
