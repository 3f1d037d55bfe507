import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rekindle-cache-'));
  vi.stubEnv('REKINDLE_CACHE', directory);
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

describe('the cache of built images', () => {
  it('is filled once by two that want the same at the same time', async () => {
    const { cached } = await import('../../vm/harness/cache.ts');
    let times = 0;
    const make = async (file: string): Promise<void> => {
      times += 1;
      await sleep(200);
      writeFileSync(file, 'made');
    };
    const [one, other] = await Promise.all([cached('image', 1, make), cached('image', 1, make)]);
    expect(one).toBe(other);
    expect(times).toBe(1);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('does not wait for what was killed', async () => {
    const { cached } = await import('../../vm/harness/cache.ts');
    const file = await cached('image', 1, async (part) => writeFileSync(part, 'made'));
    rmSync(file);
    // No process has this number: it is above what the kernel gives.
    writeFileSync(`${file}.lock`, '99999999');
    expect(await cached('image', 1, async (part) => writeFileSync(part, 'again'))).toBe(file);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('forgets what was made under a name long ago, with what lies beside it, and nothing else', async () => {
    const { forgetOlder } = await import('../../vm/harness/cache.ts');
    const key = '0123456789abcdef';
    const old = [`sid.img-${key}`, `sid.img-${key}.volume-1.iso`];
    const kept = [`sid.img-fedcba9876543210`, `sid.img.other-${key}`, `sid_img-${key}`, `more-sid.img-${key}`, 'logs'];
    for (const name of [...old, ...kept]) writeFileSync(join(directory, name), '');
    const at = (hours: number): Date => new Date(Date.UTC(2030, 0, 1, hours));
    for (const name of old) utimesSync(join(directory, name), at(0), at(0));
    for (const name of kept) utimesSync(join(directory, name), at(0), at(name.startsWith('sid.img-') ? 40 : 0));
    await forgetOlder('sid.img', at(36));
    expect(readdirSync(directory).toSorted()).toEqual(kept.toSorted());
  });
});
