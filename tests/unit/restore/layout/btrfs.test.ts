import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { assertMounted } from '../../../../restore/execute/disk-actions.ts';
import { parseSubvolumes } from '../../../../restore/layout/btrfs-subvolumes.ts';
import { captureContent, planContent } from '../../../../restore/layout/content.ts';
import type { ContentPlan, Peer } from '../../../../restore/layout/layer.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import type { Action } from '../../../../restore/plan/step.ts';
import { carryOut } from './carry-out.ts';
import { withImages, withLoop } from './images.ts';

const size = 600 * 2 ** 20;

async function capture(device: string) {
  const content = await captureContent(device, await probeDevice(device));
  if (content?.kind !== 'btrfs') throw new Error(`${content?.kind} on ${device}`);
  return content;
}

async function withLoops<T>(images: readonly string[], use: (...devices: string[]) => Promise<T>): Promise<T> {
  const [image, ...rest] = images;
  if (image === undefined) return use();
  return withLoop(image, (device) => withLoops(rest, (...others) => use(device, ...others)));
}

async function withMount<T>(words: readonly string[], use: (at: string) => Promise<T>): Promise<T> {
  const at = await mkdtemp(join(tmpdir(), 'rekindle-btrfs-'));
  try {
    await run(['mount', '-t', 'btrfs', ...words, at]);
    return await use(at).finally(() => run(['umount', at]));
  } finally {
    await rmdir(at);
  }
}

/** The engine's own check is carried out as well. */
async function carryOutAll(actions: readonly Action[]): Promise<void> {
  for (const action of actions)
    if (action.type === 'assert-mounted') await assertMounted(action);
    else await carryOut([action]);
}

async function make(plan: ContentPlan): Promise<void> {
  await carryOutAll(plan.rehearse);
  await carryOutAll(plan.make);
  await carryOutAll(plan.finish ?? []);
}

async function mountAlone<T>(plan: ContentPlan, device: string, words: string, use: (at: string) => Promise<T>) {
  await carryOut(plan.mount?.before ?? []);
  return withMount(['-o', `${plan.mount?.options}${words}`, device], use);
}

async function digestOf(image: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(image))
    .digest('hex');
}

/** Of the superblock what is not the making's own. */
async function superblock(device: string): Promise<string> {
  const { stdout } = await run(['btrfs', 'inspect-internal', 'dump-super', device]);
  const wanted = /^(csum_type|fsid|label|sectorsize|nodesize|num_devices|compat_ro_flags|incompat_flags|\s+\()/;
  return stdout
    .split('\n')
    .filter((line) => wanted.test(line) || /^\s+[A-Z_ |)]+$/.test(line))
    .join('\n');
}

const shapes: Record<string, string[]> = {
  'as the distribution makes it': ['-L', 'my data'],
  'of 2012': ['-O', '^extref,^skinny-metadata,^no-holes', '-R', '^free-space-tree', '-m', 'single'],
  'with other checksums and big nodes': ['--csum', 'xxhash', '-n', '65536', '-d', 'dup'],
  'mixed, for a small one': ['--mixed', '-n', '4096'],
};

describe('btrfs [C2]', () => {
  for (const [name, words] of Object.entries(shapes)) {
    it(`makes it again as it was: ${name}`, async () => {
      await withImages([size, size], async (...images) => {
        await withLoops(images, async (source = '', target = '') => {
          await run(['mkfs.btrfs', '-q', '-f', ...words, source]);
          const content = await withMount([source], () => capture(source));
          expect(await capture(source)).toEqual(content);
          const plan = planContent(content, target);
          await make(plan);
          expect(await superblock(target)).toBe(await superblock(source));
          expect(await mountAlone(plan, target, '', () => capture(target))).toEqual(content);
          await run(['btrfs', 'check', target]);
        });
      });
    });
  }

  it('makes subvolumes, nested ones too, the default one, read-only ones and limits', async () => {
    await withImages([size, size], async (...images) => {
      await withLoops(images, async (source = '', target = '') => {
        await run(['mkfs.btrfs', '-q', '-f', source]);
        const content = await withMount(['-o', 'compress-force=zstd:5', source], async (at) => {
          for (const path of ['@rootfs', '@home', '@rootfs/machines', '@rootfs/machines/one', 'tools']) {
            await mkdir(join(at, path, '..'), { recursive: true });
            await run(['btrfs', 'subvolume', 'create', join(at, path)]);
          }
          await mkdir(join(at, 'snapshots/1'), { recursive: true });
          await run(['btrfs', 'subvolume', 'snapshot', '-r', join(at, '@rootfs'), join(at, 'snapshots/1/snapshot')]);
          await run(['btrfs', 'subvolume', 'snapshot', join(at, '@home'), join(at, 'snapshots/writable')]);
          await run(['btrfs', 'property', 'set', '-t', 'subvol', join(at, 'tools'), 'ro', 'true']);
          await run(['btrfs', 'subvolume', 'set-default', join(at, '@rootfs')]);
          await run(['btrfs', 'quota', 'enable', at]);
          await run(['btrfs', 'qgroup', 'limit', '200M', join(at, '@home')]);
          await run(['btrfs', 'qgroup', 'limit', '-e', '100M', join(at, '@home')]);
          // Seen from a subvolume the paths are the same.
          return withMount(['-o', 'subvol=@rootfs', source], () => capture(source));
        });
        expect(
          content.subvolumes.map(({ path, leftOut, readOnly }) => [path, leftOut ?? false, readOnly ?? false]),
        ).toEqual([
          ['@rootfs', false, false],
          ['@home', false, false],
          ['tools', false, true],
          ['@rootfs/machines', false, false],
          ['snapshots/writable', false, false],
          ['@rootfs/machines/one', false, false],
          ['snapshots/1/snapshot', true, true],
        ]);
        expect(content).toMatchObject({
          compression: 'compress-force=zstd:5',
          defaultSubvolume: '@rootfs',
          quota: { limits: [{ path: '@home', referenced: 200 * 2 ** 20, exclusive: 100 * 2 ** 20 }], groups: 0 },
        });
        const plan = planContent(content, target);
        expect(plan.notes).toEqual([
          `${target}: 1 read-only snapshots are not in the set and do not come back: make new ones on the restored machine`,
        ]);
        await make(plan);
        const again = await mountAlone(plan, target, '', () => capture(target));
        const anonymous = (subvolumes: typeof content.subvolumes) =>
          subvolumes.filter(({ leftOut }) => !leftOut).map(({ path, readOnly }) => ({ path, readOnly }));
        expect({ ...again, subvolumes: [] }).toEqual({ ...content, subvolumes: [] });
        expect(anonymous(again.subvolumes)).toEqual(anonymous(content.subvolumes));
      });
    });
  });

  it('is made on two devices', async () => {
    const saved = await withImages([size, size], (...images) =>
      withLoops(images, async (one = '', two = '') => {
        await run(['mkfs.btrfs', '-q', '-f', '-d', 'raid1', '-m', 'raid1', one, two]);
        return withMount(['-o', `device=${two}`, one], async () => {
          return [await capture(one), await captureContent(two, await probeDevice(two))] as const;
        });
      }),
    );
    const [content, member] = saved;
    expect(content).toMatchObject({ deviceCount: 2, dataProfile: 'raid1', metadataProfile: 'raid1' });
    expect(member).toEqual({ kind: 'btrfs-member', uuid: content.uuid, deviceId: 2 });
    if (member === null) return;
    await withImages([size, size], (...images) =>
      withLoops(images, async (one = '', two = '') => {
        const peers: Peer[] = [
          { content, device: one },
          { content: member, device: two },
        ];
        expect(planContent(member, two, peers).make).toEqual([]);
        const plan = planContent(content, one, peers);
        await make(plan);
        expect(await mountAlone(plan, one, '', () => capture(one))).toEqual(content);
      }),
    );
  });

  it('is made while the old one, with the same UUID, is attached and known to the kernel, and is not touched', async () => {
    await withImages([size, size], async (...images) => {
      await withLoops(images, async (old = '', target = '') => {
        await run(['mkfs.btrfs', '-q', '-f', old]);
        const content = await withMount([old], async (at) => {
          await writeFile(join(at, 'file'), 'of the old one');
          return capture(old);
        });
        await run(['sync']);
        const before = await digestOf(images[0] ?? '');
        await run(['btrfs', 'device', 'scan', old]);
        const plan = planContent(content, target);
        await make(plan);
        await run(['btrfs', 'device', 'scan', old]);
        await mountAlone(plan, target, '', async (at) => {
          expect(await readdir(at)).toEqual([]);
          await writeFile(join(at, 'file'), 'of the new one');
          expect(await capture(target)).toEqual(content);
        });
        expect(await digestOf(images[0] ?? '')).toBe(before);
      });
    });
  });

  it('reads names with blanks', () => {
    const line =
      'ID 257 gen 7 parent 256 top level 256 parent_uuid -   received_uuid -   uuid 04ab-8c path <FS_TREE>/my home/x y';
    expect(parseSubvolumes(line)).toEqual([{ id: 257, path: 'my home/x y', uuid: '04ab-8c', isCopy: false }]);
  });
});
