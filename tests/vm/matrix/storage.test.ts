import { beforeAll, describe, expect, it } from 'vitest';
import { runInLab } from '../lab/lab.ts';
import { recipes } from '../lab/stacks.ts';
import type { StackResult } from '../lab/storage-entry.ts';

/** The lab's disks boot nothing, and its plans have archives of mounted file systems only. */
const ofTheLab = /no GRUB in a boot sector|has no files in the set/;

let results: StackResult[] = [];

beforeAll(async () => {
  const disks = Array.from({ length: 8 }, () => 160);
  results = (await runInLab({
    name: 'storage',
    entry: 'tests/vm/lab/storage-entry.ts',
    disks,
    seconds: 55 * 60,
  })) as StackResult[];
});

function resultOf(name: string): StackResult {
  const result = results.find((each) => each.name === name);
  if (result === undefined) throw new Error(`the lab says nothing of ${name}`);
  return result;
}

describe('stacks of storage, restored onto other disks with the old ones attached [C3] [C6]', () => {
  for (const recipe of recipes) {
    it(`${recipe.name}: blank disks`, () => {
      const { error, log, blank, source, leftOpen } = resultOf(recipe.name);
      expect(error === null ? null : `${error}\n${log.join('\n')}`).toBeNull();
      expect(Object.keys(source).length).toBeGreaterThan(3);
      expect(blank).toEqual(source);
      expect(leftOpen).toEqual([]);
    });

    it(`${recipe.name}: disks that hold the same storage, open`, () => {
      const { source, dirty } = resultOf(recipe.name);
      expect(dirty).toEqual(source);
    });

    it(`[C12] ${recipe.name}: files only and boot loader only open what is there, and close it`, () => {
      const { parts, leftOpen } = resultOf(recipe.name);
      expect(parts.toSorted()).toEqual(Object.keys(recipe.mounts).toSorted());
      expect(leftOpen).toEqual([]);
    });

    it(`${recipe.name}: the old disks are unchanged, and the plan says what is lost`, () => {
      const { digests, warnings } = resultOf(recipe.name);
      expect(digests[0]).toHaveLength(recipe.disks);
      expect(digests[1]).toEqual(digests[0]);
      for (const pattern of recipe.warns) expect(warnings).toContainEqual(expect.stringMatching(pattern));
      if (recipe.warns.length === 0) expect(warnings.filter((text) => !ofTheLab.test(text))).toEqual([]);
    });
  }
});
