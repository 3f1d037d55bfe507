import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RekindleError } from '../../common/errors/error.ts';
import { run } from '../../common/run.ts';
import type { LayoutArray } from './stack-schema.ts';

/** A member of a running array, by its kernel name. */
export interface RunningMember {
  /** 'vda1' */
  name: string;
  /** Null for a spare. */
  slot: number | null;
  dataOffsetBytes: number;
  faulty: boolean;
}

/** One running array. */
export interface RunningArray {
  array: LayoutArray;
  members: RunningMember[];
}

const levels = ['raid0', 'raid1', 'raid4', 'raid5', 'raid6', 'raid10'] as const;
const versions = ['0.90', '1.0', '1.1', '1.2'] as const;

/** drivers/md/raid5.h; mdadm's names of them (mdadm(8), --layout). */
const parityLayouts: Readonly<Record<number, string>> = {
  0: 'left-asymmetric',
  1: 'right-asymmetric',
  2: 'left-symmetric',
  3: 'right-symmetric',
  4: 'parity-first',
  5: 'parity-last',
  8: 'ddf-zero-restart',
  9: 'ddf-N-restart',
  10: 'ddf-N-continue',
  16: 'left-asymmetric-6',
  17: 'right-asymmetric-6',
  18: 'left-symmetric-6',
  19: 'right-symmetric-6',
  20: 'parity-first-6',
};

/**
 * A running array, from the kernel's own files (Documentation/admin-guide/md.rst). @param name 'md0', 'md127'
 * @throws RekindleError RK423 for what cannot be made again: containers, journals, external bitmaps, a reshape
 */
export async function readArray(name: string, sys = '/sys/block'): Promise<RunningArray> {
  const directory = join(sys, name, 'md');
  const read = async (file: string): Promise<string> =>
    readFile(join(directory, file), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  const { stdout: detail } = await run(['mdadm', '--detail', '--export', `/dev/${name}`]);
  const field = (key: string): string | null => new RegExp(`^${key}=(.*)$`, 'm').exec(detail)?.[1] ?? null;
  const refuse = (why: string): never => {
    throw new RekindleError('RK423', `/dev/${name}: ${why}`);
  };
  const level = levels.find((each) => each === field('MD_LEVEL')) ?? refuse(`level ${field('MD_LEVEL') ?? 'unknown'}`);
  const version = await read('metadata_version');
  const metadata = versions.find((each) => each === version) ?? refuse(`metadata "${version}" of a firmware RAID`);
  const reshape = await read('reshape_position');
  if (reshape !== '' && reshape !== 'none') refuse('its shape is being changed');
  const policy = await read('consistency_policy');
  if (policy === 'journal') refuse('it has a write journal on a device of its own');
  const location = await read('bitmap/location');
  if (location === 'file') refuse('its bitmap lies in a file outside of it');
  if ((await read('bitmap/metadata')) === 'clustered') refuse('its bitmap is one of a cluster');
  const hasBitmap = /^[+-]\d+$/.test(location);
  const uuid = field('MD_UUID') ?? refuse('it has no UUID');
  const shortName = field('MD_DEVNAME') ?? name;
  const component = Number(await read('component_size')) * 1024;
  const chunk = Number(await read('chunk_size'));
  return {
    members: await readMembers(directory),
    array: {
      id: `md:${shortName}`,
      device: name,
      name: field('MD_NAME'),
      level,
      metadata,
      uuid,
      slots: Number.parseInt(await read('raid_disks'), 10),
      chunkBytes: chunk > 0 && level !== 'raid1' ? chunk : null,
      layout: layoutName(level, Number(await read('layout')), name),
      componentBytes: level === 'raid0' || !(component > 0) ? null : component,
      consistency: hasBitmap ? 'bitmap' : policy === 'ppl' ? 'ppl' : 'resync',
      bitmapChunkBytes: hasBitmap ? Number(await read('bitmap/chunksize')) || null : null,
      detail,
    },
  };
}

/** mdadm's --layout of the kernel's number; null where the level has none or it does not matter. */
export function layoutName(level: LayoutArray['level'], number: number, name: string): string | null {
  if (level === 'raid0' || level === 'raid1' || level === 'raid4') return null;
  if (level !== 'raid10') {
    const known = parityLayouts[number];
    if (known === undefined) throw new RekindleError('RK423', `/dev/${name}: layout ${number} of ${level}`);
    return known;
  }
  // drivers/md/raid10.c: near and far copies, bit 16 for "offset".
  const [near, far, offset] = [number & 0xff, (number >> 8) & 0xff, (number & 0x10000) !== 0];
  if (number >> 17 > 0 || (near > 1 && far > 1)) {
    throw new RekindleError('RK423', `/dev/${name}: layout 0x${number.toString(16)} of raid10`);
  }
  return far > 1 ? `${offset ? 'o' : 'f'}${far}` : `n${near}`;
}

async function readMembers(directory: string): Promise<RunningMember[]> {
  const names = (await readdir(directory)).filter((entry) => entry.startsWith('dev-'));
  const members: RunningMember[] = [];
  for (const entry of names) {
    const read = async (file: string) => (await readFile(join(directory, entry, file), 'utf8')).trim();
    const slot = await read('slot');
    members.push({
      name: entry.slice('dev-'.length),
      slot: slot === 'none' ? null : Number(slot),
      dataOffsetBytes: Number(await read('offset')) * 512,
      faulty: (await read('state')).split(',').includes('faulty'),
    });
  }
  return members.sort((left, right) => (left.slot ?? Infinity) - (right.slot ?? Infinity));
}
