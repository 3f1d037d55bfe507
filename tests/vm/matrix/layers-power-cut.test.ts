import { beforeAll, describe, expect, it } from 'vitest';
import { runInLab } from '../lab/lab.ts';
import type { CutResult } from '../lab/layers-power-cut-entry.ts';

let result: CutResult;

beforeAll(async () => {
  result = (await runInLab({
    name: 'layers-power-cut',
    entry: 'tests/vm/lab/layers-power-cut-entry.ts',
    disks: [160, 160],
    seconds: 20 * 60,
  })) as CutResult;
}, 40 * 60_000);

describe('[C10] a power cut while LVM on LUKS is restored, /boot on a partition', () => {
  it('is found on /boot, and the passphrase is asked for again', () => {
    const { failure, continueAt, wanted, refusals } = result;
    expect({ failure, continueAt }).toEqual({ failure: 'RK468', continueAt: 'pass the obstacle' });
    expect(wanted).toHaveLength(1);
    expect(refusals).toEqual(['RK426', 'RK488']);
  });

  it('makes no layer and no partition again, and fills what was not filled', () => {
    const { before, after } = result;
    expect(before.filter((title) => title.startsWith('make ')).length).toBeGreaterThan(4);
    expect(after.filter((title) => /^(make|partition|wipe|clear)/.test(title))).toEqual([]);
    expect(after.filter((title) => title.startsWith('open '))).toHaveLength(2);
    const filled = (titles: readonly string[]): string[] => titles.filter((title) => /files/.test(title));
    expect(filled(before).length).toBe(1);
    expect(filled(after).length).toBeGreaterThan(0);
  });

  it('ends as it would have: the same storage, the same files, nothing open', () => {
    const { source, restored, phase, mounted, leftOpen, differences } = result;
    expect({ phase, mounted }).toEqual({ phase: 'restored', mounted: true });
    expect(restored).toEqual(source);
    expect(leftOpen).toEqual([]);
    expect(differences.split('\n').filter((line) => line !== '' && !/^Only in \/mnt\/look/.test(line))).toEqual([]);
    expect(differences).not.toContain('.rekindle-restore');
  });
});
