import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from '../../../common/run.ts';
import { cacheDirectory, cached } from '../harness/cache.ts';
import { withMount } from '../harness/loop.ts';
import { type Disk, Machine } from '../harness/machine.ts';
import { sourceImage } from '../sources/image.ts';
import { type Shape, shapes } from '../sources/shapes.ts';

const root = join(import.meta.dirname, '../../..');
export const executable = join(root, 'dist/rekindle');

/** A saved machine: its disk as it was when it went off, and the medium that it made of itself. */
export interface Saved {
  disk: string;
  /** The first or only volume. */
  medium: string;
  /** All volumes, in order. */
  volumes: string[];
  /** File with what create printed: its report. */
  report: string;
}

export interface SaveOptions {
  shape: Shape;
  smallFiles: number;
  /** More words for `rekindle create`. */
  create?: readonly string[];
  /** Put on the transfer disk as /mnt/t/NAME. */
  files?: Readonly<Record<string, string>>;
  onLine?: (text: string) => void;
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(join(root, path)))
    .digest('hex');
}

/** A medium without a backup, of the sample machine. */
export const rescueOnly: SaveOptions = { shape: shapes.mbr, smallFiles: 2000, create: ['--rescue-only', '--json'] };

/** Boots the source machine, lets it save itself, shuts it down. Done once for one state of the sources and one recipe. */
export async function savedMachine(options: SaveOptions): Promise<Saved> {
  const source = await sourceImage(options.shape, options.smallFiles);
  const recipe = { source, ...(await product()), create: options.create, files: options.files };
  const disk = await cached(`saved-${options.shape.name}.img`, recipe, async (file) => {
    await run(['cp', '--sparse=always', source, file]);
    const { name, firmware } = options.shape;
    const disks = [{ file, serial: 'SOURCE01' }];
    await save({ ...options, name, firmware, disks }, file.replace(/\.part$/, ''));
  });
  return { disk, ...(await mediumOf(disk)) };
}

/** What the executable is made of: it differs from build to build (V8's code cache). */
export async function product(): Promise<{ bundle: string; lock: string }> {
  const [bundle = '', lock = ''] = await Promise.all(['dist/rekindle.cjs', 'package-lock.json'].map(digestOf));
  return { bundle, lock };
}

/** The medium and the report that lie beside a saved machine's disks. */
export async function mediumOf(name: string): Promise<Pick<Saved, 'medium' | 'volumes' | 'report'>> {
  const names = (await readdir(dirname(name))).filter((each) => each.startsWith(`${basename(name)}.volume-`));
  const volumes = names.toSorted().map((each) => join(dirname(name), each));
  return { medium: volumes[0] ?? '', volumes, report: `${name}.report` };
}

/** A machine that saves itself. */
export interface Saving extends Pick<SaveOptions, 'create' | 'files' | 'onLine'> {
  name: string;
  firmware: 'bios' | 'uefi';
  disks: readonly Disk[];
  memory?: number;
  /** What its boot asks for. */
  passphrase?: string;
}

/** Lets a machine save itself; its medium and report go beside `results`. */
export async function save(saving: Saving, results: string): Promise<void> {
  const transfer = await makeTransferDisk(saving.files ?? {});
  try {
    await saveInside(saving, transfer);
    await takeResults(transfer, results);
  } finally {
    await rm(transfer, { force: true });
  }
}

/** A second disk: carries the executable in and the medium out. */
async function makeTransferDisk(files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(cacheDirectory, { recursive: true });
  const content = await mkdtemp(join(cacheDirectory, 'transfer-'));
  const image = `${content}.img`;
  await copyFile(executable, join(content, 'rekindle'));
  await run(['cp', '-r', join(root, 'dist/lib'), content]);
  for (const name of ['rekindle.initrd', 'rekindle.initrd.sha256'])
    await copyFile(join(root, 'dist', name), join(content, name)).catch(() => undefined);
  for (const [name, source] of Object.entries(files)) await copyFile(source, join(content, name));
  await run(['truncate', '-s', '6G', image]);
  await run(['mke2fs', '-q', '-t', 'ext4', '-L', 'TRANSFER', '-d', content, image]);
  await rm(content, { recursive: true });
  return image;
}

async function saveInside(options: Saving, transfer: string): Promise<void> {
  const machine = await Machine.start({
    name: `save-${options.name}`,
    firmware: options.firmware,
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    disks: [...options.disks, { file: transfer, serial: 'TRANSFER' }],
  });
  try {
    if (options.passphrase !== undefined) await machine.unlock(options.passphrase);
    await machine.login();
    options.onLine?.('the source machine is up');
    if ((await machine.shell('mkdir -p /mnt/t && mount LABEL=TRANSFER /mnt/t')) !== 0)
      throw new Error('the transfer disk was not mounted');
    const words = ['/mnt/t/rekindle', 'create', '--to', 'iso:/mnt/t/medium.iso', ...(options.create ?? [])];
    // No terminal: plain lines instead of a bar.
    const code = await machine.shell(
      `(${words.join(' ')}) > /mnt/t/report 2> /mnt/t/create.log < /dev/null; echo $? > /mnt/t/code; cat /mnt/t/create.log; (exit $(cat /mnt/t/code))`,
      45 * 60,
    );
    if (code !== 0) throw new Error(`create ended with ${code}:\n${machine.screen()}\nLog: ${machine.logFile}`);
    if ((await machine.shell('grep -c rekindle /proc/mounts; ls -A /mnt/t | grep -c part')) === 0)
      throw new Error('create left a mount or an unfinished file');
    await machine.shell('umount /mnt/t && history -c');
    machine.send('poweroff\n');
    await machine.expectEnd(120);
  } finally {
    await machine.close();
  }
}

async function takeResults(transfer: string, name: string): Promise<void> {
  await withMount(transfer, 'loop,ro', async (directory) => {
    await copyFile(join(directory, 'report'), `${name}.report`);
    const media = (await readdir(directory)).filter((file) => /^medium(-\d+)?\.iso$/.test(file)).toSorted();
    for (const [index, file] of media.entries())
      await copyFile(join(directory, file), `${name}.volume-${index + 1}.iso`);
  });
}
