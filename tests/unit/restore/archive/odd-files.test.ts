import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanEnvironment } from '../../../../common/run.ts';
import { makeSmallSet, type SmallSet } from '../../../fixtures/small-set.ts';

// What an ordinary user can make that tar cannot save: it is named and left out, the rest is saved.

const root = join(import.meta.dirname, '../../../..');
const nobody = 65534;
let work = '';
let source = '';
let home = '';
let holder: ChildProcess | undefined;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'odd-'));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', work]);
  source = join(work, 'source');
  home = join(source, 'home');
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o777);
  writeFileSync(join(source, 'last'), 'saved');
});
afterEach(() => {
  holder?.kill('SIGKILL');
  holder = undefined;
  execFileSync('umount', ['--lazy', work]);
  rmSync(work, { recursive: true, force: true });
});

/** By a user without rights. */
function asUser(script: string, options: { at?: string } = {}): void {
  execFileSync('python3', ['-c', script], {
    cwd: options.at ?? home,
    env: cleanEnvironment,
    uid: nobody,
    gid: nobody,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const warnings: string[] = [];

async function save(snapshot = true): Promise<SmallSet> {
  warnings.length = 0;
  const onWarning = (warning: string): void => void warnings.push(warning);
  const kept = snapshot ? { snapshot: { base: null, output: join(work, 'snar') } } : {};
  return makeSmallSet({
    work: join(work, 'set'),
    trees: [{ source, mountPoint: '/', node: 'disk0:1', onWarning, ...kept }],
  });
}

function rekindle(...args: readonly string[]): string {
  const argv = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

const deep = (levels: number, name: string) => `
import os
for _ in range(${levels}):
    os.mkdir('${name}')
    fd = os.open('${name}', os.O_RDONLY)
    os.fchdir(fd)
    os.close(fd)
open('file', 'w').write('deep')
`;

describe('a path that is longer than the kernel takes', () => {
  it.each([
    [2100, 'd'],
    [40, 'n'.repeat(250)],
  ])('%i folders deep: what lies beyond is named, all else is saved', async (levels, name) => {
    asUser(deep(levels, name));
    const set = await save();
    const [archive] = set.archives;
    expect(archive?.leftOut).toBeGreaterThan(0);
    expect(archive?.snapshot).toBeDefined();
    expect(warnings).toEqual([expect.stringMatching(/^\/: .*not saved.*File name too long/)]);
    const directory = set.directory(1);
    expect(rekindle('list', directory)).toMatch(/not saved: File name too long/);
    expect(rekindle('list', directory, '--path', '/last')).toContain('/last');
    rekindle('verify', directory);
  });
});

describe('a file on which its owner holds a lease', () => {
  it('is named; no snapshot says that it was saved', async () => {
    writeFileSync(join(home, 'leased'), 'x');
    execFileSync('chown', [String(nobody), join(home, 'leased')]);
    const script = `
import fcntl, os, signal, time
signal.signal(signal.SIGIO, signal.SIG_IGN)
fcntl.fcntl(os.open('leased', os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('held', flush=True)
time.sleep(600)`;
    holder = spawn('python3', ['-c', script], {
      cwd: home,
      env: cleanEnvironment,
      uid: nobody,
      gid: nobody,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (holder.stdout) await once(holder.stdout, 'data');
    const [archive] = (await save()).archives;
    expect(archive).toMatchObject({ leftOut: 1 });
    expect(archive?.snapshot).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('./home/leased: not saved: Resource temporarily unavailable')]);
  });
});
