import { describe, expect, it } from 'vitest';
import { planRestore } from '../../../../restore/plan/plan.ts';
import type { Plan, Sizes } from '../../../../restore/plan/step.ts';
import { biosMachine, manifestOf, savedBytes, setOf, targetDisk, uefiMachine } from './machines.ts';

function planOf(sizeBytes: number, sizes?: Sizes, layout = uefiMachine()): Plan {
  return planRestore({
    set: setOf(layout),
    manifest: manifestOf(layout),
    layout,
    targets: [{ source: 'disk0', disk: targetDisk({ sizeBytes }) }],
    ...(sizes === undefined ? {} : { sizes }),
  });
}

const sum = (parts: readonly { bytes: number }[]): number => parts.reduce((all, { bytes }) => all + bytes, 0);

describe('[C4] [C5] a plan shows each disk as it was and as it will be', () => {
  it('names the parts in their order, what is free too, and nothing is more than the disk', () => {
    const [picture] = planOf(2 * savedBytes).pictures ?? [];
    expect(picture?.source).toBe('disk0');
    expect(picture?.before.parts.map(({ name }) => name)).toEqual(['/boot/efi', 'swap', '/']);
    expect(picture?.after.parts.map(({ name }) => name)).toEqual(['/boot/efi', 'swap', '/', '']);
    for (const { sizeBytes, parts } of [picture?.before, picture?.after].filter((each) => each !== undefined))
      expect(sum(parts)).toBeLessThanOrEqual(sizeBytes);
    expect(picture?.after.sizeBytes).toBe(2 * savedBytes);
  });

  it('shows what grew where the whole disk is used', () => {
    const [picture] = planOf(2 * savedBytes, { larger: 'fill' }).pictures ?? [];
    const [before, after] = [picture?.before, picture?.after].map((each) =>
      each?.parts.find(({ name }) => name === '/'),
    );
    expect(after?.bytes).toBeGreaterThan(before?.bytes ?? 0);
    expect(picture?.after.parts.map(({ name }) => name)).toEqual(['/boot/efi', 'swap', '/']);
  });

  it('shows logical partitions, not the extended one around them', () => {
    const [picture] = planOf(savedBytes, undefined, biosMachine()).pictures ?? [];
    const names = picture?.before.parts.map(({ name }) => name) ?? [];
    expect(names).toEqual(['/boot', 'swap', '/', '/home', '']);
    expect(sum(picture?.before.parts ?? [])).toBeLessThanOrEqual(savedBytes);
  });
});

describe('[C5] sizes that a person asks for', () => {
  it('names what can have another size, with its limits, and keeps boot partitions out of it', () => {
    const plan = planOf(savedBytes);
    expect(plan.adjustable?.map(({ node, name }) => [node, name])).toEqual([
      ['disk0:2', 'swap disk0:2'],
      ['disk0:3', '/'],
    ]);
    const root = plan.adjustable?.find(({ name }) => name === '/');
    expect(root?.planned).toBe(root?.saved);
    expect(root?.minimum).toBeGreaterThan(root?.holds ?? 0);
    expect(root?.maximum ?? Number.POSITIVE_INFINITY).toBeGreaterThan(root?.saved ?? 0);
  });

  it('takes a wish between the limits, and the plan says what was asked for', () => {
    const root = planOf(savedBytes).adjustable?.find(({ name }) => name === '/');
    const wish = Math.ceil((root?.minimum ?? 0) / 2 ** 20) * 2 ** 20;
    const sizes = { wishes: { 'disk0:3': wish } };
    const plan = planOf(savedBytes, sizes);
    expect(plan.adjustable?.find(({ name }) => name === '/')?.planned).toBe(wish);
    expect(plan.asked).toEqual(sizes);
    expect(() => planOf(savedBytes, { wishes: { 'disk0:3': wish - 2 ** 21 } })).toThrow('size that was asked for');
  });
});
