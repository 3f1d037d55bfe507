import { mkdir, mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { run } from '../../../../common/run.ts';
import { collectTree } from '../../../vm/manifest/collect.ts';
import { compareFiles, type Difference } from '../../../vm/manifest/compare.ts';
import type { Manifest } from '../../../vm/manifest/entry.ts';
import { withImages, withLoop } from '../layout/images.ts';

const sizeBytes = 600 * 2 ** 20;

const answerSchema = z.object({
  archives: z.array(z.object({ mountPoint: z.string(), subvolume: z.string().optional(), notes: z.number() })),
  mounted: z.array(z.string()),
  warnings: z.array(z.string()),
  steps: z.array(z.string()),
});

async function saveAndRestore(order: Record<string, unknown>) {
  const script = join(import.meta.dirname, 'subvolumes-child.ts');
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', script, JSON.stringify(order)] as const;
  return answerSchema.parse(JSON.parse((await run([...argv])).stdout.trim().split('\n').at(-1) ?? ''));
}

async function withTop<T>(device: string, use: (at: string) => Promise<T>): Promise<T> {
  const at = await mkdtemp(join(tmpdir(), 'rekindle-top-'));
  try {
    await run(['mount', '-t', 'btrfs', '-o', 'subvolid=5', device, at]);
    return await use(at).finally(() => run(['umount', at]));
  } finally {
    await rmdir(at);
  }
}

async function filesOf(device: string): Promise<Manifest> {
  const files: Manifest = {};
  await run(['btrfs', 'device', 'scan', '--forget']);
  await withTop(device, (at) => collectTree(at, '', files));
  return files;
}

/** As Debian, openSUSE and systemd-machined lay them out, and worse. */
async function fill(at: string): Promise<void> {
  const create = async (path: string): Promise<void> => {
    await mkdir(join(at, path, '..'), { recursive: true });
    await run(['btrfs', 'subvolume', 'create', join(at, path)]);
    await writeFile(join(at, path, 'in it'), path);
  };
  await create('@rootfs');
  await create('@home');
  await create('@rootfs/var/lib/machines');
  await create('@rootfs/var/lib/machines/guest one');
  await create('@old/forgotten');
  await writeFile(join(at, 'at the top'), 'of no subvolume');
  for (const folder of ['etc', 'home', 'home/hidden', 'boot', 'db']) await mkdir(join(at, '@rootfs', folder));
  await writeFile(join(at, '@rootfs/home/hidden/file'), 'below a mount point');
  await writeFile(join(at, '@rootfs/etc/fstab'), 'UUID=x / btrfs subvol=@rootfs 0 0\n');
  await run(['chmod', '2751', join(at, '@home'), join(at, '@rootfs/var/lib/machines')]);
  await run(['chown', '1000:100', join(at, '@home')]);
  await run(['setfattr', '-n', 'user.word', '-v', 'x', join(at, '@rootfs/var/lib')]);
  // A folder whose files are not copied on write, but for one that was there before; and one such file in a folder that is.
  await writeFile(join(at, '@rootfs/db/older'), 'w'.repeat(100_000));
  await run(['chattr', '+C', join(at, '@rootfs/db')]);
  await writeFile(join(at, '@rootfs/db/table'), 'x'.repeat(100_000));
  await writeFile(join(at, '@rootfs/swap like'), '');
  await run(['chattr', '+C', join(at, '@rootfs/swap like')]);
  await writeFile(join(at, '@rootfs/swap like'), 'y'.repeat(100_000));
  await run(['ln', join(at, '@rootfs/swap like'), join(at, '@rootfs/etc/another name')]);
  await writeFile(join(at, '@rootfs/etc/immutable'), 'z');
  await run(['chattr', '+i', join(at, '@rootfs/etc/immutable')]);
  await run(['btrfs', 'subvolume', 'snapshot', '-r', join(at, '@rootfs'), join(at, '@old/snapshot')]);
  await run(['btrfs', 'subvolume', 'snapshot', join(at, '@rootfs'), join(at, '@home/copy')]);
  await run(['btrfs', 'subvolume', 'set-default', join(at, '@rootfs')]);
}

const isSnapshot = (path: string): boolean => path === '/@old/snapshot' || path.startsWith('/@old/snapshot/');
/** What a snapshot shows in place of a nested subvolume has the time at which it is looked at. */
const isRight = ({ path, field }: Difference): boolean =>
  isSnapshot(path) || (path === '/@home/copy/var/lib/machines' && field === 'mtime');

describe('btrfs with nested subvolumes [C2] [B6]', { timeout: 240_000 }, () => {
  it('nothing is missing, nothing twice, in a set that others can build on', async () => {
    const listed = true;
    const root = await mkdtemp(join(tmpdir(), 'rekindle-root-'));
    await withImages([sizeBytes, sizeBytes], async (one = '', two = '') =>
      withLoop(one, (source) =>
        withLoop(two, async (target) => {
          await run(['mkfs.btrfs', '-q', '-f', '-L', 'system', source]);
          await withTop(source, fill);
          const mounts = { '/': '@rootfs', '/home': '@home' };
          const answer = await saveAndRestore({
            ...{ sources: [source], targets: [target], mounts, options: 'compress=zstd:1', listed, sizeBytes, root },
          });
          const byPlace = answer.archives.toSorted((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1));
          expect(byPlace).toEqual(
            [
              ['/', '@rootfs'],
              ['/.subvolumes/disk0', ''],
              ['/.subvolumes/disk0/@old/forgotten', '@old/forgotten'],
              ['/home', '@home'],
              ['/home/copy', '@home/copy'],
              ['/var/lib/machines', '@rootfs/var/lib/machines'],
              ['/var/lib/machines/guest one', '@rootfs/var/lib/machines/guest one'],
            ].map(([mountPoint, subvolume]) => ({ mountPoint, subvolume, notes: expect.any(Number) })),
          );
          expect(answer.mounted).toEqual(['/mnt/target /@rootfs', '/mnt/target/home /@home']);
          expect(answer.warnings).toContain(
            `${target}: 1 read-only snapshots are not in the set and do not come back: make new ones on the restored machine`,
          );
          const before = await filesOf(source);
          const after = await filesOf(target);
          const { unexpected } = compareFiles(before, after, []);
          // Its folder changed when the snapshot came; the snapshot itself is left out, as the user was told.
          expect(unexpected.filter((difference) => !isRight(difference))).toEqual([]);
          expect(unexpected.filter(({ path }) => isSnapshot(path)).every(({ field }) => field === 'missing')).toBe(
            true,
          );
          expect(after['/@rootfs/db/table']?.flags).toBe('800000');
          await withTop(target, async (at) => {
            expect((await run(['btrfs', 'subvolume', 'get-default', at])).stdout).toContain('@rootfs');
          });
        }),
      ),
    );
    await rm(root, { recursive: true });
  });

  it('raid1 on two devices', async () => {
    const root = await mkdtemp(join(tmpdir(), 'rekindle-root-'));
    await withImages([2 * sizeBytes, 2 * sizeBytes], async (a = '', b = '') =>
      withHalves(a, (one, two) =>
        withHalves(b, async (three, four) => {
          await run(['mkfs.btrfs', '-q', '-f', '-d', 'raid1', '-m', 'raid1', one, two]);
          await run(['btrfs', 'device', 'scan', one, two]);
          await withTop(one, fill);
          const before = await filesOfTwo(one, two);
          const answer = await saveAndRestore({
            ...{ sources: [one, two], targets: [three, four], mounts: { '/': '@rootfs' } },
            ...{ options: 'noatime', listed: false, sizeBytes: 590 * 2 ** 20, root },
          });
          expect(answer.steps.filter((id) => id.startsWith('make:'))).toEqual(['make:disk0']);
          const { unexpected } = compareFiles(before, await filesOfTwo(three, four), []);
          expect(unexpected.filter((difference) => !isRight(difference))).toEqual([]);
        }),
      ),
    );
    await rm(root, { recursive: true });
  });
});

/** One loop device with two partitions: there are few loop devices. */
async function withHalves<T>(image: string, use: (one: string, two: string) => Promise<T>): Promise<T> {
  await run(['sfdisk', '-q', image], { input: 'label: gpt\nsize=590MiB\nsize=590MiB\n' });
  return withLoop(image, async (device) => {
    await run(['partx', '-a', device]);
    return use(`${device}p1`, `${device}p2`);
  });
}

async function filesOfTwo(one: string, two: string): Promise<Manifest> {
  await run(['btrfs', 'device', 'scan', '--forget']);
  await run(['btrfs', 'device', 'scan', one, two]);
  const files: Manifest = {};
  await withTop(one, async (at) => {
    expect((await run(['btrfs', 'filesystem', 'show', '--raw', at])).stdout).toContain(two);
    await collectTree(at, '', files);
  });
  await run(['btrfs', 'device', 'scan', '--forget']);
  return files;
}
