import { beforeAll, expect, it } from 'vitest';
import { runInLab } from '../lab/lab.ts';
import type { MarkerResult } from '../lab/marker-entry.ts';

let results: MarkerResult[] = [];

beforeAll(async () => {
  results = (await runInLab({
    name: 'marker',
    entry: 'tests/vm/lab/marker-entry.ts',
    disks: [400, 400],
    seconds: 20 * 60,
  })) as MarkerResult[];
}, 40 * 60_000);

it('[C14] sees that a disk was restored through mirrors and volumes, opens none, and changes not a bit', () => {
  expect(results.length).toBeGreaterThan(10);
  for (const { name, found, told, digests, left } of results) {
    const seen = name.startsWith('nothing') ? null : '11111111-2222-4333-8444-555555555555';
    expect({ name, found, told, left }).toEqual({ name, found: seen, told: [], left: '' });
    expect(digests[1], name).toBe(digests[0]);
  }
});
