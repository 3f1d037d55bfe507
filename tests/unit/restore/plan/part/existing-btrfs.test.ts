import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../../../common/run.ts';
import type { Archive } from '../../../../../restore/archive/set-schema.ts';
import type { ActionContext } from '../../../../../restore/execute/action-context.ts';
import { executeAction } from '../../../../../restore/execute/execute-action.ts';
import type { LayoutNode } from '../../../../../restore/layout/schema.ts';
import { existingContent, subvolumesStep } from '../../../../../restore/plan/part/existing.ts';
import { actionContext } from '../../../../fixtures/action-context.ts';
import { makeSmallSet, type SmallSet } from '../../../../fixtures/small-set.ts';
import { withImages, withLoop } from '../../layout/images.ts';

const top = '/mnt/alone/btrfs';
let work = '';
let set: SmallSet;
let context: ActionContext;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-existing-'));
  set = await makeSmallSet({ work: join(work, 'set'), trees: [{ source: work, mountPoint: '/', node: 'disk0:6' }] });
  context = actionContext(await set.open(), work);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const content = {
  ...{ kind: 'btrfs' as const, uuid: '1', label: '', nodeBytes: 16384, sectorBytes: 4096, checksum: 'crc32c' },
  ...{ features: {}, mixed: false, dataProfile: 'single', metadataProfile: 'dup', deviceCount: 1 },
  defaultSubvolume: '',
};

/** The subvolumes of these paths, made where they are missing, in a btrfs that somebody else filled. */
async function makeIn(paths: readonly string[], fill: (at: string) => void | Promise<void>): Promise<string> {
  return withImages([200 * 2 ** 20], (image = '') =>
    withLoop(image, async (device) => {
      await run(['mkfs.btrfs', '-q', '-f', device]);
      mkdirSync(top, { recursive: true });
      await run(['mount', device, top]);
      await fill(top);
      const uuid = (await run(['blkid', '-p', '-s', 'UUID', '-o', 'value', device])).stdout.trim();
      await run(['umount', top]);
      const subvolumes = paths.map((path, index) => ({ id: 256 + index, path, uuid: `${index}` }));
      const node: LayoutNode = {
        ...{ id: 'disk0:6', origin: { type: 'partition', disk: 'disk0', number: 6 }, sizeBytes: 200 * 2 ** 20 },
        ...{ content: { ...content, subvolumes }, mount: null, usedBytes: null },
      };
      const archives: Archive[] = set.archives.flatMap((archive) =>
        paths.map((subvolume) => ({ ...archive, subvolume })),
      );
      const step = subvolumesStep({ node, device, archives, content: existingContent('btrfs', uuid) }, archives);
      try {
        for (const action of step?.actions.slice(0, -1) ?? []) await executeAction(action, context);
        return (await run(['btrfs', 'subvolume', 'list', top])).stdout;
      } finally {
        await run(['umount', top], { okExit: [0, 32] });
      }
    }),
  );
}

describe('[C12] subvolumes that an existing btrfs lacks', () => {
  it('are made, those that are there stay', async () => {
    const listed = await makeIn(['@', 'data/of it'], (at) => void mkdirSync(join(at, 'data')));
    expect(listed).toMatch(/path @$/m);
    expect(listed).toMatch(/path data\/of it$/m);
    expect(
      await makeIn(['@'], async (at) => void (await run(['btrfs', 'subvolume', 'create', join(at, '@')]))),
    ).toMatch(/path @$/m);
  });

  it.each([
    ['a folder on the way', 'data', 'data/deep/@'],
    ['the name itself, to nothing', '@', '@'],
  ])('are never made through a link of that file system: %s', async (_, name, path) => {
    const victim = join(work, `victim ${name}`);
    mkdirSync(victim);
    const made = makeIn([path], (at) => symlinkSync(name === '@' ? join(victim, 'new') : victim, join(at, name)));
    await expect(made).rejects.toMatchObject({ code: 'RK374', reason: expect.stringContaining(name) });
    expect(readdirSync(victim)).toEqual([]);
  });

  it.each(['folder', 'file'])('stop the restore where a %s has the name: it cannot be filled', async (kind) => {
    const made = makeIn(['@'], (at) =>
      kind === 'file' ? writeFileSync(join(at, '@'), 'mine') : void mkdirSync(join(at, '@')),
    );
    await expect(made).rejects.toMatchObject({ code: 'RK003', reason: expect.stringContaining(`${top}/@`) });
    expect(existsSync(top)).toBe(true);
  });
});
