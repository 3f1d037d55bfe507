import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { RekindleError } from '../../common/errors/error.ts';
import { formatBytes } from '../../common/format.ts';
import { run } from '../../common/run.ts';
import { probeDevice, runJson } from '../layout/probe.ts';
import type { Action } from '../plan/step.ts';
import { log } from './log.ts';

type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>;

const diskSchema = z.object({
  blockdevices: z.array(
    z.object({
      path: z.string(),
      size: z.number(),
      serial: z.string().nullable(),
      wwn: z.string().nullable(),
      type: z.string(),
    }),
  ),
});

/**
 * Could let another disk be destroyed: names of disks change between boots and when one is plugged in.
 * Size, serial and WWN must still be those that were chosen. @throws RekindleError RK451
 */
export async function assertDisk(action: ActionOf<'assert-disk'>): Promise<void> {
  const argv = [
    'lsblk',
    '--json',
    '--bytes',
    '--nodeps',
    '--output',
    'PATH,SIZE,SERIAL,WWN,TYPE',
    action.device,
  ] as const;
  const { blockdevices } = await runJson([...argv], diskSchema);
  const disk = blockdevices[0];
  if (!disk) throw new RekindleError('RK451', `${action.device} is gone`);
  const differences: string[] = [];
  if (disk.size !== action.sizeBytes)
    differences.push(`has ${formatBytes(disk.size)}, chosen was ${formatBytes(action.sizeBytes)}`);
  if (disk.serial !== action.serial)
    differences.push(`serial ${disk.serial ?? 'none'}, chosen was ${action.serial ?? 'none'}`);
  if (disk.wwn !== action.wwn) differences.push(`WWN ${disk.wwn ?? 'none'}, chosen was ${action.wwn ?? 'none'}`);
  if (differences.length > 0) throw new RekindleError('RK451', `${action.device} ${differences.join('; ')}`);
}

interface Node {
  path: string;
  type: string;
  mountpoints: (string | null)[];
  children?: Node[] | undefined;
}
const nodeSchema: z.ZodType<Node> = z.object({
  path: z.string(),
  type: z.string(),
  mountpoints: z.array(z.string().nullable()),
  get children() {
    return z.array(nodeSchema).optional();
  },
});
const treeSchema = z.object({ blockdevices: z.array(nodeSchema) });

/** With the column NAME lsblk nests what stands on a disk; without it all would lie side by side. */
async function readTree(device: string): Promise<Node> {
  const { blockdevices } = await runJson(
    ['lsblk', '--json', '--output', 'NAME,PATH,TYPE,MOUNTPOINTS', device],
    treeSchema,
  );
  const node = blockdevices[0];
  if (!node) throw new RekindleError('RK451', `${device} is gone`);
  return node;
}

/** A disk and what stands on it, the uppermost first. @throws RekindleError RK451 when it is gone */
export async function devicesOn(disk: string): Promise<Pick<Node, 'path' | 'mountpoints'>[]> {
  return above(await readTree(disk));
}

/** What stands on a disk, the uppermost first. */
function above(node: Node): Node[] {
  return [...(node.children ?? []).flatMap(above), node];
}

/**
 * Lets go of what this machine's kernel holds on the disk: mounts, swap, volume groups, arrays. Only what stands on this
 * very disk is touched. @throws RekindleError RK452 when something stays in use
 */
export async function releaseDisk({ device }: ActionOf<'release-disk'>): Promise<void> {
  for (const node of above(await readTree(device))) {
    for (const at of node.mountpoints) {
      if (at === null) continue;
      log(`releasing ${node.path}: ${at}`);
      if (at === '[SWAP]') await run(['swapoff', node.path]);
      else await run(['umount', at], { okExit: [0, 1, 32] });
    }
    if (node.type === 'lvm' || node.type === 'crypt' || node.type === 'dm')
      await run(['dmsetup', 'remove', '--retry', node.path], { okExit: [0, 1] });
    if (node.type.startsWith('raid')) await run(['mdadm', '--stop', node.path], { okExit: [0, 1] });
  }
  const left = above(await readTree(device)).filter(
    (node) => node.mountpoints.some((at) => at !== null) || !['disk', 'part'].includes(node.type),
  );
  if (left.length > 0)
    throw new RekindleError(
      'RK452',
      left.map((node) => `${node.path} (${node.type}) ${node.mountpoints.filter(Boolean).join(' ')}`.trim()).join(', '),
    );
}

/**
 * Could overwrite a device that nobody meant, or one that somebody works with: names change, and partitions are made anew.
 * @throws RekindleError RK451 when it is another one, RK452 when it is in use
 */
export async function assertDevice({ device, sizeBytes, holds }: ActionOf<'assert-device'>): Promise<void> {
  const size = await sizeOf(device);
  if (size === null) throw new RekindleError('RK451', `${device} is not there`);
  if (sizeBytes !== null && size !== sizeBytes)
    throw new RekindleError(
      'RK451',
      `${device} has ${formatBytes(size)}, chosen was one with ${formatBytes(sizeBytes)}`,
    );
  const { mountpoints, children = [] } = await readTree(device);
  const uses = [...mountpoints.filter((at) => at !== null), ...children.map(({ path }) => path)];
  if (uses.length === 0 && !(await isFree(device))) uses.push('the kernel works with it');
  if (uses.length > 0) throw new RekindleError('RK452', `${device}: ${uses.join(', ')}`);
  if (holds === null) return;
  const { TYPE: type = 'nothing known', UUID: uuid = null } = await probeDevice(device);
  const isSame = holds.uuid === null || uuid?.toLowerCase() === holds.uuid.toLowerCase();
  if (type === holds.type && isSame) return;
  const found = `${device} holds ${type}${uuid === null ? '' : ` ${uuid}`}`;
  throw new RekindleError('RK451', `${found}, chosen was ${holds.type} ${holds.uuid ?? ''}`.trim());
}

/** O_EXCL on a block device: not while it is mounted or a part of something, wherever that is (open(2)). */
async function isFree(device: string): Promise<boolean> {
  const file = await open(device, constants.O_RDONLY | constants.O_EXCL).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EBUSY') return null;
    throw error;
  });
  await file?.close();
  return file !== null;
}

const nodeSeconds = 30;

/**
 * Once the disks are wiped it would be too late to find out: nothing can be made under a name that an array or mapping of
 * another disk has. @throws RekindleError RK428
 */
export async function assertFree({ devices }: ActionOf<'assert-free'>): Promise<void> {
  const taken: string[] = [];
  for (const device of devices) if (((await sizeOf(device)) ?? 0) > 0 || (await isArray(device))) taken.push(device);
  if (taken.length > 0) throw new RekindleError('RK428', taken.join(', '));
}

/** Also one that was not started: it has no size, and yet the name. */
async function isArray(device: string): Promise<boolean> {
  const path = join('/sys/block', basename(device), 'md/array_state');
  const state = await readFile(path, 'utf8').catch(() => 'clear');
  return state.trim() !== 'clear';
}

/** Bytes of a block device; null when it is not there. */
export async function sizeOf(device: string): Promise<number | null> {
  const { stdout, exitCode } = await run(['blockdev', '--getsize64', device], { okExit: [0, 1] });
  return exitCode === 0 ? Number(stdout.trim()) : null;
}

/** Waits for a device with exactly its planned size, where that is known. @throws RekindleError RK453 */
export async function awaitNode({ device, sizeBytes }: ActionOf<'await-node'>): Promise<void> {
  const deadline = Date.now() + nodeSeconds * 1000;
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    const size = await sizeOf(device);
    if (sizeBytes === null ? (size ?? 0) > 0 : size === sizeBytes) return;
    if (Date.now() > deadline) {
      const found = size === null ? 'it is not there' : `it has ${size} bytes`;
      const wanted = sizeBytes === null ? 'be there' : `have ${sizeBytes} bytes`;
      throw new RekindleError('RK453', `${device} should ${wanted}; after ${nodeSeconds} s ${found}`);
    }
    await sleep(pause);
  }
}

const findmntSchema = z.object({
  filesystems: z.array(z.object({ source: z.string(), target: z.string(), uuid: z.string().nullable() })),
});

/** An unmounted target would be extracted into the memory of the rescue system. @throws RekindleError RK454 */
export async function assertMounted({ device, at, uuid, devices = [] }: ActionOf<'assert-mounted'>): Promise<void> {
  const { stdout, exitCode } = await run(['findmnt', '--json', '--output', 'SOURCE,TARGET,UUID', '--mountpoint', at], {
    okExit: [0, 1],
  });
  if (exitCode !== 0) throw new RekindleError('RK454', `nothing is mounted on ${at}`);
  const top = findmntSchema.parse(JSON.parse(stdout)).filesystems.at(-1);
  const source = top?.source.replace(/\[.*\]$/, '');
  if (source !== device && !devices.includes(source ?? ''))
    throw new RekindleError('RK454', `${source} is mounted on ${at}, not ${device}`);
  if (uuid === null) return;
  const probe = await run(['blkid', '-p', '-s', 'UUID', '-o', 'value', device]);
  if (probe.stdout.trim().toLowerCase() !== uuid.toLowerCase())
    throw new RekindleError('RK454', `${device} has the UUID ${probe.stdout.trim()}, not ${uuid}`);
}
