import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reportOf } from '../../../../../common/errors/error.ts';
import { run } from '../../../../../common/run.ts';
import { temporaryDirectory } from '../../../build/temporary.ts';
import { leftovers, takeAll, textOf, write } from './taking.ts';

describe('taking files out over several file systems', () => {
  it('works on each of them, and leaves nothing on any', async () => {
    const work = await temporaryDirectory();
    for (const name of ['source/etc/file', 'source/home/anna/file', 'source/home/deep/below/file', 'boot/kernel'])
      write(join(work, name), name);
    for (const at of ['home', 'home/deep', 'boot']) {
      mkdirSync(join(work, 'out', at), { recursive: true });
      await run(['mount', '-t', 'tmpfs', 'tmpfs', join(work, 'out', at)]);
    }
    onTestFinished(async () => {
      for (const at of ['home/deep', 'home', 'boot']) await run(['umount', join(work, 'out', at)]);
    });
    execFileSync('chmod', ['751', join(work, 'source/home')]);
    await takeAll(work, {}, { '/boot': 'boot' });
    for (const name of ['etc/file', 'home/anna/file', 'home/deep/below/file'])
      expect(textOf(join(work, 'out', name))).toBe(`source/${name}`);
    expect(textOf(join(work, 'out/boot/kernel'))).toBe('boot/kernel');
    expect(statSync(join(work, 'out/home/anna/file')).dev).toBe(statSync(join(work, 'out/home')).dev);
    expect(statSync(join(work, 'out/home')).mode & 0o777).toBe(0o751);
    expect(leftovers(join(work, 'out'))).toBe('');
  });

  it('works where one is mounted twice, and on a part of one that is mounted elsewhere', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/home/anna/file'), 'new');
    for (const name of ['out/home', 'elsewhere/anna']) mkdirSync(join(work, name), { recursive: true });
    await run(['mount', '--bind', join(work, 'elsewhere'), join(work, 'out/home')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'out/home')])));
    await takeAll(work);
    expect(textOf(join(work, 'elsewhere/anna/file'))).toBe('new');
    expect(leftovers(work)).toBe('');
  });

  it('works across subvolumes of a btrfs', async ({ skip }) => {
    const work = await temporaryDirectory();
    if ((await run(['sh', '-c', 'command -v mkfs.btrfs'], { okExit: [0, 1, 127] })).exitCode !== 0)
      return skip('no mkfs.btrfs');
    write(join(work, 'source/home/anna/file'), 'new');
    mkdirSync(join(work, 'out'));
    await run(['truncate', '-s', '128M', join(work, 'image')]);
    await run(['mkfs.btrfs', '-q', join(work, 'image')]);
    await run(['mount', '-o', 'loop', join(work, 'image'), join(work, 'out')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'out')])));
    await run(['btrfs', 'subvolume', 'create', join(work, 'out/home')]);
    await takeAll(work);
    expect(textOf(join(work, 'out/home/anna/file'))).toBe('new');
    expect(leftovers(work)).toBe('');
  });

  it('takes what one without extended attributes takes, and says what it does not (RK311)', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/etc/file'), 'new');
    write(join(work, 'source/etc/other'), 'new');
    for (const name of ['etc', 'etc/file'])
      execFileSync('setfattr', ['-n', 'user.a', '-v', 'x', join(work, 'source', name)]);
    execFileSync('chmod', ['751', join(work, 'source/etc')]);
    mkdirSync(join(work, 'out'));
    await run(['mount', '-t', 'ramfs', 'ramfs', join(work, 'out')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'out')])));
    for (let round = 0; round < 2; round += 1) {
      await expect(takeAll(work)).rejects.toMatchObject({
        code: 'RK311',
        reason: expect.stringContaining('The rest is there'),
      });
      for (const name of ['etc/file', 'etc/other']) expect(textOf(join(work, 'out', name))).toBe('new');
      expect(statSync(join(work, 'out/etc')).mode & 0o777).toBe(0o751);
      expect(leftovers(work)).toBe('');
      execFileSync('rm', [join(work, 'out/etc/file'), join(work, 'out/etc/other')]);
    }
  });

  it('goes into folders that give all that is in them to a project', async ({ skip }) => {
    const work = await temporaryDirectory();
    write(join(work, 'source/home/anna/file'), 'new');
    symlinkSync('file', join(work, 'source/home/anna/link'));
    mkdirSync(join(work, 'out'));
    if ((await run(['sh', '-c', 'command -v mkfs.xfs'], { okExit: [0, 1, 127] })).exitCode !== 0)
      return skip('no mkfs.xfs');
    await run(['truncate', '-s', '400M', join(work, 'image')]);
    await run(['mkfs.xfs', '-q', join(work, 'image')]);
    await run(['mount', '-o', 'loop', join(work, 'image'), join(work, 'out')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'out')])));
    mkdirSync(join(work, 'out/home'));
    await run(['chattr', '+P', '-p', '4242', join(work, 'out/home')]);
    await takeAll(work);
    expect(textOf(join(work, 'out/home/anna/link'))).toBe('new');
    const { stdout } = await run(['lsattr', '-p', join(work, 'out/home/anna')]);
    expect(stdout).toMatch(/^ *4242 .*file$/m);
    expect(leftovers(work)).toBe('');
  });

  it('leaves out a file that has a mount on it, and names it; the rest comes out', async () => {
    const work = await temporaryDirectory();
    for (const name of ['a', 'b', 'c']) write(join(work, 'source/etc', name), 'new');
    write(join(work, 'out/etc/b'), 'old');
    write(join(work, 'mounted'), 'mounted');
    await run(['mount', '--bind', join(work, 'mounted'), join(work, 'out/etc/b')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'out/etc/b')])));
    const kept: string[] = [];
    await takeAll(work, { onNotTaken: (line) => void kept.push(line) });
    expect(kept).toEqual(['etc/b: something is mounted there']);
    expect(['a', 'b', 'c'].map((name) => textOf(join(work, 'out/etc', name)))).toEqual(['new', 'mounted', 'new']);
    expect(leftovers(work)).toBe('');
  });

  it('leaves out another name of a file that lies beyond a mount, and names it', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/etc/first'), 'content');
    mkdirSync(join(work, 'source/srv'));
    linkSync(join(work, 'source/etc/first'), join(work, 'source/srv/second'));
    for (const name of ['etc/other', 'srv/other']) write(join(work, 'source', name), name);
    mkdirSync(join(work, 'out/srv'), { recursive: true });
    await run(['mount', '-t', 'tmpfs', 'tmpfs', join(work, 'out/srv')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'out/srv')])));
    const kept: string[] = [];
    await takeAll(work, { onNotTaken: (line) => void kept.push(line) });
    expect(kept).toEqual([
      expect.stringMatching(/^(srv|etc)\/\w+: it is another name of .* on another file system here$/),
    ]);
    const files = ['etc/first', 'srv/second'].filter((name) => existsSync(join(work, 'out', name)));
    expect(files.map((name) => textOf(join(work, 'out', name)))).toEqual(['content']);
    for (const name of ['etc/other', 'srv/other']) expect(textOf(join(work, 'out', name))).toBe(name);
    expect(leftovers(work)).toBe('');
  });

  it('names a folder that cannot be made on a file system that is read-only', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/file'), 'new');
    mkdirSync(join(work, 'media'));
    await run(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(work, 'media')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'media')])));
    const target = join(work, 'media/new/below');
    const failed = takeAll(work, { target });
    await expect(failed).rejects.toMatchObject({ code: 'EROFS', path: join(work, 'media/new') });
    expect(reportOf(await failed.catch((error: unknown) => error)).hint).toContain('read-only');
    const there = await takeAll(work, { target: join(work, 'media') }).catch(reportOf);
    expect(there).toMatchObject({ code: 'RK311', hint: expect.stringContaining('read-only') });
  });

  it('names a target that is a file (as the system does), or is not to be written (RK311)', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/file'), 'new');
    writeFileSync(join(work, 'out'), 'precious');
    await expect(takeAll(work)).rejects.toMatchObject({ code: 'EEXIST', path: join(work, 'out') });
    execFileSync('rm', [join(work, 'out')]);
    mkdirSync(join(work, 'out'));
    await run(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', join(work, 'out')]);
    onTestFinished(async () => void (await run(['umount', join(work, 'out')])));
    await expect(takeAll(work)).rejects.toMatchObject({ code: 'RK311', reason: expect.stringContaining('EROFS') });
  });
});
