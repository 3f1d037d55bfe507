import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../../common/run.ts';
import { captureContent } from '../../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../../restore/layout/probe.ts';
import type { Content, Layout, LayoutNode } from '../../../../../restore/layout/schema.ts';
import { emptyLayout, makeSmallSet, type SmallSet } from '../../../../fixtures/small-set.ts';
import { onDevice, restore, whileMounted } from './on-disk.ts';
import type { Order } from './restore-child.ts';

const sizeBytes = 300 * 2 ** 20;
let work = '';
let set: SmallSet;
const uuids: string[] = [];

function layoutOf(contents: readonly (Content | null)[]): Layout {
  const places = ['/', '/home'];
  const disks = contents.map((_, index) => ({
    ...{ id: `disk${index}`, name: `sd${index}`, model: 'Test', serial: null, wwn: null },
    ...{ sizeBytes, logicalSectorBytes: 512, transport: null, table: null },
  }));
  const nodes = contents.map((content, index): LayoutNode => {
    const mount = { at: places[index] ?? '', options: 'rw' };
    const origin = { type: 'disk', disk: `disk${index}` } as const;
    const mounts = content?.kind === 'btrfs' ? { mounts: [{ ...mount, subvolume: '@home' }] } : {};
    return { id: `disk${index}`, origin, sizeBytes, content, mount, usedBytes: null, ...mounts };
  });
  return { ...emptyLayout(), disks, nodes };
}

/** / on ext4, /home in a subvolume of a btrfs. */
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-scope-'));
  await onDevice(sizeBytes, async (root) =>
    onDevice(sizeBytes, async (home) => {
      await run(['mkfs.ext4', '-q', root]);
      await run(['mkfs.btrfs', '-q', home]);
      await whileMounted(root, async (at) => {
        await run(['sh', '-ec', 'mkdir etc home dev proc sys run; echo web01 > etc/hostname; chattr +i etc/hostname'], {
          cwd: at,
        });
        await whileMounted(home, async (top) => {
          await run(['btrfs', 'subvolume', 'create', join(top, '@home')]);
          await run(['sh', '-ec', 'mkdir anna; seq 1000 > anna/numbers; chmod 2751 anna'], { cwd: join(top, '@home') });
          const contents: (Content | null)[] = [await captureContent(root, await probeDevice(root))];
          contents.push(await captureContent(home, await probeDevice(home)));
          for (const content of contents) uuids.push(content !== null && 'uuid' in content ? content.uuid : '');
          const layout = layoutOf(contents);
          set = await makeSmallSet({
            work,
            layout,
            trees: [{ source: at, mountPoint: '/', node: 'disk0' }],
            write: async (volumes, indexDirectory) => {
              const { writeArchive } = await import('../../../../../restore/archive/write-archive.ts');
              const source = join(top, '@home');
              const archive = await writeArchive({
                ...{
                  exclude: [],
                  source,
                  mountPoint: '/home',
                  node: 'disk1',
                  volumes,
                  indexDirectory,
                  number: 9,
                  recipients: null,
                },
              });
              return [{ ...archive, subvolume: '@home' }];
            },
          });
        });
      });
    }),
  );
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('[C12] parts of a restore, one after the other', { timeout: 240_000 }, () => {
  it('layout, files and boot loader on real disks give what was saved; files without a layout are refused', async () => {
    await onDevice(sizeBytes, async (root) =>
      onDevice(sizeBytes, async (home) => {
        const part = (only: 'layout' | 'files' | 'boot-loader'): Promise<Awaited<ReturnType<typeof restore>>> => {
          const targets = [root, home].map((disk, index) => ({ source: `disk${index}`, disk }));
          return restore({ directory: set.directory(1), part: { only, targets } } satisfies Order);
        };
        expect(await part('files')).toMatchObject({ phase: 'refused', failure: { code: 'RK486' } });
        // The saved disks' own marks, as of another life of this disk.
        await run(['mkfs.xfs', '-q', root]);

        expect(await part('layout')).toMatchObject({ phase: 'restored', failure: null });
        expect(await probeDevice(root)).toMatchObject({ TYPE: 'ext4', UUID: uuids[0] });
        expect(await probeDevice(home)).toMatchObject({ TYPE: 'btrfs', UUID: uuids[1] });
        await whileMounted(root, async (at) => expect((await run(['ls', at])).stdout).toBe('lost+found\n'));

        await whileMounted(root, (at) => run(['sh', '-ec', 'echo mine > kept'], { cwd: at }));
        expect(await part('files')).toMatchObject({ phase: 'restored', failure: null });
        await whileMounted(root, async (at) => {
          expect((await run(['cat', 'etc/hostname', 'kept'], { cwd: at })).stdout).toBe('web01\nmine\n');
          expect((await run(['lsattr', 'etc/hostname'], { cwd: at })).stdout).toMatch(/^-+i/);
          expect((await run(['ls', '-A', at])).stdout).not.toMatch(/rekindle/);
        });
        await whileMounted(home, async (at) => {
          expect((await run(['stat', '-c', '%a %s', '@home/anna', '@home/anna/numbers'], { cwd: at })).stdout).toMatch(
            /^2751 \d+\n644 3893\n$/,
          );
        });

        const last = await part('boot-loader');
        expect(last).toMatchObject({ phase: 'restored', failure: null });
        expect(last.steps).toEqual([
          ...['check:disk0', 'check:disk1', 'check:file-systems'],
          ...['mount:target', 'prove', 'log', 'unmount'],
        ]);
        await whileMounted(root, async (at) =>
          expect((await run(['ls', join(at, 'var/log/rekindle')])).stdout).toContain('restore.log'),
        );
      }),
    );
  });

  it('files into file systems that were made by hand: another type, no subvolume yet', async () => {
    await onDevice(400 * 2 ** 20, async (root) =>
      onDevice(400 * 2 ** 20, async (home) => {
        await run(['mkfs.xfs', '-q', root]);
        await run(['mkfs.btrfs', '-q', home]);
        const targets = [root, home].map((disk, index) => ({ source: `disk${index}`, disk }));
        const answer = await restore({ directory: set.directory(1), part: { only: 'files', targets } });
        expect(answer).toMatchObject({ phase: 'restored', failure: null });
        const { UUID: uuid } = await probeDevice(root);
        expect(answer.warnings.join('\n')).toContain(`the line of / must become: UUID=${uuid} / xfs defaults 0 0`);
        await whileMounted(home, async (at) => {
          expect((await run(['btrfs', 'subvolume', 'list', at])).stdout).toContain('@home');
          expect((await run(['tail', '-1', '@home/anna/numbers'], { cwd: at })).stdout).toBe('1000\n');
        });
      }),
    );
  });
});
