import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractArchive, extractStream } from '../../../../restore/archive/extract-archive.ts';
import { readAttributes } from '../../../../restore/archive/index/attributes.ts';
import { readIndex } from '../../../../restore/archive/index/index-reader.ts';
import { replayAttributes } from '../../../../restore/archive/index/replay-attributes.ts';
import { accessAtHand, indexBytes, type SetAccess } from '../../../../restore/archive/open-archive.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';
import { directoryStore } from '../../../../restore/archive/store/directory.ts';
import { clearFlags, describeTree, makeDifficultTree } from '../../../fixtures/difficult-tree.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';

let work = '';
let source = '';
let set: SmallSet;
let access: SetAccess;
let archive: Archive;
let file = '';
let server: Server;

function freshDirectory(name: string): string {
  const path = join(work, name);
  mkdirSync(path);
  return path;
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'archive-'));
  source = freshDirectory('source');
  server = await makeDifficultTree(source);
  mkdirSync(join(source, 'output'));
  writeFileSync(join(source, 'output/medium.iso.part'), 'our own output');
  const exclude = [join(source, 'output/medium.iso.part')];
  set = await makeSmallSet({ work, trees: [{ source, mountPoint: '/', node: 'disk0:1', exclude }] });
  access = accessAtHand(await set.open());
  const [only] = set.archives;
  if (!only?.parts[0]) throw new Error('no archive was written');
  archive = only;
  file = join(set.directory(1), only.parts[0].path);
});

afterAll(() => {
  server?.close();
  for (const name of ['source', 'target']) clearFlags(join(work, name));
  rmSync(work, { recursive: true, force: true });
});

describe('an archive', () => {
  it('[B6] [C15] brings every kind of file back as it was', async () => {
    const target = freshDirectory('target');
    let members = 0;
    const onProgress = (progress: { members: number }): void => {
      members = progress.members;
    };
    await extractArchive({ access, archive, target, onProgress });
    expect(members).toBe(archive.members);
    expect(await replayAttributes(readAttributes(indexBytes(access, archive)), target)).toBe(archive.attributes);
    expect(describeTree(target)).toBe(describeTree(source).replace(/^.*medium\.iso\.part.*\n/gm, ''));
  });

  it('notes the socket that it leaves out, and leaves out our own output', async () => {
    const notes: string[] = [];
    for await (const record of readIndex(indexBytes(access, archive)))
      if (record.kind === 'note') notes.push(record.text);
    expect(notes).toEqual(['./socket: socket ignored']);
    expect(archive).toMatchObject({ notes: 1, noteCounts: { sockets: 1 } });
    const names = execFileSync('sh', ['-c', `zstd -dc ${file} | tar -t`], { encoding: 'utf8' });
    expect(names).toContain('./output/\n');
    expect(names).not.toContain('medium.iso.part');
    expect(names.trim().split('\n')).toHaveLength(archive.members);
  });

  it('is plain tar in plain zstd: docs/by-hand.md works', () => {
    const target = freshDirectory('by-hand');
    const options = "--numeric-owner --xattrs --xattrs-include='*'";
    execFileSync('sh', ['-ec', `zstd -dc ${file} | tar -x -p ${options} -C ${target}`]);
    const without = (text: string): string =>
      text.replace(/^.*medium\.iso\.part.*\n/gm, '').replace(/^-.*(append|immutable)\n/gm, '');
    expect(without(describeTree(target)).replace(/^[-a-z]{20,}.*$/gm, '')).toBe(
      without(describeTree(source)).replace(/^[-a-z]{20,}.*$/gm, ''),
    );
  });
});

/** A copy of the set in which the archive's file was changed. */
async function damagedSet(name: string, damage: (file: string) => void): Promise<SetAccess> {
  const copy = join(work, name);
  cpSync(set.directory(1), copy, { recursive: true });
  damage(join(copy, archive.parts[0]?.path ?? ''));
  const opened = await set.open();
  opened.volumes.set(1, directoryStore(copy));
  return accessAtHand(opened);
}

describe('a damaged archive', () => {
  it('[C15] truncated: an error with its own code', async () => {
    const damaged = await damagedSet('truncated', (path) => truncateSync(path, Math.floor(archive.size / 2)));
    const failure = extractArchive({ access: damaged, archive, target: freshDirectory('t1') });
    await expect(failure).rejects.toMatchObject({ code: 'RK307' });
  });

  it('[C15] with one flipped bit: an error, wherever the bit is', async () => {
    for (const at of [0.05, 0.5, 0.95]) {
      const damaged = await damagedSet(`flipped-${at}`, (path) => {
        const bytes = readFileSync(path);
        const index = Math.floor(bytes.length * at);
        bytes[index] = (bytes[index] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      });
      const failure = extractArchive({ access: damaged, archive, target: freshDirectory(`t2-${at}`) });
      await expect(failure).rejects.toMatchObject({ code: 'RK308' });
    }
  });

  it('with an unsafe member name: refused before tar sees it', async () => {
    const options = { access, archive, target: freshDirectory('t3') };
    const unsafe = execFileSync('sh', [
      '-ec',
      `cd ${work} && touch outside && tar -cPf - --transform 's,outside,x/../../outside-2,' outside`,
    ]);
    const stream = (async function* () {
      yield unsafe;
    })();
    await expect(extractStream(options, stream)).rejects.toMatchObject({ code: 'RK310' });
  });
});

describe('a full disk', () => {
  let device = '';
  let mountPoint = '';

  beforeAll(() => {
    const image = join(work, 'small.img');
    execFileSync('truncate', ['-s', '8M', image]);
    execFileSync('mke2fs', ['-q', '-F', image]);
    mountPoint = freshDirectory('small');
    execFileSync('mount', ['-o', 'loop', image, mountPoint]);
    device = mountPoint;
  });
  afterAll(() => {
    if (device !== '') execFileSync('umount', [mountPoint]);
  });

  it('[C15] as the target: tar fails in the middle, the error names the file system and sizes', async () => {
    const big = freshDirectory('big');
    execFileSync('sh', ['-ec', `head -c 20000000 /dev/urandom > ${big}/random`]);
    const other = await makeSmallSet({
      work: freshDirectory('set-big'),
      trees: [{ source: big, mountPoint: '/srv', node: 'disk0:2' }],
    });
    const [saved] = other.archives;
    if (!saved) throw new Error('no archive was written');
    const failure = extractArchive({ access: accessAtHand(await other.open()), archive: saved, target: mountPoint });
    await expect(failure).rejects.toMatchObject({
      code: 'RK311',
      reason: expect.stringMatching(/^\/srv: the file system is full\. It has .* MB, the archive unpacks to 20\.\d MB/),
    });
  });

  it('as the destination: its own code, and no file stays', async () => {
    execFileSync('sh', ['-c', `rm -rf ${mountPoint}/random`]);
    const failure = makeSmallSet({
      work: join(mountPoint, 'set'),
      trees: [{ source: join(work, 'big'), mountPoint: '/srv', node: 'disk0:2' }],
    });
    await expect(failure).rejects.toMatchObject({ code: 'RK211' });
  });
});
