import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getProject } from '@rekindle/linux-syscalls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Attributes,
  captureAttributes,
  lossesOf,
  readAttributes,
} from '../../../../../restore/archive/index/attributes.ts';
import { replayAttributes } from '../../../../../restore/archive/index/replay-attributes.ts';
import { clearFlags, makeDifficultTree } from '../../../../fixtures/difficult-tree.ts';
import { indexOf, streamOf } from '../../../../fixtures/framed-archive.ts';

let work = '';
let source = '';
let server: Server;
/** Neither text nor one line. */
const oddName = Buffer.concat([Buffer.from('odd-\n'), Buffer.of(0xff)]);

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'attributes-'));
  source = join(work, 'source');
  mkdirSync(source);
  server = await makeDifficultTree(source, 20);
  const shell = `chattr +A . && chattr +dA many/group-7 && touch "$(printf 'odd-\\n\\377')" && chattr +S odd-*`;
  execFileSync('sh', ['-ec', shell], { cwd: source });
});
afterAll(() => {
  server?.close();
  spawnSync('chattr', ['-R', '-i', '-a', work]);
  clearFlags(source);
  rmSync(work, { recursive: true, force: true });
});

const byPath = (list: readonly Attributes[]): Record<string, [number, number]> =>
  Object.fromEntries(list.map(({ path, flags, project }) => [path.toString('latin1'), [flags, project]]));

/** Through an index, as in a set. */
async function stored(root: string): Promise<{ list: Attributes[]; index: Buffer }> {
  const { bytes } = await indexOf(async (writer) => {
    for await (const each of captureAttributes(root)) await writer.addAttributes(each);
    return 0;
  });
  return { list: await Array.fromAsync(readAttributes(streamOf(bytes))), index: bytes };
}

/** lsattr's letters of all files, as `chattr` sets them. */
const lettersOf = (root: string): string =>
  execFileSync('sh', ['-c', 'find . \\( -type f -o -type d \\) -print0 | sort -z | xargs -0 lsattr -d | tr -d e'], {
    cwd: root,
    encoding: 'latin1',
  });

function mounted<T>(image: string, options: string, use: (at: string) => Promise<T>): Promise<T> {
  const at = mkdtempSync(join(work, 'mnt-'));
  execFileSync('mount', ['-o', options, image, at]);
  return use(at).finally(() => execFileSync('umount', [at]));
}

describe('what tar loses', () => {
  it('[B6] is captured for files and directories, with names as tar spells them', async () => {
    const { list } = await stored(source);
    expect(byPath(list)).toEqual({
      './': [0x80, 0],
      './many/group-7/': [0xc0, 0],
      './append': [0x20, 0],
      './immutable': [0x10, 0],
      [`./${oddName.toString('latin1')}`]: [0x88, 0], // made in a directory with +A
    });
  });

  it('[B6] is captured in a directory that is too large to be read at once, too', async () => {
    const large = join(work, 'large');
    const names = Array.from({ length: 5000 }, (_, index) => `${index}-${'n'.repeat(240)}`);
    mkdirSync(large);
    for (const name of names) writeFileSync(join(large, name), '');
    expect(statSync(large).size).toBeGreaterThan(1 << 20);
    execFileSync('chattr', ['+d', join(large, names[0] ?? ''), join(large, names.at(-1) ?? '')]);
    const found = await Array.fromAsync(captureAttributes(large));
    expect(found.map(({ path }) => path.toString()).toSorted()).toEqual([`./${names[0]}`, `./${names.at(-1)}`]);
  });

  it('[B6] comes back from the index', async () => {
    const target = join(work, 'target');
    execFileSync('cp', ['-a', source, target]);
    expect(lettersOf(target)).not.toBe(lettersOf(source));
    const { index } = await stored(source);
    expect(await replayAttributes(readAttributes(streamOf(index)), target)).toBe(5);
    expect(lettersOf(target)).toBe(lettersOf(source));
    // A restore that was interrupted does it again.
    expect(await replayAttributes(readAttributes(streamOf(index)), target)).toBe(5);
  });

  it('that no restore brings back is noted', async () => {
    const image = join(work, 'casefold.img');
    execFileSync('truncate', ['-s', '16M', image]);
    execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-O', 'encrypt', image]);
    execFileSync('debugfs', ['-w', '-R', 'mkdir secret', image], { stdio: 'pipe' });
    execFileSync('debugfs', ['-w', '-R', 'set_inode_field secret flags 0x80800', image], { stdio: 'pipe' });
    const notes: string[] = [];
    await mounted(image, 'ro,loop', (at) =>
      Array.fromAsync(captureAttributes(at, { onNote: (note) => notes.push(note) })),
    );
    expect(notes).toEqual(['./secret/: fscrypt encryption is not saved']);
  });

  it('of a file system as such are no loss: case folding is a choice for folders of ext4 and f2fs only', () => {
    const [ext4, f2fs, vfat, exfat, xfs] = [0xef53, 0xf2f52010, 0x4d44, 0x2011bab0, 0x58465342];
    const folding = { flags: 0x40000000, isFolder: true };
    for (const fileSystem of [ext4, f2fs]) expect(lossesOf({ ...folding, fileSystem })).toEqual(['case folding']);
    for (const fileSystem of [vfat, exfat, xfs]) expect(lossesOf({ ...folding, fileSystem })).toEqual([]);
    expect(lossesOf({ ...folding, isFolder: false, fileSystem: ext4 })).toEqual([]);
    expect(lossesOf({ flags: 0x100800, isFolder: false, fileSystem: ext4 })).toEqual([
      ...['fscrypt encryption', 'fs-verity'],
    ]);
  });

  it('stays below the root, and names the file that cannot be set', async () => {
    const outside = { path: Buffer.from('./a/../../b'), flags: 0x10, project: 0 };
    await expect(replayAttributes([outside], work)).rejects.toMatchObject({ code: 'RK310' });
    const missing = { path: Buffer.from('./nothing'), flags: 0x10, project: 0 };
    await expect(replayAttributes([missing], work)).rejects.toMatchObject({
      code: 'RK311',
      reason: expect.stringContaining('./nothing'),
    });
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(Array.fromAsync(captureAttributes(source, { signal }))).rejects.toThrow('enough');
  });
});

describe('project ids', () => {
  const withProjects = ['-q', '-F', '-t', 'ext4', '-O', 'project,quota', '-E', 'quotatype=prjquota'];

  function projectImage(name: string): string {
    const image = join(work, name);
    execFileSync('truncate', ['-s', '64M', image]);
    const tree = join(work, `${name}.tree`);
    mkdirSync(join(tree, 'directory/below'), { recursive: true });
    writeFileSync(join(tree, 'directory/file'), '');
    writeFileSync(join(tree, 'plain'), '');
    execFileSync('mke2fs', [...withProjects, '-d', tree, image]);
    const change = (field: string): void =>
      void execFileSync('debugfs', ['-w', '-R', `set_inode_field ${field}`, image], { stdio: 'pipe' });
    change('/directory projid 4242');
    change('/directory flags 0x20080000'); // extents, and: what is made here belongs to the project
    change('/directory/file projid 4294967294');
    return image;
  }

  const expected = { './directory/': [0x20000000, 4242], './directory/file': [0, 4_294_967_294] };

  it('[B6] are captured', async () => {
    const { list } = await mounted(projectImage('read.img'), 'ro,loop', stored);
    expect(byPath(list)).toEqual(expected);
  });

  it('[B6] come back, through every name of a file that is immutable', async ({ skip }) => {
    const xfs = spawnSync('mkfs.xfs', ['-V']).status === 0;
    const image = join(work, 'target.img');
    execFileSync('truncate', ['-s', '400M', image]);
    execFileSync(...((xfs ? ['mkfs.xfs', ['-q', image]] : ['mke2fs', [...withProjects, image]]) as [string, string[]]));
    const probe = spawnSync('mount', ['-o', 'loop', image, mkdtempSync(join(work, 'probe-'))]);
    if (probe.status !== 0) return skip('no ext4 with projects in this kernel, no mkfs.xfs');
    execFileSync('umount', [image]);
    await mounted(image, 'loop', async (at) => {
      mkdirSync(join(at, 'directory'));
      writeFileSync(join(at, 'directory/file'), '');
      linkSync(join(at, 'directory/file'), join(at, 'other'));
      const both = { flags: 0x10, project: 4242 };
      const paths = ['./directory/file', './other', './directory/'].map((path) => Buffer.from(path));
      const list = paths.map((path) => ({ path, ...both }));
      try {
        await replayAttributes(list, at);
        expect(getProject(join(at, 'other'))).toBe(4242);
        const captured = await Array.fromAsync(captureAttributes(at));
        expect(byPath(captured)).toEqual(byPath(list));
      } finally {
        execFileSync('chattr', ['-R', '-i', at]);
      }
    });
  });
});
