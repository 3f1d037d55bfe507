import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractArchive } from '../../../../restore/archive/extract-archive.ts';
import { replayInodeFlags } from '../../../../restore/archive/inode-flags.ts';
import type { Archive } from '../../../../restore/archive/set-schema.ts';
import { writeArchive } from '../../../../restore/archive/write-archive.ts';
import { clearFlags, describeTree, makeDifficultTree } from '../../../fixtures/difficult-tree.ts';

let work = '';
let source = '';
let archive: Archive;
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
  archive = await writeArchive({
    source,
    mountPoint: '/',
    node: 'disk0:1',
    setDirectory: join(work, 'set'),
    number: 1,
    exclude: [join(source, 'output/medium.iso.part')],
  });
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
    await extractArchive({ setDirectory: join(work, 'set'), archive, target, onProgress });
    expect(members).toBeGreaterThan(0);
    await replayInodeFlags(join(work, 'set', archive.flags?.path ?? ''), target);
    expect(describeTree(target)).toBe(describeTree(source).replace(/^.*medium\.iso\.part.*\n/gm, ''));
  });

  it('notes the socket that it leaves out, and leaves out our own output', async () => {
    expect(archive.notes).toEqual(['./socket: socket ignored']);
    const names = execFileSync('sh', ['-c', `zstd -dc ${join(work, 'set', archive.file.path)} | tar -t`], {
      encoding: 'utf8',
    });
    expect(names).toContain('./output/\n');
    expect(names).not.toContain('medium.iso.part');
    expect(names.trim().split('\n')).toHaveLength(archive.members);
  });

  it('is plain tar in plain zstd: docs/by-hand.md works', () => {
    const target = freshDirectory('by-hand');
    const options = "--numeric-owner --xattrs --xattrs-include='*'";
    execFileSync('sh', ['-ec', `zstd -dc ${join(work, 'set', archive.file.path)} | tar -x -p ${options} -C ${target}`]);
    const without = (text: string): string =>
      text.replace(/^.*medium\.iso\.part.*\n/gm, '').replace(/^-.*(append|immutable)\n/gm, '');
    expect(without(describeTree(target)).replace(/^[-a-z]{20,}.*$/gm, '')).toBe(
      without(describeTree(source)).replace(/^[-a-z]{20,}.*$/gm, ''),
    );
  });
});

describe('a damaged archive', () => {
  function damagedSet(name: string, damage: (file: string) => void): string {
    const directory = freshDirectory(name);
    mkdirSync(join(directory, 'archives'));
    const file = join(directory, archive.file.path);
    copyFileSync(join(work, 'set', archive.file.path), file);
    damage(file);
    return directory;
  }

  it('[C15] truncated: an error with its own code', async () => {
    const setDirectory = damagedSet('truncated', (file) => truncateSync(file, archive.file.size - 1000));
    await expect(extractArchive({ setDirectory, archive, target: freshDirectory('t1') })).rejects.toMatchObject({
      code: 'RK307',
    });
  });

  it('[C15] with one flipped bit: an error, wherever the bit is', async () => {
    for (const at of [0.05, 0.5, 0.95]) {
      const setDirectory = damagedSet(`flipped-${at}`, (file) => {
        const bytes = readFileSync(file);
        const index = Math.floor(bytes.length * at);
        bytes[index] = (bytes[index] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      });
      await expect(extractArchive({ setDirectory, archive, target: freshDirectory(`t2-${at}`) })).rejects.toMatchObject(
        { code: /RK30[78]/ },
      );
    }
  });

  it('with an unsafe member name: refused before tar sees it', async () => {
    const setDirectory = damagedSet('unsafe', (file) => {
      execFileSync('sh', [
        '-ec',
        `cd ${work} && touch outside && tar -cPf - --transform 's,outside,x/../../outside-2,' outside | zstd -q -f -o ${file}`,
      ]);
    });
    await expect(extractArchive({ setDirectory, archive, target: freshDirectory('t3') })).rejects.toMatchObject({
      code: 'RK310',
    });
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
    const saved = await writeArchive({
      source: big,
      mountPoint: '/srv',
      node: 'disk0:2',
      setDirectory: join(work, 'set-big'),
      number: 2,
      exclude: [],
    });
    const failure = extractArchive({ setDirectory: join(work, 'set-big'), archive: saved, target: mountPoint });
    await expect(failure).rejects.toMatchObject({
      code: 'RK311',
      reason: expect.stringMatching(/^\/srv: the file system is full\. It has .* MB, the archive unpacks to 20\.\d MB/),
    });
  });

  it('as the destination: its own code, and no file stays', async () => {
    execFileSync('sh', ['-c', `rm -rf ${mountPoint}/random`]);
    const failure = writeArchive({
      source: join(work, 'big'),
      mountPoint: '/srv',
      node: 'disk0:2',
      setDirectory: join(mountPoint, 'set'),
      number: 2,
      exclude: [],
    });
    await expect(failure).rejects.toMatchObject({ code: 'RK211' });
    expect(execFileSync('find', [join(mountPoint, 'set'), '-type', 'f'], { encoding: 'utf8' })).toBe('');
  });
});
