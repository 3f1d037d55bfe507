import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markOf } from '../../../build/process-mark.ts';
import { beginStored, finishStored, readStored, removeStored } from '../../../build/snapshots/store.ts';
import { failAtEach, fillAtEach } from '../../faults/full.ts';
import { changesUntil, killAtEach } from '../../faults/kill.ts';
import { type Lab, makeLab, removeLab } from '../../faults/lab.ts';
import { goneMark } from './gone-mark.ts';
import { temporaryDirectory } from './temporary.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await makeLab();
});
afterAll(() => removeLab(lab));

/** A few of the points that tests/faults takes all of. */
describe('create, stopped by force', () => {
  it('[B7] [C15] killed before the calls that give names: no half set, and the next run clears up', async () => {
    const { changes } = await changesUntil(lab, 0);
    const named = changes.flatMap((call, index) => (call === 'rename' ? [index + 1] : []));
    expect(named.length).toBeGreaterThanOrEqual(5);
    const ends = [2, 60, ...named.slice(-4), changes.length];
    expect(await killAtEach(lab, ends)).toEqual([]);
  }, 600_000);

  it('[B7] on a disk that is full, or has no room for another file: a clear error, and nothing is left', async () => {
    const limits = [{ size: 7 << 20 }, { size: 11 << 20 }, { files: 14 }, { files: 30 }];
    expect(await fillAtEach(lab, limits)).toEqual({ wrong: [], good: 0 });
  }, 600_000);

  it('[B7] when the second volume cannot have its name, the set of before is there again', async () => {
    // Report, index and snapshot have theirs before.
    expect(await failAtEach(lab, 'rename', 'ENOSPC', [5])).toEqual([]);
  }, 600_000);
});

describe('the snapshots of a set that is too old', () => {
  it('[B10] go under another name first: half of one is none', async () => {
    const store = await temporaryDirectory();
    const set = '00000000-0000-4000-8000-000000000001';
    const part = await beginStored(store, set);
    await writeFile(join(part, 'x.snar'), 'x');
    const fileSystems = [{ mountPoint: '/', fileSystem: 'u', snapshot: 'x.snar' }];
    const createdAt = '2026-11-01T02:00:00.000Z';
    await finishStored(store, part, { set, createdAt, level: 0, base: null, machineId: 'm', fileSystems });
    await removeStored(store, [set]);
    expect(await readStored(store)).toEqual([]);
    // What a killed run leaves of it is neither a set nor in the way of one.
    await rename(await beginStored(store, set), join(store, `${set}.${goneMark()}.part`));
    expect(await readStored(store)).toEqual([]);
    expect(await beginStored(store, set)).toBe(join(store, `${set}.${markOf(process.pid)}.part`));
  });
});
