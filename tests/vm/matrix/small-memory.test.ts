import { beforeAll, describe, expect, it } from 'vitest';
import { runInLab } from '../lab/lab.ts';
import type { SmallMemoryResult } from '../lab/small-memory-entry.ts';

let result: SmallMemoryResult;

beforeAll(async () => {
  result = (await runInLab({
    name: 'small-memory',
    entry: 'tests/vm/lab/small-memory-entry.ts',
    disks: [160, 160],
    memory: 1024,
    seconds: 20 * 60,
  })) as SmallMemoryResult;
}, 40 * 60_000);

describe('[C3] LVM on LUKS2 whose passphrase took 1 GiB to check, in a machine that has no more', () => {
  it('takes a quarter of what is there, and says so before it begins', () => {
    const { memoryBytes, memoryKiB, warnings } = result;
    expect(memoryBytes).toBeLessThan(2 ** 30);
    expect(memoryKiB).toBe(Math.floor(memoryBytes / 4 / 1024));
    expect(warnings).toContainEqual(expect.stringMatching(/argon2id takes .* of memory instead of 1\.07 GB/));
  });

  it('is otherwise as it was, opens there, and holds the same files', () => {
    const { source, restored, phase, differences } = result;
    const withoutMemory = (facts: object): string => JSON.stringify(facts).replaceAll(/Memory:\s*\d+/g, 'Memory:');
    expect(withoutMemory(restored)).toBe(withoutMemory(source));
    expect(JSON.stringify(source)).toMatch(/Memory:\s*\d+/);
    expect(phase).toBe('restored');
    expect(differences.split('\n').filter((line) => line !== '' && !/^Only in \/mnt\/look/.test(line))).toEqual([]);
  });
});
