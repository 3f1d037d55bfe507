import { expect, it } from 'vitest';
import { measureFrames, measureIndex, measureSave, measureVerify } from './measure.ts';

/** Of the whole process tree. */
const limit = 300e6;

it('[B7] a stream of 64 GiB that nothing compresses is saved in less than 300 MB', async () => {
  const { peakBytes, result } = await measureSave(64);
  expect(peakBytes).toBeLessThan(limit);
  expect(result.frames).toBeGreaterThanOrEqual(64 * 256);
});

it('[C15] and verified in less than 300 MB', async () => {
  const { peakBytes, result } = await measureVerify(64);
  expect(peakBytes).toBeLessThan(limit);
  expect(result.frames).toBe(64 * 256);
});

it('[B7] [C15] a million frames are written, and verified with their tables, in less than 300 MB', async () => {
  for (const { peakBytes, result } of await measureFrames(1_000_000)) {
    expect(peakBytes).toBeLessThan(limit);
    expect(result.frames).toBe(1_000_000);
  }
});

it('[B12] an index of five million members has less than 250 MB, and is built and read in less than 300 MB', async () => {
  const { rows, bytes } = await measureIndex(5_000_000);
  expect(bytes).toBeLessThan(250e6);
  for (const { peakBytes } of rows) expect(peakBytes).toBeLessThan(limit);
});
