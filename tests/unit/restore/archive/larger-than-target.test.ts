import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractChain } from '../../../../restore/archive/incremental/extract-chain.ts';
import { accessAtHand } from '../../../../restore/archive/open-archive.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';

let work = '';
let target = '';
let set: SmallSet;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'larger-'));
  const source = join(work, 'source');
  target = join(work, 'target');
  for (const at of [source, target]) mkdirSync(at);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', source]);
  execFileSync('truncate', ['-s', '7E', join(source, 'a large file')]);
  for (const name of ['early', 'late', 'z']) writeFileSync(join(source, name), name);
  execFileSync('touch', ['-d', '@-9000000000000', join(source, 'early')]);
  execFileSync('touch', ['-d', '@99999999999999', join(source, 'late')]);
  set = await makeSmallSet({ work: join(work, 'set'), trees: [{ source, mountPoint: '/', node: 'disk0:1' }] });
  execFileSync('umount', [source]);
  execFileSync('truncate', ['-s', '40M', join(work, 'image')]);
  execFileSync('mke2fs', ['-q', '-t', 'ext4', join(work, 'image')]);
  execFileSync('mount', ['-o', 'loop', join(work, 'image'), target]);
});
afterAll(() => {
  execFileSync('umount', [target]);
  rmSync(work, { recursive: true, force: true });
});

describe('what a file system of another type cannot hold (ext4: 16 TiB, the year 2446)', () => {
  it('does not stop its restore: a file is named, a time is the nearest that there is', async () => {
    const [archive] = set.archives;
    if (archive === undefined) throw new Error('no archive');
    const access = accessAtHand(await set.open());
    const notes: string[] = [];
    await extractChain({ links: [{ access, archive }], target, onNote: (note) => notes.push(note) });
    expect(notes).toEqual([
      expect.stringContaining('/: ./a large file: larger than a file can be on this file system'),
    ]);
    expect(readFileSync(join(target, 'z'), 'utf8')).toBe('z');
    expect(statSync(join(target, 'early')).mtime.getUTCFullYear()).toBe(1901);
    expect(statSync(join(target, 'late')).mtime.getUTCFullYear()).toBe(2446);
  });

  it('is an error where nobody listens', async () => {
    const [archive] = set.archives;
    if (archive === undefined) throw new Error('no archive');
    const access = accessAtHand(await set.open());
    await expect(extractChain({ links: [{ access, archive }], target })).rejects.toMatchObject({
      code: 'RK311',
      reason: expect.stringContaining('a large file'),
    });
  });
});
