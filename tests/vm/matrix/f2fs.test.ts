import { beforeAll, describe, expect, it } from 'vitest';
import type { F2fsResult } from '../lab/f2fs-entry.ts';
import { runInLab } from '../lab/lab.ts';

const diskMiB = 3072;
let result: F2fsResult;

beforeAll(async () => {
  result = (await runInLab({
    name: 'f2fs',
    entry: 'tests/vm/lab/f2fs-entry.ts',
    disks: [diskMiB, 256],
    seconds: 20 * 60,
  })) as F2fsResult;
}, 40 * 60_000);

/** This machine's kernel mounts none. */
describe('f2fs at another size, mounted [C2] [C5]', () => {
  it('holds its load at the smallest size, with room to live', () => {
    expect(result.shapes).toHaveLength(3);
    for (const { fills } of result.shapes)
      for (const { sizeBytes, freeBytes, tree } of fills) {
        expect(freeBytes).toBeGreaterThan(32 * 2 ** 20);
        if (sizeBytes < diskMiB * 2 ** 20) expect(sizeBytes, tree).toBeLessThan(700 * 2 ** 20);
        else expect(freeBytes, tree).toBeGreaterThan(2 * 2 ** 30);
      }
  });

  it('holds the same files, and is captured while it is mounted as it was made', () => {
    for (const { captured, made, differences } of result.shapes.flatMap(({ fills }) => fills)) {
      expect(differences).toBe('');
      expect(captured).toMatchObject({ ...made });
    }
  });
});

it('[C10] looks at one whose machine lost its power, and not a bit of it changes', () => {
  const { seen, digests, leftOpen } = result.look;
  expect(seen).toEqual(['kept']);
  expect(digests[1]).toBe(digests[0]);
  expect(leftOpen).toBe('');
});
