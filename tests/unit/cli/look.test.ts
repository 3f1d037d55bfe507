import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSetsToLookInto, rekindle, root, type SetsToLookInto } from '../../fixtures/sets-to-look-into.ts';
import type { SmallSet } from '../../fixtures/small-set.ts';

let sets: SetsToLookInto;
let work = '';
let plain: SmallSet;
let locked: SmallSet;
let iso = '';
beforeAll(async () => {
  sets = await makeSetsToLookInto();
  ({ work, plain, locked, iso } = sets);
});
afterAll(() => sets.remove());

describe('rekindle list', () => {
  it('says what a set is, from an ISO that nobody mounted', () => {
    const { out, code, err } = rekindle(['list', iso]);
    expect(code, err).toBe(0);
    expect(out).toMatch(/web01, Debian 12, saved 2026-11-20/);
    expect(out).toMatch(/\/home +\S+ \w+ in/);
  });

  it('[C13] lists a folder with owners, times and odd names; the file system below it too', () => {
    const { out } = rekindle(['list', plain.directory(1), '--path', '/etc']);
    expect(out).toMatch(/^- 0644 +12:34 +10 2001-02-03 04:05 \/etc\/(hosts|ssh\/linked)$/m);
    expect(out).toContain('/etc/line\\nbreak\n');
    expect(out).toContain('/etc/alias -> hosts\n');
    const home = rekindle(['list', plain.directory(1), '--path', '/home']).out;
    expect(home).toContain('/home/anna/letter');
    expect(home.match(/ \/home\/?$/gm)).toHaveLength(1);
  });

  it('names a path that is not there (RK317), a place without a set (RK302)', () => {
    expect(rekindle(['list', iso, '--path', '/nowhere'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('RK317'),
    });
    expect(rekindle(['list', work])).toMatchObject({ code: 5, err: expect.stringContaining('RK302') });
  });
});

describe('rekindle extract', () => {
  it('[C13] takes a file with owner, time and attributes; of a hard link the content, not the other name', () => {
    const names = ['etc/hosts', 'etc/ssh/linked'];
    for (const [index, name] of names.entries()) {
      const to = join(work, `taken-${index}`);
      const { code, err } = rekindle(['extract', iso, '--path', `/${name}`, '--path', '/home/anna', '--to', to]);
      expect(code, err).toBe(0);
      expect(readFileSync(join(to, name), 'utf8')).toBe('127.0.0.1\n');
      const mtimeMs = Date.UTC(2001, 1, 3, 4, 5, 6);
      expect(statSync(join(to, name))).toMatchObject({ uid: 12, gid: 34, nlink: 1, mtimeMs });
      expect(() => statSync(join(to, names[1 - index] ?? ''))).toThrow();
      expect(execFileSync('getfattr', ['-d', join(to, name)], { encoding: 'utf8' })).toContain('user.note="hi"');
      expect(readFileSync(join(to, 'home/anna/letter'), 'utf8')).toBe('letter\n');
    }
  });

  it('names the path of several that the set lacks, before anything is written', () => {
    const to = join(work, 'nothing');
    const args = ['extract', iso, '--path', '/etc/hosts', '--path', '/etc/host', '--path', '/big/', '--to', to];
    expect(rekindle(args)).toMatchObject({ code: 1, err: expect.stringMatching(/Why: +\/etc\/host\n.*RK317/s) });
    expect(() => statSync(to)).toThrow();
  });

  it('onto a file says what it is, not that a larger disk is needed', () => {
    const to = join(work, 'root/etc/hosts');
    const { code, err } = rekindle(['extract', iso, '--path', '/etc/hosts', '--to', to]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/file already exists.*RK495/s) });
  });

  it('[B11] [C13] from an encrypted set in volumes: the passphrase comes by a file descriptor', () => {
    expect(locked.volumes).toBeGreaterThan(2);
    const volumes = Array.from({ length: locked.volumes }, (_, index) => locked.directory(index + 1));
    const to = join(work, 'unlocked');
    const args = ['extract', ...volumes, '--path', '/big', '--to', to, '--passphrase-fd', '3'];
    expect(rekindle(args, { passphrase: 'wrong' })).toMatchObject({ code: 6, err: expect.stringContaining('RK320') });
    const { code, err } = rekindle(args, { passphrase: 'correct horse' });
    expect(code, err).toBe(0);
    execFileSync('cmp', [join(to, 'big'), join(work, 'root/big')]);
    const without = rekindle(['extract', ...volumes.slice(1), '--path', '/big', '--to', to, '--passphrase-fd', '3'], {
      passphrase: 'correct horse',
    });
    expect(without).toMatchObject({ code: 5, err: expect.stringContaining('RK314') });
  });

  it('works for an ordinary user: owners do not come back, all else does', ({ skip }) => {
    const uid = 65_534;
    const to = join(work, 'ordinary');
    mkdirSync(to);
    execFileSync('sh', ['-ec', `chown ${uid} ${to}; chmod 755 ${work}; mkdir ${to}/etc; chown ${uid} ${to}/etc`]);
    const isReachable = spawnSync('test', ['-r', join(root, 'rekindle.ts')], { uid }).status === 0;
    if (!isReachable || spawnSync(process.execPath, ['--version'], { uid }).status !== 0)
      return skip('others may not read this checkout');
    const args = ['extract', iso, '--path', '/etc', '--to', to];
    for (let round = 0; round < 2; round += 1) {
      const { code, err } = rekindle(args, { uid });
      expect({ code, lines: err.split('\n') }).toEqual({ code: 0, lines: [expect.stringContaining('Not root'), ''] });
    }
    // The folder itself is root's: what is said once is all there is to say.
    const others = join(work, 'of-others');
    mkdirSync(others);
    execFileSync('chmod', ['1777', others]);
    expect(rekindle(['extract', iso, '--path', '/', '--to', others], { uid })).toMatchObject({ code: 0 });
    expect(statSync(join(to, 'etc/hosts'))).toMatchObject({ uid, mtimeMs: Date.UTC(2001, 1, 3, 4, 5, 6) });
    expect(execFileSync('getfattr', ['-d', join(to, 'etc/hosts')], { encoding: 'utf8' })).toContain('user.note="hi"');
    expect(statSync(join(to, 'etc/hosts')).ino).toBe(statSync(join(to, 'etc/ssh/linked')).ino);
    expect(readdirSync(to)).toEqual(['etc']);
  });

  it('that is told to stop leaves nothing of its own behind (RK006)', async () => {
    const to = join(work, 'stopped');
    mkdirSync(to);
    const words = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts')];
    const args = ['extract', plain.directory(1), '--path', '/', '--to', to];
    const child = spawn(process.execPath, [...words, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    child.stderr.on('data', (text) => {
      err += String(text);
    });
    const ended = once(child, 'close');
    const seen = watch(to);
    await once(seen, 'change');
    seen.close();
    child.kill('SIGTERM');
    const [code, signal] = await ended;
    // It may have been done by then, or just about to leave: Node no longer catches signals there.
    if (code !== 0 && signal === null) expect(err).toContain('RK006');
    expect(readdirSync(to).filter((name) => name.startsWith('.rekindle'))).toEqual([]);
  });
});
