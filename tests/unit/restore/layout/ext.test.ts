import { truncate } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { captureContent, planContent } from '../../../../restore/layout/content.ts';
import { probeDevice } from '../../../../restore/layout/probe.ts';
import { carryOut } from './carry-out.ts';
import { withImages, withLoop } from './images.ts';

const size = 400 * 2 ** 20;

async function capture(image: string) {
  return captureContent(image, await probeDevice(image));
}

/** All that dumpe2fs says, but what is the making's own: times, checksums, counters. */
async function superblock(image: string): Promise<string> {
  const own = /created|time:|Last checked|Next check|Lifetime|^Checksum( seed)?:|mmp_|MMP_block/;
  const { stdout } = await run(['dumpe2fs', '-h', image]);
  return stdout
    .split('\n')
    .filter((line) => !own.test(line))
    .join('\n');
}

const everything = [
  ...['has_journal', 'ext_attr', 'extent', '64bit', 'metadata_csum', 'metadata_csum_seed', 'orphan_file', 'quota'],
  ...['project', 'mmp', 'inline_data', 'fast_commit', 'large_dir', 'ea_inode', 'stable_inodes', 'sparse_super2'],
].join(',');

const shapes: Record<string, { make: string[]; tune?: string[] }> = {
  'ext4 as the distribution makes it': { make: ['-t', 'ext4', '-L', 'root fs'] },
  'ext3 with small inodes': { make: ['-t', 'ext3', '-I', '128'] },
  'ext2 in 1 KiB blocks': { make: ['-t', 'ext2', '-b', '1024'] },
  'ext4 without a journal, panic on errors': { make: ['-t', 'ext4', '-O', '^has_journal', '-e', 'panic'] },
  'ext4 of a newer distribution': { make: ['-t', 'ext4', '-O', 'metadata_csum_seed,orphan_file'] },
  'ext4 of an older distribution': { make: ['-t', 'ext4', '-O', '^metadata_csum,^64bit,uninit_bg'] },
  'every feature that mke2fs has': {
    make: ['-t', 'ext4', '-O', `none,${everything}`, '-E', 'quotatype=usrquota:prjquota,stride=4,stripe_width=8'],
  },
  'big clusters': { make: ['-t', 'ext4', '-O', 'bigalloc', '-C', '16384'] },
  'smaller than its partition': { make: ['-t', 'ext4', '-b', '4096', '-G', '32', '-N', '5000', '-J', 'size=8'] },
  'tuned by hand': {
    make: ['-t', 'ext4'],
    tune: [
      ...['-r', '777', '-c', '25', '-i', '180d', '-o', '^acl,journal_data_writeback', '-e', 'remount-ro'],
      ...['-E', 'hash_alg=tea', '-E', 'mount_opts=nodiscard', '-u', '33'],
    ],
  },
};

describe('ext file systems [C2]', () => {
  for (const [name, { make, tune }] of Object.entries(shapes)) {
    it(`makes it again as it was: ${name}`, async () => {
      await withImages([size, size], async (source = '', target = '') => {
        const blocks = name.startsWith('smaller') ? ['60000'] : [];
        await run(['mke2fs', '-q', '-F', ...make, source, ...blocks]);
        if (tune !== undefined) await run(['tune2fs', ...tune, source]);
        const content = await capture(source);
        if (content === null) throw new Error('nothing captured');
        const plan = planContent(content, target);
        await carryOut(plan.rehearse);
        await carryOut(plan.make);
        expect(await superblock(target)).toBe(await superblock(source));
        expect(await capture(target)).toEqual(content);
        await run(['e2fsck', '-fn', target]);
      });
    });
  }

  it('keeps the room for growth of one that was grown before', async () => {
    await withImages([size / 4, 4 * size], async (source = '', target = '') => {
      await run(['mke2fs', '-q', '-F', '-t', 'ext4', source]);
      await truncate(source, 4 * size);
      await run(['resize2fs', source]);
      const content = await capture(source);
      if (content === null) throw new Error('nothing captured');
      await carryOut(planContent(content, target).make);
      expect(await capture(target)).toEqual(content);
    });
  });

  it('fails in the rehearsal, not after the wipe, when this mke2fs lacks a feature', async () => {
    await withImages([size], async (source = '') => {
      await run(['mke2fs', '-q', '-F', '-t', 'ext4', source]);
      const content = await capture(source);
      if (content?.kind !== 'ext4') throw new Error('no ext4');
      const plan = planContent({ ...content, features: [...content.features, 'feature_of_tomorrow'] }, source);
      await expect(carryOut(plan.rehearse)).rejects.toMatchObject({
        code: 'RK003',
        reason: expect.stringContaining('feature_of_tomorrow'),
      });
    });
  });

  it('refuses what tar cannot carry and what mke2fs cannot make, by name', async () => {
    await withImages([size, size], async (encrypted = '', external = '') => {
      await run(['mke2fs', '-q', '-F', '-t', 'ext4', '-O', 'encrypt', encrypted]);
      await expect(capture(encrypted)).rejects.toMatchObject({
        code: 'RK414',
        reason: `${encrypted} has the ext4 feature "encrypt": its files may be encrypted by fscrypt, which tar cannot carry`,
      });
      await run(['mke2fs', '-q', '-F', '-b', '4096', '-O', 'journal_dev', external]);
      expect(await capture(external)).toBeNull();
      await withLoop(external, async (journal) => {
        await run(['mke2fs', '-q', '-F', '-b', '4096', '-t', 'ext4', '-J', `device=${journal}`, encrypted]);
        const reason = `${encrypted}: its journal lies on another device`;
        await expect(capture(encrypted)).rejects.toMatchObject({ code: 'RK443', reason });
      });
    });
  });
});
