import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isContainer } from '../../../../../restore/layout/content.ts';
import type { Layout } from '../../../../../restore/layout/schema.ts';
import type { Found } from '../../../../../restore/plan/part/found.ts';
import { planPart } from '../../../../../restore/plan/part/scope.ts';
import { planRestore } from '../../../../../restore/plan/plan.ts';
import { stacks } from '../random-stacks.ts';
import { ids, inputOf, withRoot } from './scope-input.ts';

/** Whole disks, and what blkid says of those that layers lie on. */
function disksWithMembers(layout: Layout): Map<string, Found> {
  const types: Record<string, string> = {
    'array-member': 'linux_raid_member',
    luks: 'crypto_LUKS',
    'group-member': 'LVM2_member',
  };
  return new Map(
    inputOf(layout).targets.map(({ source, disk }) => {
      const node = layout.nodes.find(({ origin }) => origin.type === 'disk' && origin.disk === source);
      return [disk.path, { type: types[node?.content?.kind ?? ''] ?? null, uuid: null, sizeBytes: 2 ** 40 }] as const;
    }),
  );
}

describe('[C12] files and boot loader on layers', () => {
  const scopes = fc.constantFrom('files' as const, 'boot-loader' as const);
  const layered = stacks
    .map(withRoot)
    .filter(({ nodes }) => nodes.some(({ content }) => content && isContainer(content)));

  it('open what is there before the file systems are compared, make nothing of it, and close it last', () => {
    let opened = 0;
    fc.assert(
      fc.property(layered, scopes, (layout, scope) => {
        const input = inputOf(layout, 2 ** 40);
        const whole = planRestore(input);
        const plan = planPart(input, scope);
        const made = ids(whole).filter((id) => /^(md|luks|group):/.test(id));
        const empty = made.filter((id) => !ids(plan).includes(`open:${id}`));
        // Only an encryption that nothing lies on.
        expect(
          empty.every(
            (id) => !layout.nodes.some(({ origin }) => origin.type === 'crypt' && id === `luks:${origin.on}`),
          ),
        ).toBe(true);
        const open = ids(plan).filter((id) => id.startsWith('open:'));
        expect(open).toEqual(made.filter((id) => !empty.includes(id)).map((id) => `open:${id}`));
        expect(ids(plan).indexOf('check:file-systems')).toBeGreaterThan(ids(plan).indexOf(open.at(-1) ?? ''));
        expect(ids(plan).includes('close')).toBe(open.length > 0);
        expect(plan.steps.some(({ id }) => /^(wipe|table|md|luks|group|make):/.test(id))).toBe(false);
        const opening = plan.steps.filter(({ id }) => id.startsWith('open:')).flatMap(({ actions }) => actions);
        const tools = opening.flatMap((action) => (action.type === 'run' ? action.argv.slice(0, 2).join(' ') : []));
        const allowed = /^(mdadm --assemble|cryptsetup open|(vgchange|lvchange) --config)$/;
        expect(tools.filter((words) => !allowed.test(words))).toEqual([]);
        for (const { name, opens } of plan.secrets ?? [])
          expect([name, opens]).toEqual([name, expect.stringContaining('/dev/')]);
        opened += open.length;
      }),
      { numRuns: 100 },
    );
    expect(opened).toBeGreaterThan(100);
  });

  it('know nothing of what is not open yet, and refuse where what it lies on is not there: RK486', () => {
    fc.assert(
      fc.property(layered, scopes, (layout, scope) => {
        const input = inputOf(layout, 2 ** 40);
        const found = disksWithMembers(layout);
        const root = layout.nodes.find(({ mount }) => mount?.at === '/');
        fc.pre(root !== undefined && root.origin.type !== 'disk');
        const check = planPart(input, scope, found).steps.find(({ id }) => id === 'check:file-systems');
        const uuid = root?.content?.kind === 'ext4' ? root.content.uuid : '';
        expect(check?.actions).toMatchObject([{ sizeBytes: null, holds: { type: 'ext4', uuid } }]);
        const [device] = [...found].find(([, { type }]) => type !== null) ?? [''];
        for (const other of [{ type: 'xfs', uuid: null, sizeBytes: 2 ** 40 }, undefined]) {
          const changed = new Map(found);
          changed.delete(device);
          if (other) changed.set(device, other);
          expect(() => planPart(input, scope, changed)).toThrow(
            expect.objectContaining({ code: 'RK486', reason: expect.stringContaining(device) }),
          );
        }
      }),
      { numRuns: 20 },
    );
  });
});
