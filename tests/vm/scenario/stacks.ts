import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run } from '../../../common/run.ts';
import { cached } from '../harness/cache.ts';
import { blankDisk, type Disk, Machine } from '../harness/machine.ts';
import { runInLab } from '../lab/lab.ts';
import type { StackManifest } from '../lab/stack-manifest-entry.ts';
import { allowedDifferences } from '../manifest/allowed-differences.ts';
import { compareFiles, renderComparison } from '../manifest/compare.ts';
import { imagesIn, type StackName, stackImages } from '../sources/stack-image.ts';
import { type StackShape, stackShapes } from '../sources/stack-shapes.ts';
import { patience } from './keys.ts';
import { mediumOf, product, save } from './save.ts';

/** A saved machine with stacked storage. */
export interface SavedStack {
  shape: StackShape;
  name: StackName;
  /** Its disks as they were when it went off. */
  disks: string[];
  medium: string;
}

const secretSerial = 'SECRET';

/** Restores onto the targets, and opens what is encrypted by the first line of a disk that holds nothing else. */
function answerOf(shape: StackShape): string {
  const disks = shape.disks.map((_, index) => `[[disk]]\nsource = "disk${index}"\nserial = "TARGET${index}"\n`);
  const secret = `[[secret]]\nname = "luks:disk0:3"\nfile = "/dev/disk/by-id/virtio-${secretSerial}"\n`;
  return [
    `afterwards = "${shape.afterwards ?? 'poweroff'}"\ncountdown = 3\n`,
    ...disks,
    ...(shape.passphrase === undefined ? [] : [secret]),
  ].join('\n');
}

function withSectors({ sectorBytes }: StackShape): Pick<Disk, 'sectorBytes'> {
  return sectorBytes === undefined ? {} : { sectorBytes };
}

/** Boots the stacked machine and lets it save itself; once for one state of the sources. */
export async function savedStack(name: StackName): Promise<SavedStack> {
  const shape: StackShape = stackShapes[name];
  const source = await stackImages(name, shape, 2000);
  const answer = answerOf(shape);
  const directory = await cached(`saved-${name}`, { source, ...(await product()), answer }, async (made) => {
    await mkdir(made);
    await run(['cp', '-r', '--sparse=always', `${source}/.`, made]);
    const file = join(made, 'answer.toml');
    await writeFile(file, answer);
    const disks = imagesIn(made, shape).map((image, index) => ({
      file: image,
      serial: `SOURCE${index}`,
      ...withSectors(shape),
    }));
    const { firmware, memory, passphrase } = shape;
    const create = [
      // Whatever the boot menu's default is: no firmware's menu need be watched.
      ...['--answer', '/mnt/t/answer.toml', '--kernel-argument', 'rekindle.auto=restore'],
      ...(passphrase === undefined ? [] : ['--allow-unencrypted']),
    ];
    const unlock = passphrase === undefined ? {} : { passphrase };
    await save({ name, firmware, memory, disks, create, files: { 'answer.toml': file }, ...unlock }, join(made, 'set'));
  });
  return { shape, name, disks: imagesIn(directory, shape), medium: (await mediumOf(join(directory, 'set'))).medium };
}

export async function blankTargets({ shape }: SavedStack, work: string): Promise<Disk[]> {
  return Promise.all(
    shape.disks.map(async (size, index) => ({
      file: await blankDisk(join(work, `target${index}.img`), `${size}M`),
      serial: `TARGET${index}`,
      ...withSectors(shape),
    })),
  );
}

/** Boots the medium with the targets attached: it restores by the answer file, or goes on with a restore that was interrupted. */
export async function bootRestore(saved: SavedStack, targets: readonly Disk[], work: string): Promise<Machine> {
  const { shape, name, medium } = saved;
  const secret = await blankDisk(join(work, 'secret.img'), '1M');
  await writeFile(secret, `${shape.passphrase ?? 'none'}\n`, { flag: 'r+' });
  const machine = await Machine.start({
    name: `restore-${name}`,
    ...{ boot: 'cdrom', cdrom: medium, firmware: shape.firmware, memory: shape.memory },
    variables: join(work, 'variables.fd'),
    disks: [...targets, { file: secret, serial: secretSerial, readonly: true }],
  });
  try {
    // RK468 is the restore that was interrupted: it says so before it counts down.
    await machine.expectScreen(/(It starts|goes on) in \d s|RK(?!468)\d+/, patience.boot + patience.verify);
    return machine;
  } catch (error) {
    await machine.close();
    throw error;
  }
}

/** Restores, or goes on with it; ends when the machine is off. */
export async function restoreStack(saved: SavedStack, targets: readonly Disk[], work: string): Promise<void> {
  const machine = await bootRestore(saved, targets, work);
  try {
    await expectOff(machine, patience.verify + patience.restore);
  } finally {
    await machine.close();
  }
}

/** The medium was left in the drive: it sees that it restored these disks, and writes nothing. */
export async function expectRefused(saved: SavedStack, targets: readonly Disk[], work: string): Promise<void> {
  const machine = await bootRestore(saved, targets, work);
  try {
    expect(machine.screen()).toMatch(/RK461/);
  } finally {
    await machine.close();
  }
}

/** Off by itself, or what the rescue system says of the failure. */
async function expectOff(machine: Machine, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let restoredAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const over = await machine.expectEnd(5).then(
      () => true,
      () => false,
    );
    if (over) return;
    if (machine.screen().includes('Restored.')) restoredAt = Math.min(restoredAt, Date.now());
    // It looks for its own marker before it restarts.
    const waits = Date.now() - restoredAt > 90_000;
    const stopped = waits || /The restore stopped|RK\d+|will not boot|Not restarted/.test(machine.screen());
    if (!stopped && Date.now() < deadline) continue;
    const shown = machine.screen();
    await diagnose(machine);
    throw new Error(`not restored:\n${shown}\nLog: ${machine.logFile}`);
  }
}

/** For the log of the serial line: what a person would look at. */
async function diagnose(machine: Machine): Promise<void> {
  await machine.expectEnd(20).catch(() => undefined);
  machine.send('!');
  await machine.expectScreen(/Shell of the rescue system/, 60);
  const looks = [
    'tail -n 150 /run/rekindle/rekindle.log',
    'lsblk -o NAME,SIZE,TYPE,FSTYPE,MOUNTPOINTS',
    'cat /proc/mdstat',
    'dmesg | tail -20',
  ];
  for (const look of looks) await machine.shell(look, 60).catch(() => undefined);
}

/** What is on a machine's disks, seen in the lab through overlays: the images stay as they are. */
export async function stackManifest(
  saved: SavedStack,
  images: readonly string[],
  work: string,
): Promise<StackManifest> {
  const attached: Disk[] = [];
  for (const [index, file] of images.entries()) {
    const overlay = join(work, `overlay${index}.qcow2`);
    await run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', file, '-F', 'raw', overlay]);
    attached.push({ file: overlay, format: 'qcow2', serial: `disk${index}`, ...withSectors(saved.shape) });
  }
  return (await runInLab({
    ...{ name: `manifest-${saved.name}`, entry: 'tests/vm/lab/stack-manifest-entry.ts', disks: [], attached },
    ...{ environment: { LAB_SHAPE: saved.name }, seconds: 15 * 60 },
  })) as StackManifest;
}

const swapFileMade = [
  { path: /^\/$/, fields: ['mtime'], reason: 'the folder of the swap file' },
  { path: /^\/swapfile$/, fields: ['mtime', 'sha256'], reason: 'it is made again, without what was swapped to it' },
] as const;

/** Compares what is on the source's disks and the targets. */
export async function expectSameStack(saved: SavedStack, targets: readonly string[], work: string): Promise<void> {
  // Known once for each saved machine.
  const file = await cached(`manifest-${saved.name}.json`, { disks: saved.disks }, async (made) =>
    writeFile(made, JSON.stringify(await stackManifest(saved, saved.disks, work))),
  );
  const source = JSON.parse(await readFile(file, 'utf8')) as StackManifest;
  const target = await stackManifest(saved, targets, work);
  const comparison = compareFiles(source.files, target.files, [
    ...allowedDifferences,
    ...(saved.name === 'xfs' ? swapFileMade : []),
  ]);
  console.log(renderComparison({ ...comparison, layout: '' }));
  expect(comparison.unexpected).toEqual([]);
  expect(comparison.identical).toBeGreaterThan(5000);
  expect(Object.keys(source.facts).length).toBeGreaterThan(2);
  expect(target.facts).toEqual(source.facts);
}
