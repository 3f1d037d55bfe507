import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractStream } from '../../../../restore/archive/extract-archive.ts';
import { accessAtHand, readFrames, type SetAccess } from '../../../../restore/archive/open-archive.ts';
import { openSet } from '../../../../restore/archive/open-set.ts';
import { damagedRanges, type LostMember, lostMembers, withoutLost } from '../../../../restore/archive/salvage.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';
import { directoryStore } from '../../../../restore/archive/store/directory.ts';
import { verifySet } from '../../../../restore/archive/verify-set.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';

let work = '';
let set: SmallSet;
let archive: Archive;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'damage-'));
  const source = join(work, 'source');
  mkdirSync(source);
  for (let index = 0; index < 30; index += 1)
    writeFileSync(join(source, `file-${index}`), Buffer.alloc(600_000, `content of ${index} `));
  execFileSync('sh', ['-ec', 'head -c 9000000 /dev/urandom > random; ln random zz-link; ln -s random zz-symlink'], {
    cwd: source,
  });
  set = await makeSmallSet({ work, trees: [{ source, mountPoint: '/', node: 'disk0:1' }] });
  const [only] = set.archives;
  if (!only) throw new Error('no archive');
  archive = only;
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The set on a copy whose archive has one bit flipped there. */
async function flipped(name: string, at: number): Promise<SetAccess> {
  const copy = join(work, name);
  cpSync(set.directory(1), copy, { recursive: true });
  const file = join(copy, archive.parts[0]?.path ?? '');
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(file, bytes);
  return accessAtHand(await openSet([directoryStore(copy)]));
}

describe('one damaged frame', () => {
  it('[C15] everything else restores, and the lost files are listed exactly', async () => {
    const sound = accessAtHand(await set.open());
    const table = await readFrames(sound, archive);
    expect(table.length).toBeGreaterThan(5);
    for (const index of [0, 3, table.length - 1]) {
      const place = table.frame(index);
      const access = await flipped(`frame-${index}`, place.offset + 20);
      const ranges = await damagedRanges(access, archive, table);
      expect(ranges).toEqual([
        { start: place.uncompressedOffset, end: place.uncompressedOffset + place.uncompressedSize },
      ]);
      const lost: LostMember[] = [];
      for await (const member of lostMembers(access, archive, ranges)) lost.push(member);
      const target = join(work, `target-${index}`);
      mkdirSync(target);
      await extractStream({ access, archive, target }, withoutLost(access, archive, table, lost, ranges));
      const names = new Set(lost.map(({ path }) => path.toString().replace(/^\.\//, '')));
      const expected = (await readdir(join(work, 'source'))).filter((name) => !names.has(name));
      expect((await readdir(target)).toSorted()).toEqual(expected.toSorted());
      for (const name of expected.filter((one) => one !== 'zz-symlink'))
        execFileSync('cmp', [join(work, 'source', name), join(target, name)]);
      if (names.has('random')) expect(names.has('zz-link') || names.has('random')).toBe(true);
    }
  });

  it('[C8] is found by verify, which says which bytes of which archive are lost', async () => {
    const access = await flipped('verify', Math.floor(archive.size / 2));
    const damage = await verifySet(access);
    expect(damage).toHaveLength(1);
    expect(damage[0]).toMatchObject({ volume: 1, path: archive.parts[0]?.path, lost: { archive: archive.name } });
    expect(await verifySet(accessAtHand(await set.open()))).toEqual([]);
  });
});

/** The set as a computer would have made it whose memory went wrong between tar and zstd, in the third frame. */
async function compressedWrong(): Promise<SetAccess> {
  const copy = join(work, 'wrong-content');
  cpSync(set.directory(1), copy, { recursive: true });
  const { path } = archive.index;
  const lines = execFileSync('zstd', ['-dcq', join(copy, path)], { encoding: 'latin1' });
  const other = createHash('sha256').update('what tar gave').digest('hex');
  const changed = lines.replace(/^(F\t2\t.*\t)[0-9a-f]{64}$/m, `$1${other}`);
  expect(changed).not.toBe(lines);
  const index = execFileSync('zstd', ['-cq'], { input: Buffer.from(changed, 'latin1') });
  writeFileSync(join(copy, path), index);
  const opened = await openSet([directoryStore(set.directory(1))]);
  const file = { path, size: index.length, sha256: createHash('sha256').update(index).digest('hex') };
  if (!opened.manifest) throw new Error('no manifest');
  const manifest = {
    ...opened.manifest,
    archives: [{ ...archive, index: file }],
    files: opened.manifest.files.map((each) => (each.path === path ? { ...each, ...file } : each)),
  };
  return accessAtHand({ ...opened, manifest, volumes: new Map([[1, directoryStore(copy)]]) });
}

describe('what was compressed is not what tar gave', () => {
  it('[C8] [B12] is found when the content is compared, as create does; the frames themselves are sound', async () => {
    const access = await compressedWrong();
    expect(await verifySet(access)).toEqual([]);
    const damage = await verifySet(access, { content: true });
    expect(damage).toHaveLength(1);
    expect(damage[0]?.detail).toMatch(/frame 2 .*content/);
    expect(await verifySet(accessAtHand(await set.open()), { content: true })).toEqual([]);
  });
});

/** Every byte of a set, flipped in turn, must be found: by opening it or by verifying it. */
describe('every byte of a small set', () => {
  it('[F2] [C8] flipped in turn is found', async () => {
    const small = join(work, 'small');
    const source = join(small, 'source');
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'a'), 'content');
    const tiny = await makeSmallSet({ work: small, trees: [{ source, mountPoint: '/', node: 'disk0:1' }] });
    const directory = tiny.directory(1);
    const missed: string[] = [];
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name === 'rd-base.squashfs') continue;
      const file = join(entry.parentPath, entry.name);
      const sound = readFileSync(file);
      for (let at = 0; at < sound.length; at += 1) {
        const bytes = Buffer.from(sound);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        writeFileSync(file, bytes);
        const found = await openSet([directoryStore(directory)])
          .then((opened) => verifySet(accessAtHand(opened)))
          .then((damage) => damage.length > 0)
          .catch(() => true);
        if (!found) missed.push(`${entry.name} byte ${at}: ${sound.subarray(Math.max(0, at - 10), at + 10)}`);
      }
      writeFileSync(file, sound);
    }
    expect(missed).toEqual([]);
  });
});
