import { randomBytes } from 'node:crypto';
import { lstat, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyRescueSystem } from '../../../../build/rescue/prepared.ts';
import { sealInitrd } from '../../../../build/rescue/seal.ts';
import { makeExecutableSegment } from '../../../../build/rescue/segment.ts';
import { readSeal, sealPath } from '../../../../common/medium-seal.ts';
import { run } from '../../../../common/run.ts';
import { temporaryDirectory } from '../temporary.ts';
import { unpackAsKernel } from './kernel-unpack.ts';

const member = sealPath.slice(1);
const rdBase = { size: 20_000, sha256: 'ab'.repeat(32) };

/** An initrd of one compressed segment, of a length that is no multiple of 4. */
async function oddInitrd(compression: 'zstd' | 'gzip'): Promise<string> {
  const directory = await temporaryDirectory();
  for (let length = 100; ; length += 1) {
    const [executable, output] = [join(directory, 'executable'), join(directory, 'initrd.img')];
    await writeFile(executable, randomBytes(length));
    await makeExecutableSegment(executable, output, compression);
    if ((await stat(output)).size % 4 !== 0) return output;
  }
}

describe('the seal of an initrd', () => {
  it.each(['zstd', 'gzip'] as const)('is its last segment, which the kernel finds behind one of %s', async (kind) => {
    const initrd = await oddInitrd(kind);
    const before = await stat(initrd);
    const seal = await sealInitrd(initrd, rdBase);
    const bytes = await readFile(initrd);
    expect(bytes.length % 4).toBe(0);
    const start = Math.ceil(before.size / 4) * 4;
    expect(bytes.toString('latin1', start, start + 6)).toBe('070701');
    const files = unpackAsKernel(bytes);
    expect(files.get('init')?.mode).toBe(0o100755);
    const file = files.get(member);
    expect(file?.mode).toBe(0o100600);
    expect(JSON.parse(file?.content.toString() ?? '')).toEqual(seal);
    expect(seal).toEqual({ rdBase, journalKey: expect.stringMatching(/^[0-9a-f]{64}$/) });
    for (const folder of ['etc', 'etc/rekindle']) expect(files.get(folder)?.mode).toBe(0o040755);
  });

  it('is unpacked by cpio to what the engine reads, root and nobody else', async () => {
    const initrd = join(await temporaryDirectory(), 'initrd.img');
    await writeFile(initrd, '');
    const seal = await sealInitrd(initrd, rdBase);
    const target = await temporaryDirectory();
    await run(['cpio', '--extract', '--make-directories', '--quiet'], { input: await readFile(initrd), cwd: target });
    expect(await readSeal(join(target, member))).toEqual(seal);
    expect((await lstat(join(target, member))).mode & 0o777).toBe(0o600);
  });

  it('of a prepared rescue system is made anew: the later one counts, and what was prepared stays as it was', async () => {
    const prepared = await temporaryDirectory();
    for (const name of ['vmlinuz', 'rd-base.squashfs']) await writeFile(join(prepared, name), name);
    await writeFile(join(prepared, 'initrd.img'), await readFile(await oddInitrd('zstd')));
    const old = await sealInitrd(join(prepared, 'initrd.img'), { size: 1, sha256: 'cd'.repeat(32) });
    const bytes = await readFile(join(prepared, 'initrd.img'));
    const tree = await temporaryDirectory();
    await copyRescueSystem(prepared, { tree, setDirectory: tree });
    const seal = await sealInitrd(join(tree, 'boot/initrd.img'), rdBase);
    const files = unpackAsKernel(await readFile(join(tree, 'boot/initrd.img')));
    expect(JSON.parse(files.get(member)?.content.toString() ?? '')).toEqual(seal);
    expect(seal.journalKey).not.toBe(old.journalKey);
    expect((await readFile(join(prepared, 'initrd.img'))).equals(bytes)).toBe(true);
  });
});
