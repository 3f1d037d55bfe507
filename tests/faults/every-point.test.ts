import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failAtEach, fillAtEach } from './full.ts';
import { changesUntil, killAtEach } from './kill.ts';
import { type Lab, makeLab, removeLab, traced } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await makeLab();
});
afterAll(() => removeLab(lab));

const upTo = (count: number, from = 1, step = 1): number[] =>
  Array.from({ length: Math.ceil((count - from + 1) / step) }, (_, index) => from + index * step);

it('[B7] [C15] create killed before every write, rename and other change in turn', async () => {
  const { changes, output } = await changesUntil(lab, 0);
  expect(output).toMatch(/^result /);
  expect(changes.length).toBeGreaterThan(250);
  expect(await killAtEach(lab, upTo(changes.length))).toEqual([]);
});

it('[B7] ENOSPC at every write in turn: the disk ends after each 64 KiB of what is needed', async () => {
  const limits = upTo(20 << 20, 1 << 20, 64 << 10).map((size) => ({ size }));
  const { wrong, good } = await fillAtEach(lab, limits);
  expect(wrong).toEqual([]);
  // The last ones are large enough: the loop went over all that is needed.
  expect(good).toBeGreaterThan(5);
});

it('[B7] ENOSPC at every file in turn', async () => {
  const { wrong, good } = await fillAtEach(
    lab,
    upTo(70, 4).map((files) => ({ files })),
  );
  expect(wrong).toEqual([]);
  expect(good).toBeGreaterThan(5);
});

it.each([
  ['rename', 'ENOSPC', 8],
  ['link', 'EPERM', 2],
  ['fsync', 'EIO', 22],
  ['fsync', 'ENOSPC', 22],
  ['copy_file_range', 'EIO', 10],
  ['ftruncate', 'ENOSPC', 12],
])('[B7] %s fails with %s, each in turn', async (call, error, count) => {
  expect(await failAtEach(lab, call, error, upTo(count))).toEqual([]);
});

it.each([1, 2, 3])('[B7] fdatasync %i of a large file fails with EIO, while more is being written', async (when) => {
  const argv = [process.execPath, join(import.meta.dirname, 'write-child.ts'), join(lab.directory, 'full')];
  const inject = `inject=fdatasync:error=EIO:when=${when}`;
  const { output } = await traced(argv, ['--seccomp-bpf', '-e', 'trace=fdatasync', '-e', inject]);
  expect(output).toBe('failed EIO\n');
});
