// Runs in the lab: says all of a stacked machine's disks that a restore must bring back.
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { run } from '../../../common/run.ts';
import { collectTree } from '../manifest/collect.ts';
import type { Manifest } from '../manifest/entry.ts';
import { type StackShape, stackShapes } from '../sources/stack-shapes.ts';
import { type Facts, factsOf } from './facts.ts';
import { deviceOf, stackShell } from './stack-shell.ts';

export interface StackManifest {
  facts: Facts;
  files: Manifest;
}

const shape: StackShape = stackShapes[process.env.LAB_SHAPE as keyof typeof stackShapes];
const disks = shape.disks.map((_, index) => realpathSync(`/dev/disk/by-id/virtio-disk${index}`));
const result: StackManifest = { facts: {}, files: {} };

// `btrfs device scan` does not load it.
await run(['modprobe', 'btrfs']);
await stackShell(shape.open, disks);
result.facts = await factsOf(disks, shape.name !== 'thin');
for (const [index, { at, device, options }] of shape.mounts.entries()) {
  const place = `/mnt/lab/${index}`;
  await mkdir(place, { recursive: true });
  await run(['mount', '-o', `ro,${options}`, await deviceOf(device, disks), place]);
  console.log(`${process.uptime().toFixed(0)} s: reading ${at}`);
  await collectTree(place, `p${index}`, result.files);
  if (/^subvol=/.test(options) && at === '/') result.facts.btrfs = await describeBtrfs(place);
  if (existsSync(`${place}/swapfile`)) result.facts.swapFile = await describeSwap(`${place}/swapfile`);
  await run(['umount', place]);
}

/** UUID, label and version of its header; what was swapped to it is nobody's. */
async function describeSwap(file: string): Promise<string[]> {
  const { stdout } = await run(['blkid', '-p', '-o', 'export', file]);
  return stdout.split('\n').filter((line) => /^(TYPE|UUID|LABEL|VERSION)=/.test(line));
}

/** Subvolumes by path, the default one, and how data and metadata are spread. */
async function describeBtrfs(place: string): Promise<string[]> {
  const said: string[] = [];
  for (const words of [
    ['subvolume', 'list', '-a'],
    ['subvolume', 'get-default'],
    ['filesystem', 'df'],
  ]) {
    const { stdout } = await run(['btrfs', ...words, place]);
    said.push(...stdout.split('\n').map((line) => line.replace(/^ID \d+ gen \d+ top level \d+ |: total=.*$/g, '')));
  }
  return said.sort();
}
await stackShell(shape.close, disks);
writeFileSync(process.argv[2] ?? '/tmp/result', JSON.stringify(result), { flag: 'r+' });
