import { expect, it } from 'vitest';
import { runInLab } from '../lab/lab.ts';
import type { SnapshotsResult } from '../lab/snapshots-entry.ts';

it('[B9] what lies on LVM is saved from snapshots of one moment, which always go again', async () => {
  const result = (await runInLab({
    name: 'snapshots',
    entry: 'tests/vm/lab/snapshots-entry.ts',
    disks: [1400],
    seconds: 15 * 60,
  })) as SnapshotsResult;
  expect(result).toEqual({
    seen: { ext: 'before', xfs: 'before', thin: 'before' },
    warnings: [],
    names: { frozen: 3, after: 0, stale: 1, swept: 0 },
    overflow: 'RK373',
  });
});
