import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { run } from '../../../common/run.ts';
import { blankDisk, type Disk, Machine } from '../harness/machine.ts';
import { labImage } from './image.ts';

const repository = join(import.meta.dirname, '../../..');
const resultBytes = 32 << 20;

export interface LabRun {
  /** Names the logs. */
  name: string;
  /** The program that runs in the guest, by its path in the repository: it writes JSON to the file that argv names. */
  entry: string;
  /** Sizes in MiB of the blank disks /dev/disk/by-id/virtio-disk0, disk1 ... */
  disks: readonly number[];
  /** More disks: files that are there already, written to when they are not read-only. */
  attached?: readonly Disk[];
  memory?: number;
  /** Reaches the program's environment through the kernel's command line: no spaces. */
  environment?: Readonly<Record<string, string>>;
  seconds: number;
}

/** Runs a program in a guest whose kernel has md, device mapper and all file systems. Gives the JSON that it wrote. */
export async function runInLab({
  name,
  entry,
  disks,
  attached,
  memory,
  environment,
  seconds,
}: LabRun): Promise<unknown> {
  const image = await labImage();
  const words = Object.entries(environment ?? {}).map(([key, value]) => ` ${key}=${value}`);
  const work = await mkdtemp(join(tmpdir(), 'rekindle-lab-'));
  try {
    const overlay = join(work, 'root.qcow2');
    await run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', image.rootImage, '-F', 'raw', overlay]);
    const result = await blankDisk(join(work, 'result.img'), `${resultBytes}`);
    const blank = await Promise.all(
      disks.map((mebibytes, index) => blankDisk(join(work, `disk${index}.img`), `${mebibytes}M`)),
    );
    const machine = await Machine.start({
      name,
      memory: memory ?? 1536,
      kernel: { image: image.kernel, initrd: image.initrd, arguments: `console=ttyS0 quiet panic=1${words.join('')}` },
      disks: [
        { file: overlay, serial: 'lab', format: 'qcow2' },
        { file: await packProgram(entry, work), serial: 'code', readonly: true },
        { file: result, serial: 'result' },
        ...blank.map((file, index) => ({ file, serial: `disk${index}` })),
        ...(attached ?? []),
      ],
    });
    try {
      await machine.expect(/lab-started/, 600);
      await machine.expect(/lab-ended exit=0\./, seconds);
      await machine.expectEnd(60);
    } finally {
      await machine.close();
    }
    return await readResult(result);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The program with all that it imports as one file in a tar: the disk "code". */
async function packProgram(entry: string, work: string): Promise<string> {
  await build({
    absWorkingDir: repository,
    entryPoints: [entry],
    outfile: join(work, 'entry.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  const tar = join(work, 'code.tar');
  await run(['tar', '-cf', tar, '-C', work, 'entry.mjs']);
  return tar;
}

/** JSON from the disk's start to the first NUL. */
async function readResult(file: string): Promise<unknown> {
  const disk = await open(file, 'r');
  try {
    const { buffer } = await disk.read(Buffer.alloc(resultBytes), 0, resultBytes, 0);
    return JSON.parse(buffer.toString('utf8', 0, buffer.indexOf(0)));
  } finally {
    await disk.close();
  }
}
