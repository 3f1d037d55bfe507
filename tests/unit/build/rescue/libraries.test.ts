import { copyFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readElf } from '../../../../build/rescue/elf.ts';
import { LibraryFinder, parseLdconfig } from '../../../../build/rescue/libraries.ts';
import { proveTree } from '../../../../build/rescue/prove.ts';
import { RescueTree } from '../../../../build/rescue/tree.ts';
import { run } from '../../../../common/run.ts';
import { temporaryDirectory } from '../temporary.ts';

/** Real paths: the loader is known by two names. */
async function realPaths(paths: readonly string[]): Promise<string[]> {
  return [...new Set(await Promise.all(paths.map((path) => realpath(path))))].toSorted();
}

/** What the loader itself would load, without the kernel's vdso. */
async function ldd(program: string): Promise<string[]> {
  const { stdout } = await run(['ldd', program]);
  return realPaths([...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? ''));
}

describe('the library closure', () => {
  it.each(['/usr/bin/bash', '/usr/bin/xorriso', '/usr/sbin/mke2fs', process.execPath])(
    'of %s is what ldd says',
    async (program) => {
      const finder = await LibraryFinder.create();
      expect(await realPaths(await finder.closure(program))).toEqual(await ldd(program));
    },
  );

  it('honours a run path relative to the program', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'bin'));
    await mkdir(join(directory, 'lib/rekindle'), { recursive: true });
    const program = join(directory, 'bin/node');
    await copyFile('/usr/bin/xorriso', program);
    await run(['patchelf', '--set-rpath', '$ORIGIN/../lib/rekindle', program]);
    const elf = await readElf(program);
    const name = elf?.needed.find((each) => each.startsWith('libisoburn')) ?? '';
    await copyFile(`/lib/x86_64-linux-gnu/${name}`, join(directory, 'lib/rekindle', name));
    expect(await (await LibraryFinder.create()).closure(program)).toContain(
      join(directory, 'bin/../lib/rekindle', name),
    );
  });

  it('names the program and the library that is missing (RK204)', async () => {
    const program = join(await temporaryDirectory(), 'tool');
    await copyFile('/usr/bin/xorriso', program);
    const name = (await readElf(program))?.needed[0] ?? '';
    await run(['patchelf', '--replace-needed', name, 'libnowhere.so.7', program]);
    await expect((await LibraryFinder.create()).closure(program)).rejects.toMatchObject({
      code: 'RK204',
      reason: `${program} needs libnowhere.so.7`,
    });
  });

  it('takes a script for no ELF file, and leaves out libraries for other processors', async () => {
    const script = join(await temporaryDirectory(), 'script');
    await writeFile(script, '#!/bin/sh\n');
    expect(await readElf(script)).toBeNull();
    const text = '\tlibc.so.6 (libc6,x86-64) => /lib/a/libc.so.6\n\tlibc.so.6 (libc6) => /lib32/libc.so.6\n';
    expect([...parseLdconfig(text)]).toEqual([['libc.so.6', '/lib/a/libc.so.6']]);
  });
});

describe('a tree of the rescue system', () => {
  it('proves its programs under chroot, and tells which one lost a library (RK204)', async () => {
    const tree = await RescueTree.create(await temporaryDirectory());
    for (const name of ['bash', 'ls', 'xargs', 'awk']) expect(await tree.addTool(name)).toBe(true);
    await proveTree(tree);
    expect((await run(['chroot', tree.directory, '/bin/bash', '-c', 'ls /usr'])).stdout).toContain('lib');
    expect((await run(['chroot', tree.directory, '/usr/bin/awk', 'BEGIN { print 6 * 7 }'])).stdout).toBe('42\n');
    await run(['find', tree.directory, '-name', 'libselinux*', '-delete']);
    await expect(proveTree(tree)).rejects.toMatchObject({
      code: 'RK204',
      reason: expect.stringContaining('/usr/bin/ls needs libselinux.so.1'),
    });
  });
});
