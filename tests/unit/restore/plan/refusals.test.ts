import { describe, expect, it } from 'vitest';
import type { SetAtHand } from '../../../../restore/archive/incremental/chain.ts';
import type { Manifest } from '../../../../restore/archive/set-schema.ts';
import type { Layout } from '../../../../restore/layout/schema.ts';
import type { TargetChoice } from '../../../../restore/plan/assign.ts';
import { refuse } from '../../../../restore/plan/disks.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import { loadFrom } from '../../../../restore/plan/resize/claims.ts';
import { leastBytes } from '../../../../restore/plan/resize/resize.ts';
import type { Plan, TargetDisk } from '../../../../restore/plan/step.ts';
import { biosMachine, manifestOf, savedBytes, setOf, targetDisk, uefiMachine } from './machines.ts';

type Options = { manifest?: Manifest | null; targets?: TargetChoice[]; bases?: SetAtHand[] };

function planOf(layout: Layout, options: Options = {}, changes: Partial<TargetDisk> = {}): Plan {
  const targets = options.targets ?? [{ source: 'disk0', disk: targetDisk(changes) }];
  const manifest = options.manifest === undefined ? manifestOf(layout) : options.manifest;
  return planRestore({ set: setOf(layout), manifest, layout, targets, bases: options.bases ?? [] });
}

function refusal(
  layout: Layout,
  changes: Partial<TargetDisk>,
  options: Options = {},
): { code: string; reason: string } {
  try {
    planOf(layout, options, changes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'reason' in error) {
      return { code: String(error.code), reason: String(error.reason) };
    }
    throw error;
  }
  return { code: 'planned', reason: '' };
}

function planOnto(layout: Layout, sizeBytes: number): Plan {
  const targets = [{ source: 'disk0', disk: targetDisk({ sizeBytes }) }];
  return planRestore({ set: setOf(layout), manifest: manifestOf(layout), layout, targets });
}

describe('too small, by the exact shortfall [C5]', () => {
  const least = (layout: Layout): number => {
    const [disk] = layout.disks;
    if (!disk) throw new Error('no disk');
    return leastBytes(layout, loadFrom([manifestOf(layout)]), disk);
  };

  it('keeps an MBR as it is up to its last used sector, and shrinks below', () => {
    // The extended partition's frame ends later than the last logical one.
    const frame = (1_050_624 + 11_532_288) * 512;
    expect(planOnto(biosMachine(), frame).sizes).toEqual([]);
    expect(planOnto(biosMachine(), frame - 1024 * 2 ** 20).sizes).not.toEqual([]);
  });

  it('keeps a GPT with its backup: 32 sectors of entries and its header', () => {
    // Last partition ends at sector 12580864 of 512 bytes.
    const end = 12_580_864 * 512;
    expect(planOnto(uefiMachine(), end + 33 * 512).sizes).toEqual([]);
    expect(planOnto(uefiMachine(), end + 33 * 512 - 1).sizes).not.toEqual([]);
  });

  for (const [name, layout] of Object.entries({ MBR: biosMachine(), GPT: uefiMachine() }))
    it(`refuses what even the smallest file systems do not fit on, by the byte: ${name}`, () => {
      const smallest = least(layout);
      expect(smallest).toBeLessThan(savedBytes);
      expect(refusal(layout, { sizeBytes: smallest }).code).toBe('planned');
      expect(refusal(layout, { sizeBytes: smallest - 2 ** 20 })).toMatchObject({
        code: 'RK401',
        reason: expect.stringMatching(/: 1,048,576 bytes short$/),
      });
    });

  it('says so in the list of disks already', () => {
    const disk = { size: 2_000_000_000, ro: false, 'log-sec': 512 };
    expect(refuse(disk, uefiMachine())).toBe('too small: needs 6.44 GB, has 2.00 GB: 4,441,419,264 bytes short');
    expect(refuse({ ...disk, size: savedBytes }, uefiMachine())).toBeNull();
    expect(refuse({ ...disk, size: savedBytes, ro: true }, uefiMachine())).toBe('read-only');
    expect(refuse({ ...disk, size: 0 }, undefined)).toBe('no medium in it');
    expect(refuse({ ...disk, size: savedBytes, 'log-sec': 4096 }, uefiMachine())).toBe(
      'sectors of 4096 bytes, the saved disk has 512',
    );
  });
});

describe('what cannot be planned [C4] [C6]', () => {
  const layout = biosMachine();

  it('refuses another sector size', () => {
    expect(refusal(layout, { logicalSectorBytes: 4096 }).code).toBe('RK402');
  });

  it('refuses a medium without a backup', () => {
    expect(refusal(layout, {}, { manifest: null }).code).toBe('RK403');
  });

  it('refuses the medium and whatever else the list refuses', () => {
    expect(refusal(layout, { refusal: 'this medium' })).toEqual({
      code: 'RK404',
      reason: '/dev/vda (QEMU, 6.44 GB): this medium',
    });
    // The exact shortfall wins over the list's words for the same thing, never over another reason.
    expect(refusal(layout, { refusal: 'this medium', sizeBytes: 512_000 }).code).toBe('RK404');
    expect(refusal(layout, { refusal: 'too small: needs more', sizeBytes: 512_000 }).code).toBe('RK401');
  });

  it('refuses one disk for two, a missing target and an unknown source', () => {
    const two: Layout = {
      ...layout,
      disks: layout.disks.flatMap((disk) => [disk, { ...disk, id: 'disk1', name: 'sdb' }]),
    };
    const first = { source: 'disk0', disk: targetDisk() };
    expect(refusal(two, {}, { targets: [first, { ...first, source: 'disk1' }] }).code).toBe('RK405');
    expect(refusal(two, {}, { targets: [first] })).toEqual({ code: 'RK406', reason: 'sdb (Samsung 860, 6.44 GB)' });
    expect(refusal(layout, {}, { targets: [{ ...first, source: 'disk7' }] }).code).toBe('RK407');
    expect(refusal(layout, {}, { targets: [] }).code).toBe('RK406');
  });

  it('refuses a table that sfdisk could not write, naming each line; an odd one passes [C1]', () => {
    const [disk] = layout.disks;
    const saved = disk?.table;
    if (disk === undefined || saved == null) throw new Error('no table');
    const of = (table: string, changes: Partial<TargetDisk> = {}) =>
      refusal({ ...layout, disks: [{ ...disk, table }] }, changes);
    expect(of(saved.replace('start=     3151872', 'start=     3149823'))).toEqual({
      code: 'RK408',
      reason: 'line 10: /dev/sda6 begins at sector 3149823, inside of /dev/sda5 (to sector 3149823)',
    });
    const two = saved.replace('size=     5232640', 'size=    95232640').replace('type=82', 'type=none');
    // Neither a larger target nor one that is too small makes such a table better.
    for (const sizeBytes of [savedBytes, 20 * savedBytes, 2 ** 20])
      expect(of(two, { sizeBytes })).toEqual({
        code: 'RK408',
        reason: expect.stringMatching(
          /^line 9: \/dev\/sda5: none is no MBR type; line 11: \/dev\/sda7 ends at sector \d+/,
        ),
      });
    expect(
      of(saved.replace('start=        2048, size=     1048576', 'start=          63, size=     1048576')).code,
    ).toBe('planned');
    expect(of(saved.replace('unit: sectors', 'unit: sectors\ncolour: red')).code).toBe('planned');
  });

  it('refuses archives that belong nowhere', () => {
    const manifest = manifestOf(layout);
    const stray = manifest.archives.map((archive) => ({ ...archive, node: archive.node.replace(':7', ':9') }));
    expect(refusal(layout, {}, { manifest: { ...manifest, archives: stray } }).code).toBe('RK409');
    const rootless = manifest.archives.filter(({ mountPoint }) => mountPoint !== '/');
    expect(refusal(layout, {}, { manifest: { ...manifest, archives: rootless } }).code).toBe('RK409');
  });
});

describe('a set that holds only what changed', () => {
  const layout = biosMachine();
  const base = { set: '11111111-2222-4333-8444-666666666666', createdAt: '2026-11-19T02:00:00Z', level: 0 };
  const full = manifestOf(layout);
  const archives = full.archives.map((archive) => ({ ...archive, fileSystem: archive.node }));
  const changes: Manifest = {
    ...full,
    level: 1,
    base,
    archives: archives.map((archive) => ({ ...archive, changes: true as const })),
  };
  const before = { info: base, manifest: { ...full, set: base.set, archives } };

  it('[B10] is not restored alone: the plan names what it needs', () => {
    const refused = refusal(layout, {}, { manifest: changes });
    expect(refused.code).toBe('RK351');
    expect(refused.reason).toContain(`needs set ${base.set}, made 2026-11-19T02:00:00Z, level 0 (full)`);
  });

  it('[B10] is restored from its chain, and the plan shows the sets with their dates', () => {
    const plan = planOf(layout, { manifest: changes, bases: [before] });
    expect(plan.sets).toEqual([
      'the full set of web01 made 2026-11-19',
      'the changes of web01 made 2026-11-20, level 1',
    ]);
    const extractions = plan.steps.filter(({ id }) => id.startsWith('extract:'));
    expect(extractions.length).toBe(archives.length);
    for (const { title, actions, weightBytes } of extractions) {
      expect(title).toContain('from 2 sets');
      const action = actions.find(({ type }) => type === 'extract');
      if (action?.type !== 'extract') throw new Error('nothing is extracted');
      expect(action.before).toEqual([{ set: base.set, archive: action.archive }]);
      const [one] = archives.filter(({ name }) => name === action.archive);
      expect(weightBytes).toBe(2 * (one?.tarSize ?? 0));
    }
  });

  it('[B10] that names a base without needing it is restored alone', () => {
    const plan = planOf(layout, { manifest: { ...full, level: 1, base } });
    expect(plan.steps.flatMap(({ actions }) => actions).some((action) => 'before' in action)).toBe(false);
  });
});
