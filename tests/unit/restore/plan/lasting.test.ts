import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastingDigest } from '../../../../restore/plan/lasting.ts';
import { type PlanInput, planRestore } from '../../../../restore/plan/plan.ts';
import { reopenedPlan } from '../../../../restore/plan/reopen.ts';
import { biosGptMachine, targetDisk, uefiMachine } from './machines.ts';
import { inputOf, withRoot } from './part/scope-input.ts';
import { stacks } from './random-stacks.ts';

const digestOf = (input: PlanInput): string => lastingDigest(planRestore(input));

describe('[C10] a plan that is made again in the middle of its restore', () => {
  it('is the same whatever the disk holds by then, and whatever entries the firmware has', () => {
    for (const layout of [biosGptMachine(), uefiMachine()]) {
      const here = { firmware: layout.machine.firmware, bootEntries: [], partitionIds: [], memoryBytes: 2 ** 31 };
      const input = { ...inputOf(layout), here };
      const targets = input.targets.map(({ source, disk }) => ({
        source,
        disk: { ...disk, contents: ['ext4 "other" 5 GB'], partitions: [`${disk.path}1`, `${disk.path}2`] },
      }));
      const entry = { number: '0007', label: 'debian', ordered: true, partition: 'a', loader: '\\x' };
      const now = { ...here, bootEntries: [entry], partitionIds: [{ disk: '/dev/sdz', id: 'b' }] };
      expect(planRestore({ ...input, targets }).digest).not.toBe(planRestore(input).digest);
      expect(digestOf({ ...input, targets, here: now })).toBe(digestOf(input));
    }
  });

  it('is the same with less memory, and once its layers are opened instead of made', () => {
    fc.assert(
      fc.property(stacks, (layout) => {
        const input = inputOf(withRoot(layout), 2 ** 40);
        const withMemory = (memoryBytes: number): PlanInput => ({
          ...input,
          here: { firmware: 'bios', bootEntries: [], partitionIds: [], memoryBytes },
        });
        const whole = planRestore(withMemory(2 ** 36));
        const poor = planRestore(withMemory(2 ** 27));
        expect(lastingDigest(poor)).toBe(lastingDigest(whole));
        expect(lastingDigest(reopenedPlan(whole))).toBe(lastingDigest(whole));
      }),
      { numRuns: 60 },
    );
  });

  it('is another one on another disk, or at other sizes', () => {
    const input = inputOf(biosGptMachine());
    const [target] = input.targets;
    if (target === undefined) throw new Error('no target');
    const larger = { ...target, disk: targetDisk({ sizeBytes: target.disk.sizeBytes * 2 }) };
    const other = { ...target, disk: targetDisk({ serial: 'ANOTHER' }) };
    const all = [
      digestOf(input),
      digestOf({ ...input, targets: [larger] }),
      digestOf({ ...input, targets: [larger], sizes: { larger: 'fill' } }),
      digestOf({ ...input, targets: [other] }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
