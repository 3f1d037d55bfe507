import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { inodeFlags, setInodeFlags } from '@rekindle/linux-syscalls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../../../build/temporary.ts';
import { leftovers, takeAll, textOf, treeOf, write } from './taking.ts';

describe('taking files out over a tree that is there', () => {
  it('[C13] keeps other files, replaces files, and gives folders what the set says of them', async () => {
    const work = await temporaryDirectory();
    for (const name of ['a/b/file', 'a/b/second']) write(join(work, 'source', name), `new ${name}`);
    const shell = [
      'chown 12:34 a/b; chmod 2751 a/b; setfattr -n user.note -v saved a/b; setfattr -n trusted.deep -v x a/b',
      'setfacl -m u:1234:rwx a; setfacl -d -m g:99:rx a; chown 5:6 a/b/file; chmod 4750 a/b/file; setcap cap_net_raw+ep a/b/second',
      'touch -d 2001-02-03T04:05:06.123456789 a/b; touch -d 2002-02-03T04:05:06.5 a; touch -d 1969-01-01 .',
    ];
    execFileSync('sh', ['-ec', shell.join('\n')], { cwd: join(work, 'source') });
    for (const name of ['a/b/file', 'a/b/stays', 'stays', 'a/other/stays']) write(join(work, 'out', name), 'old');
    symlinkSync('b', join(work, 'out/a/link'));
    linkSync(join(work, 'out/a/b/file'), join(work, 'out/another-name'));
    execFileSync('setfattr', ['-n', 'user.own', '-v', 'here', join(work, 'out/a/b')]);
    expect(await takeAll(work)).toBe(5);
    for (const name of ['a/b/stays', 'stays', 'a/other/stays', 'another-name'])
      expect(textOf(join(work, 'out', name))).toBe('old');
    expect(textOf(join(work, 'out/a/b/file'))).toBe('new a/b/file');
    expect(readlinkSync(join(work, 'out/a/link'))).toBe('b');
    execFileSync(
      'sh',
      [
        '-ec',
        'rm -r a/b/stays stays a/other another-name a/link; setfattr -x user.own a/b; touch -r ../source/a a; touch -r ../source/a/b a/b',
      ],
      {
        cwd: join(work, 'out'),
      },
    );
    expect(treeOf(join(work, 'out'))).toBe(treeOf(join(work, 'source')));
  });

  it('gives merged folders their times, to the nanosecond, after all that is put into them', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/a/b/file'), 'x');
    write(join(work, 'out/a/b/old'), 'x');
    execFileSync('touch', [
      '-d',
      '2001-02-03T04:05:06.123456789',
      ...['', 'a', 'a/b'].map((name) => join(work, 'source', name)),
    ]);
    await takeAll(work);
    for (const name of ['', 'a', 'a/b'])
      expect(lstatSync(join(work, 'out', name), { bigint: true }).mtimeNs).toBe(
        lstatSync(join(work, 'source', name), { bigint: true }).mtimeNs,
      );
  });

  it('leaves folders as they are that only lead to what is asked for', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/a/b/file'), 'x');
    execFileSync('chmod', ['700', join(work, 'source/a'), join(work, 'source/a/b')]);
    mkdirSync(join(work, 'out/a'), { recursive: true });
    execFileSync('chmod', ['711', join(work, 'out/a')]);
    await takeAll(work, { paths: ['/a/b/file'] });
    expect(statSync(join(work, 'out/a')).mode & 0o777).toBe(0o711);
    expect(textOf(join(work, 'out/a/b/file'))).toBe('x');
  });

  it('gives nothing of what a folder above passes on: its group, its default ACLs', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/a/file'), 'x');
    mkdirSync(join(work, 'out'));
    execFileSync('sh', ['-ec', 'chgrp 99 out; chmod 2770 out; setfacl -d -m u:1234:rwx out'], { cwd: work });
    await takeAll(work, { paths: ['/a'] });
    execFileSync('cp', ['-a', join(work, 'out/a'), join(work, 'taken')]);
    expect(treeOf(join(work, 'taken'))).toBe(treeOf(join(work, 'source/a')));
  });

  it('refuses a folder where a file is to be, a file where a folder is to be (RK374), before anything is changed', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/a-file'), 'new');
    write(join(work, 'source/name'), 'x');
    for (const path of ['name/inside', 'name/inside/deeper', '']) {
      const out = join(work, 'out');
      execFileSync('rm', ['-rf', out]);
      write(join(out, 'a-file'), 'old');
      if (path === '') mkdirSync(join(out, 'name'));
      else write(join(out, path), 'precious');
      await expect(takeAll(work)).rejects.toMatchObject({
        code: 'RK374',
        reason: expect.stringContaining('name is a folder there'),
      });
      expect(textOf(join(out, 'a-file'))).toBe('old');
      if (path !== '') expect(textOf(join(out, path))).toBe('precious');
    }
    execFileSync('sh', ['-ec', 'rm -r out source/name; mkdir -p source/name/below'], { cwd: work });
    write(join(work, 'out/name'), 'precious');
    await expect(takeAll(work)).rejects.toMatchObject({
      code: 'RK374',
      reason: expect.stringContaining('name is a file'),
    });
    expect(readdirSync(join(work, 'out'))).toEqual(['name']);
  });

  it('goes on past what cannot be replaced, names it, and cleans up', async () => {
    const work = await temporaryDirectory();
    for (const name of ['a', 'b', 'c']) write(join(work, 'source/d', name), 'new');
    write(join(work, 'out/d/b'), 'old');
    setInodeFlags(join(work, 'out/d/b'), inodeFlags.immutable);
    onTestFinished(() => setInodeFlags(join(work, 'out/d/b'), 0));
    const kept: string[] = [];
    await takeAll(work, { onNotTaken: (line) => void kept.push(line) });
    expect(kept).toEqual(['./d/b: what is there cannot be replaced (EPERM)']);
    expect(['a', 'b', 'c'].map((name) => textOf(join(work, 'out/d', name)))).toEqual(['new', 'old', 'new']);
    expect(leftovers(work)).toBe('');
    await expect(takeAll(work)).rejects.toMatchObject({
      code: 'RK311',
      reason: expect.stringMatching(/d\/b: what is there cannot be replaced.*The rest is there/),
    });
  });

  it('takes names of any bytes, and very many of them', async () => {
    const work = await temporaryDirectory();
    const odd = Buffer.concat([Buffer.from(`${work}/source/many/`), Buffer.from([0xff, 0x0a, 0x20, 0x2a])]);
    for (const where of ['source', 'out'])
      for (let index = 0; index < 3000; index += 1)
        write(join(work, where, `many/file-${index + (where === 'out' ? 1500 : 0)}`), where);
    write(odd, 'odd');
    mkdirSync(Buffer.concat([odd, Buffer.from('-folder\n')]));
    mkdirSync(
      Buffer.concat([
        Buffer.from(`${work}/out/many/`),
        Buffer.from([0xff, 0x0a, 0x20, 0x2a]),
        Buffer.from('-folder\n'),
      ]),
    );
    await takeAll(work);
    expect(readdirSync(join(work, 'out/many'))).toHaveLength(4502);
    expect(textOf(join(work, 'out/many/file-2999'))).toBe('source');
    expect(textOf(join(work, 'out/many/file-3000'))).toBe('out');
    expect(
      readdirSync(join(work, 'out/many'), 'buffer').some((name) => name.equals(Buffer.from([0xff, 0x0a, 0x20, 0x2a]))),
    ).toBe(true);
  });

  it('of a hard link brings the content, and no folder of its other name', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/a/b/first'), 'content');
    mkdirSync(join(work, 'source/z'));
    linkSync(join(work, 'source/a/b/first'), join(work, 'source/z/second'));
    const names = ['a/b/first', 'z/second'];
    for (const name of names) {
      execFileSync('rm', ['-rf', join(work, 'out')]);
      expect(await takeAll(work, { paths: [`/${name}`] })).toBe(1);
      expect(textOf(join(work, 'out', name))).toBe('content');
      expect(readdirSync(join(work, 'out'))).toEqual([name.slice(0, 1)]);
    }
    write(join(work, 'out/a/b/first'), 'mine');
    await takeAll(work, { paths: ['/z/second'] });
    expect(textOf(join(work, 'out/a/b/first'))).toBe('mine');
  });

  it('[C13] stops when it is told to (RK006), and leaves nothing behind', async () => {
    const work = await temporaryDirectory();
    write(join(work, 'source/large'), 'x'.repeat(3 << 20));
    const stop = new AbortController();
    const stopped = takeAll(work, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'RK006' });
    expect(readdirSync(join(work, 'out'))).toEqual([]);
  });
});
