import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { findMembers } from '../../../../../restore/archive/index/find-members.ts';
import { readFrameTable } from '../../../../../restore/archive/index/frame-table.ts';
import { matchPaths } from '../../../../../restore/archive/index/path-matcher.ts';
import type { TarMember } from '../../../../../restore/archive/index/tar-members.ts';
import { indexOf, streamOf } from '../../../../fixtures/framed-archive.ts';
import { fillIndex, syntheticMembers, syntheticTarSize } from '../../../../fixtures/synthetic-index.ts';

const latin1 = (path: string): Buffer => Buffer.from(path, 'latin1');
const tree: [type: TarMember['type'], path: Buffer, link?: string][] = [
  ['d', latin1('./')],
  ['d', latin1('./etc/')],
  ['f', latin1('./etc/fstab')],
  ['f', latin1('./etc/fstab.old')],
  ['d', latin1('./etc/ssh/')],
  ['f', latin1('./etc/ssh/key')],
  ['f', latin1('./etcetera')],
  ['l', latin1('./link'), './etc'],
  ['f', latin1('./first')],
  ['h', latin1('./etc/ssh/second'), './first'],
  ['h', latin1('./third'), './first'],
  ['f', latin1('./line\nbreak')],
  ['h', latin1('./odd/hard'), './line\nbreak'],
  ['f', latin1('./odd/\xff\xfe')],
  ['f', Buffer.from('./odd/é\\x')],
];

let index: Buffer = Buffer.alloc(0);
beforeAll(async () => {
  ({ bytes: index } = await indexOf(async (writer) => {
    for (const [at, [type, path, link]] of tree.entries())
      await writer.addMember({
        path,
        type,
        size: 0,
        realSize: 0,
        linkPath: link === undefined ? null : latin1(link),
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: '0',
        offset: at * 1000,
        length: 1000,
      });
    const digest = '00'.repeat(32);
    await writer.addFrame({ archiveOffset: 0, archiveSize: 9, tarSize: 1e5, sha256: digest, tarSha256: digest });
    return 9;
  }));
});

/** Paths that match; in brackets those that are there only for a hard link. */
async function found(paths: readonly (string | Buffer)[]): Promise<string[]> {
  const list: string[] = [];
  for await (const { member, matches } of findMembers(() => streamOf(index), matchPaths(paths)))
    list.push(matches ? member.path.toString('latin1') : `(${member.path.toString('latin1')})`);
  return list;
}

describe('finding members', () => {
  it.each(['./etc/fstab', 'etc/fstab', '/etc/fstab', '//etc/./fstab'])('[C13] a file: %s', async (path) => {
    expect(await found([path])).toEqual(['./etc/fstab']);
  });

  it.each(['etc', '/etc/'])(
    '[C13] a folder with everything below, and what its hard links are names of: %s',
    async (path) => {
      const below = ['./etc/', './etc/fstab', './etc/fstab.old', './etc/ssh/', './etc/ssh/key'];
      expect(await found([path])).toEqual([...below, '(./first)', './etc/ssh/second']);
    },
  );

  it('[C13] names that are not text', async () => {
    expect(await found(['line\nbreak'])).toEqual(['./line\nbreak']);
    expect(await found([latin1('odd/\xff\xfe')])).toEqual(['./odd/\xff\xfe']);
    expect(await found([Buffer.from('./odd/é\\x')])).toEqual([Buffer.from('./odd/é\\x').toString('latin1')]);
    expect(await found(['odd/hard'])).toEqual(['(./line\nbreak)', './odd/hard']);
  });

  it('everything, nothing, and a target that matches itself', async () => {
    expect(await found(['/'])).toHaveLength(tree.length);
    expect(await found(['fstab', 'etc/fsta', 'ETC', '../etc', 'etc/fstab/x'])).toEqual([]);
    expect(await found(['first', 'third'])).toEqual(['./first', './third']);
  });

  it('many names at once find what each finds alone', async () => {
    const names = ['etc/ssh', 'third', 'link', 'odd', 'a', 'b', 'c', 'd', 'e', 'f', 'etcetera'];
    const alone = new Set((await Promise.all(names.map((name) => found([name])))).flat());
    expect(new Set(await found(names))).toEqual(alone);
    expect(await found(names)).toEqual([
      './etc/ssh/',
      './etc/ssh/key',
      './etcetera',
      './link',
      '(./first)',
      './etc/ssh/second',
      './third',
      '(./line\nbreak)',
      './odd/hard',
      './odd/\xff\xfe',
      Buffer.from('./odd/é\\x').toString('latin1'),
    ]);
  });
});

describe('how often the index is read', () => {
  const look = async (bytes: Buffer, path: string): Promise<{ opened: number; frames: number; found: string[] }> => {
    const seen = { opened: 0, frames: 0, found: [] as string[] };
    const open = (): AsyncIterable<Buffer> => {
      seen.opened += 1;
      return streamOf(bytes);
    };
    for await (const { member } of findMembers(open, matchPaths([path]), () => {
      seen.frames += 1;
    }))
      seen.found.push(member.path.toString('latin1'));
    return seen;
  };

  it('[C13] once for few files, twice for hard links to others and for many files; each frame is told once', async () => {
    expect(await look(index, 'etc/fstab')).toEqual({ opened: 1, frames: 1, found: ['./etc/fstab'] });
    expect(await look(index, 'nowhere')).toEqual({ opened: 1, frames: 1, found: [] });
    expect(await look(index, '/')).toMatchObject({ opened: 1, frames: 1 });
    expect(await look(index, 'third')).toEqual({ opened: 2, frames: 1, found: ['./first', './third'] });
    const many = 10_001;
    const { bytes } = await indexOf((writer) => fillIndex(writer, syntheticMembers(many), syntheticTarSize(many)));
    const all = await look(bytes, '/');
    expect(all.found).toHaveLength(many);
    expect(await look(bytes, 'srv')).toEqual({ ...all, opened: 2 });
    const found = all.found.filter((path) => path.startsWith('./srv/mail/user-0003/'));
    expect(found).toHaveLength(1000);
    expect(await look(bytes, 'srv/mail/user-0003')).toEqual({ opened: 1, frames: all.frames, found });
  });
});

describe('the table of frames', () => {
  it('[C13] knows the frames of any part of the tar stream', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 3000 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (tarSizes, seed, span) => {
        const sha256 = (frame: number): string => frame.toString(16).padStart(64, '0');
        const { bytes } = await indexOf(async (writer) => {
          for (const [frame, tarSize] of tarSizes.entries())
            await writer.addFrame({
              archiveOffset: frame * 9,
              archiveSize: 9,
              tarSize,
              sha256: sha256(frame),
              tarSha256: sha256(frame),
            });
          return tarSizes.length * 9;
        });
        const table = await readFrameTable(streamOf(bytes));
        const total = tarSizes.reduce((sum, size) => sum + size, 0);
        const owner = tarSizes.flatMap((size, frame) => new Array<number>(size).fill(frame));
        const offset = seed % total;
        const length = 1 + (span % (total - offset));
        expect(table.frameAt(offset)).toBe(owner[offset]);
        expect(table.frameAt(offset + length - 1)).toBe(owner[offset + length - 1]);
        expect(table.length).toBe(tarSizes.length);
        expect(table.uncompressedSize).toBe(total);
        expect(table.compressedSize).toBe(tarSizes.length * 9);
        expect(Buffer.from(table.frame(0).sha256 ?? []).toString('hex')).toBe(sha256(0));
      }),
      { numRuns: 30 },
    );
  });
});
