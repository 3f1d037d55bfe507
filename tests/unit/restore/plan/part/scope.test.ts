import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Layout, layoutSchema } from '../../../../../restore/layout/schema.ts';
import type { Found } from '../../../../../restore/plan/part/found.ts';
import { planPart } from '../../../../../restore/plan/part/scope.ts';
import { planRestore } from '../../../../../restore/plan/plan.ts';
import { type Plan, planSchema } from '../../../../../restore/plan/step.ts';
import { biosGptMachine, biosMachine, manifestOf, uefiMachine } from '../machines.ts';
import { stacks } from '../random-stacks.ts';
import { ids, inputOf, withRoot } from './scope-input.ts';

const machines = [biosMachine(), uefiMachine(), biosGptMachine()];

/** What the devices hold after "layout only". */
function asMade(layout: Layout): Map<string, Found> {
  return new Map(
    layout.nodes.flatMap(({ id, content, sizeBytes }) => {
      if (content === null) return [];
      const uuid = 'uuid' in content ? content.uuid : 'volumeId' in content ? content.volumeId : null;
      return [[id.replace('disk0:', '/dev/vda'), { type: content.kind, uuid, sizeBytes }] as const];
    }),
  );
}

describe('[C12] layout, files and boot loader, each alone', () => {
  for (const layout of machines)
    it(`are together all of the restore, in its order: ${layout.boot.firmware}, ${layout.nodes.length} nodes`, () => {
      const input = inputOf(layout);
      const whole = ids(planRestore(input));
      const parts = (['layout', 'files', 'boot-loader'] as const).map((scope) =>
        planPart(input, scope, asMade(layout)),
      );
      for (const part of parts) {
        expect(planSchema.parse(part)).toEqual(part);
        const own = ids(part).filter((id) => id !== 'check:file-systems');
        expect(own).toEqual(whole.filter((id) => own.includes(id)));
        expect(part.part?.confirm).toBe('vda');
      }
      expect(new Set(parts.flatMap(ids).filter((id) => id !== 'check:file-systems'))).toEqual(new Set(whole));
      expect(new Set(parts.map(({ digest }) => digest)).size).toBe(3);
    });

  it('layout: what lies on layers is made and closed, too; nothing is extracted', () => {
    let layers = 0;
    fc.assert(
      fc.property(stacks, (layout) => {
        const input = inputOf(withRoot(layout));
        const whole = ids(planRestore(input));
        const isOfLayout = (id: string): boolean =>
          !/^(extract|raw|boot|flags|swap-file|lvm|finish|mount|prove|log|unmount)(:|$)/.test(id);
        expect(ids(planPart(input, 'layout'))).toEqual(whole.filter(isOfLayout));
        layers += whole.filter((id) => /^(md|luks|group|close)/.test(id)).length;
      }),
      { numRuns: 100 },
    );
    expect(layers).toBeGreaterThan(100);
  });

  it('layout says that the machine is empty then, and what the disk loses', () => {
    const plan = planPart(inputOf(biosMachine()), 'layout');
    expect(plan.warnings[0]).toMatch(/does not boot/);
    expect(ids(plan).at(-1)).toBe('make:disk0:7');
    expect(plan.steps.some(({ destroys }) => destroys?.includes('everything on vda'))).toBe(true);
  });

  it('files wipe nothing, make nothing, install nothing, and say what is overwritten', () => {
    const layout = biosMachine();
    const plan = planPart(inputOf(layout), 'files', asMade(layout));
    expect(ids(plan)).toEqual([
      ...['release:disk0', 'check:disk0', 'check:file-systems'],
      ...['extract:disk0:6', 'extract:disk0:1', 'extract:disk0:7'],
      ...['mount:target', 'flags:disk0:6', 'unmount'],
    ]);
    const commands = plan.steps.flatMap(({ actions }) =>
      actions.flatMap((each) => (each.type === 'run' ? each.argv[0] : [])),
    );
    expect([...new Set(commands)].toSorted()).toEqual(['mkdir', 'mount', 'sync', 'umount']);
    const extract = plan.steps.find(({ id }) => id === 'extract:disk0:7');
    expect(extract?.title).toMatch(/over what is there$/);
    expect(extract?.destroys).toMatch(/same names/);
    expect(plan.warnings).toContain('Overwritten: files with the same names as in the backup; others stay.');
    expect(plan.steps.find(({ id }) => id === 'check:file-systems')?.actions).toContainEqual({
      type: 'assert-device',
      device: '/dev/vda6',
      sizeBytes: 4194304 * 512,
      holds: { type: 'ext4', uuid: 'b0000000-0000-4000-8000-000000000006' },
    });
  });

  it('boot loader only changes no file system', () => {
    const layout = uefiMachine();
    expect(ids(planPart(inputOf(layout), 'boot-loader', asMade(layout)))).toEqual([
      ...['release:disk0', 'check:disk0', 'check:file-systems', 'mount:target'],
      ...['boot:fallback', 'boot:entry', 'prove', 'log', 'unmount'],
    ]);
  });
});

describe('[C12] files of a partition that was copied as it is', () => {
  const layout = biosMachine();
  const raw = { kind: 'raw', type: 'ntfs', words: 'ntfs "Windows"' };
  const nodes = layout.nodes.map((node) => (node.id === 'disk0:7' ? { ...node, content: raw, mount: null } : node));
  const windows = layoutSchema.parse({ ...layout, nodes });
  const manifest = manifestOf(windows);
  const [first] = manifest.archives;
  const copy = first
    ? [{ ...first, name: '009', mountPoint: '/dev/sda7', node: 'disk0:7', method: 'dd' as const }]
    : [];
  const input = { ...inputOf(windows), manifest: { ...manifest, archives: [...manifest.archives, ...copy] } };
  const found = (sizeBytes: number): Map<string, Found> =>
    new Map([...asMade(layout), ['/dev/vda7', { type: null, uuid: null, sizeBytes }]]);
  const savedSize = layout.nodes.find(({ id }) => id === 'disk0:7')?.sizeBytes ?? 0;

  it('replace all of it, which is said, after a look that nobody uses it', () => {
    const plan = planPart(input, 'files', found(savedSize));
    expect(plan.steps.find(({ id }) => id === 'raw:disk0:7')?.destroys).toBe('what is on vda7');
    expect(plan.steps.find(({ id }) => id === 'check:file-systems')?.actions).toContainEqual({
      ...{ type: 'assert-device', device: '/dev/vda7', sizeBytes: savedSize, holds: null },
    });
    expect(() => planPart(input, 'files', found(savedSize - 512))).toThrow(expect.objectContaining({ code: 'RK485' }));
  });
});

describe('[C12] files into what somebody made by hand', () => {
  const layout = biosMachine();
  const replaced = (device: string, found: Found | null): Map<string, Found> => {
    const all = asMade(layout);
    if (found === null) all.delete(device);
    else all.set(device, found);
    return all;
  };
  const sizeBytes = 3 * 2 ** 30;

  it('takes another type and UUID, mounts it as such, and says the line of fstab', () => {
    const uuid = 'aaaaaaaa-0000-4000-8000-000000000001';
    const plan = planPart(inputOf(layout), 'files', replaced('/dev/vda7', { type: 'xfs', uuid, sizeBytes }));
    const extract = plan.steps.find(({ id }) => id === 'extract:disk0:7');
    expect(extract?.actions).toContainEqual({
      type: 'run',
      argv: ['mount', '-t', 'xfs', '-o', 'noatime,nouuid', '/dev/vda7', '/mnt/alone/disk0-7'],
    });
    expect(extract?.actions).toContainEqual({
      type: 'assert-mounted',
      device: '/dev/vda7',
      at: '/mnt/alone/disk0-7',
      uuid,
    });
    expect(plan.warnings).toContain(
      `In /etc/fstab of the machine the line of /home must become: UUID=${uuid} /home xfs defaults 0 0`,
    );
  });

  const refusals: [string, string, Found | null, string][] = [
    ['a partition that is not there', '/dev/vda7', null, 'RK486'],
    ['an empty partition', '/dev/vda6', { type: null, uuid: null, sizeBytes }, 'RK486'],
    ['what is no file system', '/dev/vda6', { type: 'crypto_LUKS', uuid: 'x', sizeBytes }, 'RK486'],
    ['a file system that is too small', '/dev/vda7', { type: 'ext4', uuid: 'x', sizeBytes: 4_000_000 }, 'RK485'],
    ['vfat for what was on ext4', '/dev/vda7', { type: 'vfat', uuid: 'AB-CD', sizeBytes }, 'RK487'],
  ];
  for (const [what, device, found, code] of refusals)
    it(`refuses ${what}: ${code}`, () => {
      const plan = (): Plan => planPart(inputOf(layout), 'files', replaced(device, found));
      expect(plan).toThrow(expect.objectContaining({ code, reason: expect.stringContaining(device) }));
    });
});
