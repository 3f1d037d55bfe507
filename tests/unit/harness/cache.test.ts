import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
});
