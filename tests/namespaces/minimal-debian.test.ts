import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../common/run.ts';

const root = join(import.meta.dirname, '../..');
const recipe = ['mmdebstrap', '--variant=minbase', '--mode=root', '--format=tar', 'bookworm'] as const;
const cache = process.env.REKINDLE_CACHE ?? join(homedir(), '.cache/rekindle');

/** A minimal Debian as a tar file, made once: nothing is in it that Debian does not call essential. */
async function minimalDebian(): Promise<string> {
  const key = createHash('sha256').update(recipe.join(' ')).digest('hex').slice(0, 12);
  const file = join(cache, `minbase-${key}.tar`);
  if (await stat(file).catch(() => null)) return file;
  await mkdir(cache, { recursive: true });
  await run([...recipe, `${file}.part`], { timeoutMs: 280_000 });
  await rename(`${file}.part`, file);
  return file;
}

describe('a minimal Debian', () => {
  let chroot = '';

  beforeAll(async () => {
    chroot = await mkdtemp(join(tmpdir(), 'rekindle-minbase-'));
    await run(['tar', '-xf', await minimalDebian(), '-C', chroot]);
    await mkdir(join(chroot, 'usr/local/lib'), { recursive: true });
    await cp(join(root, 'dist/rekindle'), join(chroot, 'usr/local/bin/rekindle'));
    await cp(join(root, 'dist/lib/rekindle'), join(chroot, 'usr/local/lib/rekindle'), { recursive: true });
    // Any running machine has /proc; the loader finds $ORIGIN through it.
    await run(['mount', '-t', 'proc', 'proc', join(chroot, 'proc')]);
  });

  afterAll(async () => {
    await run(['umount', join(chroot, 'proc')], { okExit: [0, 32] });
    await rm(chroot, { recursive: true, force: true });
  });

  it('has neither Node nor libatomic of its own', async () => {
    const found = await run([
      'find',
      chroot,
      '-xdev',
      '(',
      '-name',
      'libatomic*',
      '-o',
      '-name',
      'node',
      ')',
      '-not',
      '-path',
      '*/lib/rekindle/*',
      '-type',
      'f',
    ]);
    expect(found.stdout).toBe('');
  });

  it('starts the executable: --version and --help', async () => {
    const version = await run(['chroot', chroot, '/usr/local/bin/rekindle', '--version']);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await run(['chroot', chroot, '/usr/local/bin/rekindle', '--help']);
    expect(help.stdout).toContain('create');
  });

  it('[B1] check names what is missing and the command that installs it', async () => {
    const check = await run(['chroot', chroot, '/usr/local/bin/rekindle', 'check', '--to', 'iso:/tmp/x.iso'], {
      okExit: [3],
    });
    expect(check.stdout).toMatch(/apt(-get)? install/);
    expect(check.stdout).toContain('xorriso');
    expect(check.stdout).toContain('squashfs-tools');
  });
});
