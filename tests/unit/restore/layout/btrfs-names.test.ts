import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureContent } from '../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { withImages, withLoop } from './images.ts';

const size = 300 * 2 ** 20;

async function capture(device: string) {
  const content = await captureContent(device, await probeDevice(device));
  if (content?.kind !== 'btrfs') throw new Error(`${content?.kind} on ${device}`);
  return content;
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

// Every user of a machine can make a subvolume, in a folder of his own, with any name.
describe('names of subvolumes', () => {
  it('refuses a mounted subvolume whose name mount(8) would cut', async () => {
    await withImages([size], async (image = '') => {
      await withLoop(image, async (source) => {
        await run(['mkfs.btrfs', '-q', '-f', source]);
        await withMount([source], async (at) => {
          await run(['btrfs', 'subvolume', 'create', join(at, 'a,ro')]);
          const { stdout } = await run(['btrfs', 'inspect-internal', 'rootid', join(at, 'a,ro')]);
          await withMount(['-o', `subvolid=${stdout.trim()}`, source], async () => {
            const reason = expect.stringContaining('a,ro');
            await expect(capture(source)).rejects.toMatchObject({ code: 'RK441', reason });
          });
        });
      });
    });
  });

  it('leaves out, by name, what a user called so that mount(8) would cut it; the rest is saved', async () => {
    await withImages([size], async (image = '') => {
      await withLoop(image, async (source) => {
        await run(['mkfs.btrfs', '-q', '-f', source]);
        await withMount([source], async (at) => {
          for (const name of ['good', 'a,ro', 'q"r', 'c\u001b[2Jd', 'line\nend'])
            await run(['btrfs', 'subvolume', 'create', join(at, name)]);
          const { subvolumes, notSaved } = await capture(source);
          expect(subvolumes).toMatchObject([{ path: 'good' }]);
          expect(notSaved).toEqual(['a,ro', 'q"r', 'c\\x1b[2Jd', 'line\\x0aend']);
        });
      });
    });
  });

  it('believes no name that looks like a line of the list, of what is no subvolume or of another one', async () => {
    await withImages([size], async (image = '') => {
      await withLoop(image, async (source) => {
        await run(['mkfs.btrfs', '-q', '-f', source]);
        await withMount([source], async (at) => {
          await run(['btrfs', 'subvolume', 'create', join(at, 'srv')]);
          await run(['mkdir', join(at, 'etc'), join(at, 'home')]);
          const before = await capture(source);
          const id = before.subvolumes[0]?.id ?? 0;
          const uuid = '11111111-2222-3333-4444-555555555555';
          // Read-only copies stay out of the set, and out of the archive of what they lie in.
          for (const [number, path] of [
            [5000, 'etc'],
            [id, 'srv'],
          ] as const) {
            const line = `ID ${number} gen 9 top level 5 parent_uuid ${uuid} received_uuid - uuid ${uuid} path ${path}`;
            const name = join(at, 'home', `${path}\n${line}`);
            await run(['btrfs', 'subvolume', 'create', name]);
            await run(['btrfs', 'property', 'set', '-t', 'subvol', name, 'ro', 'true']);
          }
          const { notSaved, ...content } = await capture(source);
          expect(content).toEqual(before);
          expect(notSaved).toHaveLength(2);
          await withMount(['-o', 'subvol=srv', source], async () =>
            expect(await capture(source)).toMatchObject({ subvolumes: before.subvolumes }),
          );
        });
      });
    });
  });
});
