import { chmod, lstat, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packCpio } from '../../../../build/rescue/cpio.ts';
import { makeExecutableSegment, packSegment } from '../../../../build/rescue/segment.ts';
import { run } from '../../../../common/run.ts';
import { linesOf, temporaryDirectory } from '../temporary.ts';

async function sampleTree(): Promise<string> {
  const tree = await temporaryDirectory();
  await mkdir(join(tree, 'etc/deep'), { recursive: true });
  await writeFile(join(tree, 'etc/deep/name with space'), 'x'.repeat(4097));
  await writeFile(join(tree, 'etc/empty'), '');
  await writeFile(join(tree, 'init'), '#!/bin/sh\n');
  await chmod(join(tree, 'init'), 0o755);
  await symlink('usr/lib', join(tree, 'lib'));
  await mkdir(join(tree, 'tmp'));
  await chmod(join(tree, 'tmp'), 0o1777);
  return tree;
}

async function packed(tree: string, ...devices: Parameters<typeof packCpio>[1][]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of packCpio(tree, devices[0])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('our cpio writer', () => {
  it('makes an archive that cpio unpacks to the same tree', async () => {
    const archive = await packed(await sampleTree());
    const target = await temporaryDirectory();
    await run(['cpio', '--extract', '--make-directories', '--quiet'], { input: archive, cwd: target });
    expect((await readFile(join(target, 'etc/deep/name with space'), 'utf8')).length).toBe(4097);
    expect((await lstat(join(target, 'etc/empty'))).size).toBe(0);
    expect((await lstat(join(target, 'init'))).mode & 0o7777).toBe(0o755);
    expect((await lstat(join(target, 'tmp'))).mode & 0o7777).toBe(0o1777);
    expect(await readlink(join(target, 'lib'))).toBe('usr/lib');
  });

  it('lists directories before what is in them, root as the owner, and device nodes', async () => {
    const archive = await packed(await sampleTree(), [{ name: 'dev/console', mode: 0o600, major: 5, minor: 1 }]);
    const names = linesOf((await run(['cpio', '--list', '--quiet'], { input: archive })).stdout);
    expect(names.indexOf('etc')).toBeLessThan(names.indexOf('etc/deep'));
    expect(names.indexOf('etc/deep')).toBeLessThan(names.indexOf('etc/deep/name with space'));
    const listing = await run(['cpio', '--list', '--verbose', '--numeric-uid-gid', '--quiet'], { input: archive });
    expect(listing.stdout).toMatch(/^crw------- .* 5, +1 .*dev\/console$/m);
    expect(linesOf(listing.stdout).every((line) => /^\S+ +\d+ 0 +0 /.test(line))).toBe(true);
  });

  it('gives the same bytes for the same tree', async () => {
    const tree = await sampleTree();
    expect((await packed(tree)).equals(await packed(tree))).toBe(true);
  });
});

describe('a segment of the initrd', () => {
  it('is exactly one zstd frame: the kernel panics on several', async () => {
    const work = await temporaryDirectory();
    const output = join(work, 'segment');
    await makeExecutableSegment('/usr/bin/bash', output);
    const { stdout } = await run(['zstd', '-lv', output]);
    expect(stdout).toMatch(/# Zstandard Frames: 1\b/);
    expect(stdout).toMatch(/Number of files listed: 1|Frames: 1/);
    const windowSize = Number(/Window Size: .*\((\d+) B\)/.exec(stdout)?.[1]);
    expect(windowSize).toBeLessThanOrEqual(8 << 20);
  });

  it('can be gzip for kernels without zstd', async () => {
    const output = join(await temporaryDirectory(), 'segment');
    await packSegment({ tree: await sampleTree(), output, compression: 'gzip' });
    const { stdout } = await run(['gzip', '-dc', output]);
    expect(stdout.startsWith('070701')).toBe(true);
  });
});
