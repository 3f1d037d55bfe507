import { lstat, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureSwapFiles, swapFileSteps, swapFileWarnings } from '../../../../restore/layout/swap-file.ts';
import { carryOut } from './carry-out.ts';
import { withImages, withLoop } from './images.ts';

const uuid = '11111111-2222-4333-8444-555555555555';

describe('swap files [C2]', () => {
  it('are made again as they were, so that the kernel swaps to them', async () => {
    await withImages([300 * 2 ** 20], async (image = '') => {
      await withLoop(image, async (device) => {
        const root = await mkdtemp(join(tmpdir(), 'rekindle-swap-'));
        await run(['mkfs.btrfs', '-q', '-f', device]);
        await run(['mount', device, root]);
        try {
          const path = join(root, 'old/swapfile');
          await mkdir(join(root, 'old'));
          await writeFile(path, '', { mode: 0o600 });
          await run(['chattr', '+C', path]);
          await run(['dd', 'if=/dev/zero', `of=${path}`, 'bs=1M', 'count=9', 'conv=notrunc', 'status=none']);
          await run(['mkswap', '-U', uuid, '-L', 'swap file', path]);
          await run(['chmod', '640', path]);
          await symlink('old/swapfile', join(root, 'link'));
          const entry = { target: 'none', fstype: 'swap', options: 'sw' };
          const fstab = [join(root, 'link'), '/dev/sda5', join(root, 'gone')].map((source) => ({ source, ...entry }));
          const [file, ...others] = await captureSwapFiles({ swaps: [path], fstab });
          expect(others).toEqual([]);
          expect(file).toEqual({ path, sizeBytes: 9 * 2 ** 20, mode: 0o640, uuid, label: 'swap file', noCow: true });
          if (file === undefined) return;
          await run(['mkdir', join(root, 'new')]);
          const [step] = swapFileSteps([{ ...file, path: '/swapfile' }], join(root, 'new'));
          await carryOut(step?.actions ?? []);
          const made = join(root, 'new/swapfile');
          const [again] = await captureSwapFiles({ swaps: [made], fstab: [] });
          expect(again).toEqual({ ...file, path: made });
          // Not a hole in it, and on btrfs not copied on write: or the kernel would refuse.
          await run(['swapon', made]);
          await run(['swapoff', made]);
          expect((await lstat(made)).blocks * 512).toBeGreaterThanOrEqual(9 * 2 ** 20);
        } finally {
          await run(['umount', root]);
          await rm(root, { recursive: true });
        }
      });
    });
  });

  it('that are no swap areas are left alone', async () => {
    const root = await mkdtemp(join(tmpdir(), 'rekindle-swap-'));
    await writeFile(join(root, 'file'), 'text');
    await truncate(join(root, 'file'), 2 ** 20);
    expect(await captureSwapFiles({ swaps: [join(root, 'file'), join(root, 'gone')], fstab: [] })).toEqual([]);
    await rm(root, { recursive: true });
  });

  it('that a hibernated machine woke from are told about', () => {
    const file = { path: '/swapfile', sizeBytes: 2 ** 20, mode: 0o600, uuid, label: '' };
    expect(swapFileWarnings([file])).toEqual([]);
    expect(swapFileWarnings([{ ...file, resumes: true }])).toEqual([expect.stringContaining('resume_offset=')]);
  });
});
