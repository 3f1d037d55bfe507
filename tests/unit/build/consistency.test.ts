import { mkdtemp, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { run } from '../../../common/run.ts';
import { withImages, withLoop } from '../restore/layout/images.ts';
import { goneMark } from './gone-mark.ts';

const answerSchema = z.object({
  seen: z.record(z.string(), z.string()),
  exclude: z.array(z.string()),
  warnings: z.array(z.string()),
});

const script = join(import.meta.dirname, 'consistency-child.ts');

async function start(...words: string[]): Promise<string> {
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', script, ...words] as const;
  return (await run([...argv])).stdout;
}

/** A btrfs whose top level is mounted, with a nested subvolume. */
async function withBtrfs(use: (device: string, at: string) => Promise<void>): Promise<void> {
  await withImages([300 * 2 ** 20], async (image = '') => {
    await withLoop(image, async (device) => {
      const at = await mkdtemp(join(tmpdir(), 'rekindle-frozen-'));
      await run(['mkfs.btrfs', '-q', '-f', device]);
      await run(['mount', device, at]);
      try {
        await run(['btrfs', 'subvolume', 'create', join(at, 'below')]);
        for (const path of ['file', 'below/file']) await writeFile(join(at, path), 'as it was');
        await use(device, at);
      } finally {
        await run(['umount', at]);
        await rmdir(at);
      }
    });
  });
}

async function subvolumes(at: string): Promise<string[]> {
  const { stdout } = await run(['btrfs', 'subvolume', 'list', at]);
  return [...stdout.matchAll(/ path (.*)$/gm)].map(([, path = '']) => path);
}

describe('reading from snapshots [B9]', () => {
  it('sees every subvolume as it was at one moment, and leaves none behind', async () => {
    await withBtrfs(async (device, at) => {
      const answer = answerSchema.parse(JSON.parse(await start(device, at)));
      expect(answer).toEqual({
        seen: { '': 'as it was', below: 'as it was' },
        exclude: [expect.stringMatching(/^\.rekindle-[0-9a-f.]+-\w{6}$/)],
        warnings: [],
      });
      expect(await subvolumes(at)).toEqual(['below']);
    });
  });

  it('makes none when told so', async () => {
    await withBtrfs(async (device, at) => {
      const answer = answerSchema.parse(JSON.parse(await start(device, at, 'never')));
      expect(answer).toEqual({ seen: { '': 'changed', below: 'as it was' }, exclude: [], warnings: [] });
    });
  });

  it('removes what a killed run left, and nothing that only looks like it', async () => {
    await withBtrfs(async (device, at) => {
      await expect(start(device, at, 'auto', 'killed')).rejects.toMatchObject({ code: 'RK003' });
      expect((await subvolumes(at)).length).toBe(3);
      // A user's own, writable, under such a name.
      const like = `.rekindle-${goneMark()}-abcdef`;
      await run(['mkdir', join(at, like)]);
      await run(['btrfs', 'subvolume', 'create', join(at, like, 'mine')]);
      // Somebody's link under such a name to where read-only subvolumes are.
      await run(['mkdir', join(at, 'kept')]);
      await run(['btrfs', 'subvolume', 'snapshot', '-r', join(at, 'below'), join(at, 'kept/copy')]);
      await run(['ln', '-s', 'kept', join(at, `.rekindle-${goneMark()}-ghijkl`)]);
      // A machine that is attached to the same disk, or a container: its copies are its own.
      const others = `.rekindle-${goneMark({ machine: '1'.repeat(12) })}-abcdef`;
      await run(['mkdir', join(at, others)]);
      await run(['btrfs', 'subvolume', 'snapshot', '-r', join(at, 'below'), join(at, others, '256')]);
      const left = answerSchema.parse(JSON.parse(await start(device, at, 'never')));
      expect(left.warnings).toEqual([]);
      expect(await subvolumes(at)).toEqual(['below', `${like}/mine`, 'kept/copy', `${others}/256`]);
    });
  });

  it('reads a subvolume that cannot be copied as it is, and says so', async () => {
    await withBtrfs(async (device, at) => {
      const swap = join(at, 'below/swap');
      await run([
        'sh',
        '-c',
        'touch "$0"; chattr +C "$0"; dd if=/dev/zero of="$0" bs=1M count=8; chmod 600 "$0"; mkswap "$0"',
        swap,
      ]);
      const on = await run(['swapon', swap], { okExit: [0, 255] });
      expect(on.exitCode).toBe(0);
      try {
        const answer = answerSchema.parse(JSON.parse(await start(device, at)));
        expect(answer.seen.below).toBe('as it was');
        expect(answer.warnings).toEqual([
          expect.stringContaining('no snapshot was made, it is read while it may change'),
        ]);
      } finally {
        await run(['swapoff', swap]);
      }
    });
  });
});
