import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { withMount } from '../harness/loop.ts';
import type { NumberedPart } from './shapes.ts';

/**
 * Makes each partition's file system.
 * @param tar a Debian whose own tools make them, with the features that its release has by default; null for this host's
 */
export async function makeFileSystems(
  device: string,
  parts: readonly NumberedPart[],
  tar: string | null,
): Promise<void> {
  await withTools(tar, async (prefix) => {
    for (const part of parts) await run([...prefix, ...commandOf(part), `${device}p${part.number}`]);
  });
  for (const { number, subvolumes } of parts) {
    if (subvolumes === undefined) continue;
    await withMount(`${device}p${number}`, 'defaults', async (top) => {
      for (const name of Object.keys(subvolumes)) await run(['btrfs', '-q', 'subvolume', 'create', join(top, name)]);
    });
  }
}

function commandOf({ type, label, make = [] }: NumberedPart): [string, ...string[]] {
  if (type === 'ext4') return ['mke2fs', '-q', '-t', 'ext4', '-L', label, ...make];
  if (type === 'swap') return ['mkswap', '-q', '-L', label];
  if (type === 'vfat') return ['mkfs.fat', '-F', '32', '-n', label];
  return [`mkfs.${type}`, '-q', '-L', label, ...make];
}

/** Nothing of the tree but its tools and what they load. */
const unused = ['./boot/*', './usr/share/*', './usr/lib/modules/*', './usr/lib/grub/*', './usr/lib/firmware/*'];

async function withTools(
  tar: string | null,
  use: (prefix: [string, ...string[]] | []) => Promise<void>,
): Promise<void> {
  if (tar === null) return use([]);
  const tree = await mkdtemp(join(tmpdir(), 'rekindle-tools-'));
  try {
    await run(['tar', '-xpf', tar, '-C', tree, ...unused.map((path) => `--exclude=${path}`)]);
    // Some of them look there for what is mounted.
    const seen = ['dev', 'proc'];
    for (const name of seen) await run(['mount', '--bind', `/${name}`, join(tree, name)]);
    try {
      await use(['chroot', tree]);
    } finally {
      for (const name of seen) await run(['umount', join(tree, name)]);
    }
  } finally {
    await rm(tree, { recursive: true });
  }
}
