import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../common/run.ts';
import { accessAtHand } from '../../../../restore/archive/open-archive.ts';
import { restoreRaw } from '../../../../restore/archive/raw/restore-raw.ts';
import { writeRawArchive } from '../../../../restore/archive/raw/write-raw.ts';
import { takeFiles } from '../../../../restore/archive/take-files.ts';
import { describeDamageOf, verifySet } from '../../../../restore/archive/verify-set.ts';
import { rawContent } from '../../../../restore/layout/raw.ts';
import { makeSmallSet } from '../../../fixtures/small-set.ts';
import { withImages, withLoop } from '../layout/images.ts';

const size = 40 * 2 ** 20;

async function saved(work: string, device: string, type: string) {
  return makeSmallSet({
    work,
    trees: [],
    write: async (volumes, indexDirectory) => [
      await writeRawArchive({ device, type, node: 'disk0:2', volumes, indexDirectory, number: 1, recipients: null }),
    ],
  });
}

async function withWork<T>(use: (work: string) => Promise<T>): Promise<T> {
  const work = mkdtempSync(join(tmpdir(), 'rekindle-raw-'));
  try {
    return await use(work);
  } finally {
    rmSync(work, { recursive: true });
  }
}

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Blank space of a target holds what was there before. */
async function makeDirty(image: string): Promise<void> {
  writeFileSync(image, Buffer.alloc(size, 'old data'));
  await truncate(image, size);
}

describe('raw archives [B8]', () => {
  it('[B8] carry an NTFS by its used blocks, files and all, onto a disk that held something else', async () => {
    await withWork(async (work) => {
      await withImages([size, size], async (source = '', target = '') => {
        await run(['mkfs.ntfs', '-q', '-F', '-Q', '-L', 'Windows', source]);
        const file = join(work, 'file');
        writeFileSync(file, Buffer.alloc(3_000_000, 'content'));
        await run(['ntfscp', '-q', source, file, 'boot.ini']);
        const set = await saved(work, source, 'ntfs');
        const [archive] = set.archives;
        expect(archive).toMatchObject({ method: 'partclone', members: 0, mountPoint: 'disk0:2' });
        expect(archive?.tarSize).toBeLessThan(size / 2);
        expect(archive?.parts[0]?.path).toBe('archives/001-disk0-2.raw.zst');
        if (!archive) return;
        const access = accessAtHand(await set.open());
        expect(await verifySet(access)).toEqual([]);
        await makeDirty(target);
        // partclone writes to block devices only.
        await withLoop(target, (device) => restoreRaw({ access, archive, device }));
        const { stdout } = await run(['blkid', '-p', '-o', 'export', target]);
        expect(stdout.replace(target, source)).toBe((await run(['blkid', '-p', '-o', 'export', source])).stdout);
        const copy = join(work, 'copy');
        await run(['sh', '-c', 'ntfscat "$0" boot.ini > "$1"', target, copy]);
        expect(digest(copy)).toBe(digest(file));
        await run(['ntfsresize', '--check', '--no-action', '--force', target]);
      });
    });
  });

  it('[B8] carry what nobody knows to the byte, zeros over old data too', async () => {
    await withWork(async (work) => {
      await withImages([size, size], async (source = '', target = '') => {
        const content = Buffer.alloc(size);
        content.write('something', 5_000_000);
        content.fill('y', 20_000_000, 20_500_000);
        writeFileSync(source, content);
        const set = await saved(work, source, 'unheard-of');
        const [archive] = set.archives;
        expect(archive).toMatchObject({ method: 'dd', tarSize: size });
        expect(archive?.size).toBeLessThan(100_000);
        if (!archive) return;
        await makeDirty(target);
        const access = accessAtHand(await set.open());
        await restoreRaw({ access, archive, device: target });
        expect(digest(target)).toBe(digest(source));
        // By hand, as docs/by-hand.md has it.
        await makeDirty(target);
        const byHand = 'zstd -dc "$0" | dd of="$1" bs=4M iflag=fullblock conv=notrunc,fsync status=none';
        await run(['sh', '-c', byHand, join(set.directory(1), archive.parts[0]?.path ?? ''), target]);
        expect(digest(target)).toBe(digest(source));
        await expect(takeFiles({ access, paths: ['/'], target: work })).rejects.toMatchObject({ code: 'RK317' });
      });
    });
  });

  it('[B8] copy everything when partclone refuses: an NTFS that was not shut down', async () => {
    await withWork(async (work) => {
      await withImages([size, size], async (source = '', target = '') => {
        await run(['mkfs.ntfs', '-q', '-F', '-Q', source]);
        // A damaged MFT: the boot sector still says NTFS.
        const image = readFileSync(source);
        image.fill(0xff, Number(image.readBigUInt64LE(48)) * 4096, Number(image.readBigUInt64LE(48)) * 4096 + 65536);
        writeFileSync(source, image);
        const set = await saved(work, source, 'ntfs');
        const [archive] = set.archives;
        expect(archive).toMatchObject({ method: 'dd', tarSize: size });
        if (!archive) return;
        await restoreRaw({ access: accessAtHand(await set.open()), archive, device: target });
        expect(digest(target)).toBe(digest(source));
      });
    });
  });

  it('damage is found by verify, and no byte of a damaged frame is written', async () => {
    await withWork(async (work) => {
      await withImages([size, size], async (source = '', target = '') => {
        writeFileSync(source, Buffer.alloc(size, 'x'));
        const set = await saved(work, source, 'unheard-of');
        const [archive] = set.archives;
        const part = join(set.directory(1), archive?.parts[0]?.path ?? '');
        const bytes = readFileSync(part);
        bytes[20] = (bytes[20] ?? 0) ^ 1;
        writeFileSync(part, bytes);
        const access = accessAtHand(await set.open());
        expect((await verifySet(access)).map(describeDamageOf)).toEqual([expect.stringContaining('frame 0')]);
        if (!archive) return;
        await expect(restoreRaw({ access, archive, device: target })).rejects.toMatchObject({ code: 'RK308' });
        expect(readFileSync(target).every((byte) => byte === 0)).toBe(true);
      });
    });
  });

  it('refuse a device that is in use', async () => {
    await withWork(async (work) => {
      await withImages([size], async (image = '') => {
        await run(['mke2fs', '-q', '-F', image]);
        await withLoop(image, async (device) => {
          const at = join(work, 'mounted');
          await run(['mkdir', at]);
          await run(['mount', device, at]);
          try {
            await expect(saved(work, device, 'ext2')).rejects.toMatchObject({ code: 'RK370' });
          } finally {
            await run(['umount', at]);
          }
        });
      });
    });
  });

  it('are not made of what is no use alone', () => {
    for (const TYPE of [
      'LVM2_member',
      'linux_raid_member',
      'zfs_member',
      'swsuspend',
      'swap',
      'crypto_LUKS',
      'bcache',
      'jbd',
    ])
      expect(rawContent({ TYPE })).toBeNull();
    expect(rawContent({})).toBeNull();
    expect(rawContent({ AMBIVALENT: '1' })).toBeNull();
    expect(rawContent({ TYPE: 'ntfs', LABEL: 'Windows' })).toEqual({
      kind: 'raw',
      type: 'ntfs',
      words: 'NTFS "Windows"',
    });
  });
});
