import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import type { Proof } from '../../../restore/proof/proof-schema.ts';

const root = join(import.meta.dirname, '../../..');
let work = '';
let mounted = '';
let loop = '';

function rekindle(...args: string[]) {
  const argv = ['--disable-warning=ExperimentalWarning', join(root, 'rekindle.ts'), 'prove', ...args];
  const done = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-prove-'));
  mounted = join(work, 'system');
  mkdirSync(mounted);
  await run(['truncate', '-s', '16M', join(work, 'image')]);
  await run(['mke2fs', '-q', '-t', 'ext4', '-U', 'aaaaaaaa-0000-4000-8000-000000000001', join(work, 'image')]);
  loop = (await run(['losetup', '--show', '-f', join(work, 'image')])).stdout.trim();
  await run(['mount', loop, mounted]);
  mkdirSync(join(mounted, 'etc'));
  writeFileSync(join(mounted, 'etc/fstab'), 'UUID=aaaaaaaa-0000-4000-8000-000000000001 / ext4 defaults 0 1\n');
});
afterAll(async () => {
  await run(['umount', mounted], { okExit: [0, 32] });
  await run(['losetup', '-d', loop]);
  rmSync(work, { recursive: true });
});

describe('[C11] rekindle prove', () => {
  it('looks at a mounted system and ends with 3 when it will not boot', () => {
    const { code, out } = rekindle('--root', mounted, '--firmware', 'bios');
    expect(code).toBe(3);
    expect(out).toMatch(/^proven {3}\/ in \/etc\/fstab is the restored file system$/m);
    expect(out).toMatch(/^FAILED {3}the first program of the system is there\n.*does not exist.*\n +Next: /m);
    expect(out).toMatch(/will probably not boot\.\n$/);
  });

  it('gives the same as JSON', () => {
    const { code, out } = rekindle('--root', mounted, '--json');
    const proofs = JSON.parse(out) as Proof[];
    expect(code).toBe(3);
    expect(proofs.find(({ id }) => id === 'fstab-root')).toMatchObject({ result: 'pass', hint: null });
    expect(proofs.find(({ id }) => id === 'init')).toMatchObject({ result: 'fail', stopsBoot: true });
  });

  it('refuses a directory where nothing is mounted, and a disk that is not there', () => {
    expect(rekindle('--root', work)).toMatchObject({ code: 5, err: expect.stringContaining('RK480') });
    expect(rekindle('--root', join(work, 'none')).err).toContain('RK480');
    expect(rekindle('--root', mounted, '--disk', '/dev/none').err).toContain('RK481');
    expect(rekindle().code).toBe(2);
  });
});
