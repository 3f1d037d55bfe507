import { describe, expect, it } from 'vitest';
import { keepPlaceOf } from '../../../../restore/execute/keep-place.ts';
import { reopenedPlan } from '../../../../restore/plan/reopen.ts';
import type { Action, Plan, Step } from '../../../../restore/plan/step.ts';
import { sampleSet } from '../../../fixtures/small-set.ts';
import { targetDisk } from '../plan/machines.ts';

interface Mounted {
  device: string;
  at: string;
  type: string;
}

function step(id: string, actions: Action[] = []): Step {
  return { id, title: id, target: '', destroys: null, weightBytes: 0, actions };
}

/** A plan that fills and mounts these, the outermost first. */
function planOf(layers: readonly string[], mounted: readonly Mounted[], reopen?: Plan['reopen']): Plan {
  const mounting = mounted.flatMap(({ device, at, type }): Action[] => [
    { type: 'run', argv: ['mount', '-t', type, '-o', 'noatime', device, `/mnt/target${at}`] },
    { type: 'assert-mounted', device, at: `/mnt/target${at}`, uuid: null },
  ]);
  const fill = mounted.map(({ device }) =>
    step(`extract:${device}`, [{ type: 'extract', archive: 'a', at: '/mnt/alone/x', device }]),
  );
  return {
    ...{ set: sampleSet, digest: '', warnings: [], targets: [{ source: 'disk0', disk: targetDisk() }] },
    steps: [...layers.map((id) => step(id)), ...fill, step('mount:target', mounting)],
    ...(reopen === undefined ? {} : { reopen }),
  };
}

const reopen = { steps: [step('open:luks:disk0:3')], secrets: [] };
const root = { device: '/dev/vda2', at: '', type: 'ext4' };
const layeredRoot = { device: '/dev/mapper/vg0-root', at: '', type: 'ext4' };
const boot = { device: '/dev/vda2', at: '/boot', type: 'ext4' };
const esp = { device: '/dev/vda1', at: '/boot/efi', type: 'vfat' };

describe('[C10] where a restore is remembered', () => {
  it('is / where that is on a partition, /boot where / lies on layers', () => {
    expect(keepPlaceOf(planOf([], [root]))).toMatchObject({ device: '/dev/vda2', filledBy: ['extract:/dev/vda2'] });
    const layered = planOf(['luks:disk0:3', 'group:vg0'], [layeredRoot, boot, esp], reopen);
    const place = { device: '/dev/vda2', mount: ['mount', '-t', 'ext4', '-o', 'noatime'] };
    expect(keepPlaceOf(layered)).toMatchObject(place);
    expect(keepPlaceOf(reopenedPlan(layered))).toMatchObject(place);
  });

  it('is nowhere where all lies on layers or on FAT, or nothing says how they are opened', () => {
    expect(keepPlaceOf(planOf(['luks:disk0:3'], [layeredRoot, esp], reopen))).toBeNull();
    expect(keepPlaceOf(planOf(['luks:disk0:3'], [layeredRoot, boot]))).toBeNull();
    expect(keepPlaceOf(planOf(['md:0'], [{ ...root, device: '/dev/md/boot' }], reopen))).toBeNull();
  });
});
