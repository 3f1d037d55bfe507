import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../../restore/archive/set-schema.ts';
import type { Layout } from '../../../../restore/layout/schema.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import { bytesForMebibytes, resizedTable } from '../../../../restore/plan/resize/table.ts';
import { tableOf } from '../../../../restore/plan/size.ts';
import type { Plan } from '../../../../restore/plan/step.ts';
import { biosMachine, manifestOf, savedBytes, setOf, targetDisk, uefiMachine } from './machines.ts';

function planOf(layout: Layout, manifest: Manifest = manifestOf(layout), sizeBytes = savedBytes): Plan {
  const disk = { ...targetDisk(), sizeBytes };
  return planRestore({ set: setOf(layout), manifest, layout, targets: [{ source: 'disk0', disk }] });
}

/** The set holds so many bytes for what was mounted there. */
function holding(layout: Layout, at: string, tarSize: number): Manifest {
  const manifest = manifestOf(layout);
  const archives = manifest.archives.map((archive) => (archive.mountPoint === at ? { ...archive, tarSize } : archive));
  return { ...manifest, archives };
}

describe('a backup that may not fit', () => {
  const layout = uefiMachine();
  const root = layout.nodes.find(({ mount }) => mount?.at === '/')?.sizeBytes ?? 0;

  it('is told on a disk of the same size too, with both sizes', () => {
    const told = (bytes: number) =>
      planOf(layout, holding(layout, '/', bytes)).warnings.filter((text) => text.includes('too small'));
    expect(told(root)).toEqual([]);
    expect(told(root + 1)).toEqual([
      expect.stringMatching(/^\/ may be too small: the backup holds 4\.83 GB, it has 4\.83 GB\. .*larger disk/),
    ]);
  });
});

/** The machine of that name, whose fourth file system was copied as it was. */
function withRaw(layout: Layout, type: string, words: string): { layout: Layout; manifest: Manifest } {
  const nodes = layout.nodes.map((node) =>
    node.id === 'disk0:7' ? { ...node, content: { kind: 'raw' as const, type, words }, mount: null } : node,
  );
  const manifest = manifestOf(layout);
  const archives = manifest.archives.map((archive) =>
    archive.node === 'disk0:7' ? { ...archive, mountPoint: 'disk0:7', method: 'partclone' as const } : archive,
  );
  return { layout: { ...layout, nodes }, manifest: { ...manifest, archives } };
}

describe('a set of changes', () => {
  it('is measured by the largest set of its chain, not by its few changes', () => {
    const layout = uefiMachine();
    const base = { set: '22222222-2222-4333-8444-555555555555', createdAt: '2026-11-19T02:00:00Z', level: 0 };
    const full = holding(layout, '/', 5e9);
    const archives = full.archives.map((archive) => ({ ...archive, fileSystem: archive.node }));
    const changes = archives.map((archive) => ({ ...archive, tarSize: 10_000, changes: true as const }));
    const { warnings } = planRestore({
      set: setOf(layout),
      manifest: { ...full, level: 1, base, archives: changes },
      layout,
      bases: [{ info: base, manifest: { ...full, set: base.set, archives } }],
      targets: [{ source: 'disk0', disk: { ...targetDisk(), sizeBytes: savedBytes } }],
    });
    expect(warnings).toContainEqual(expect.stringMatching(/^\/ may be too small: the backup holds 5\.00 GB/));
  });
});

describe('a partition on MBR that moves', () => {
  it('may hold a Windows that does not start: told, with what to do', () => {
    const { layout, manifest } = withRaw(biosMachine(), 'ntfs', 'NTFS "Windows"');
    expect(planOf(layout, manifest).warnings).toEqual([]);
    const told = planOf(layout, manifest, savedBytes - 2 ** 30).warnings.filter((text) => text.includes('sector'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^NTFS "Windows" \(disk0:7\) begins at sector \d+ instead of 7348224: .*may not start.*bootrec \/fixboot/,
    );
  });

  it('or another system, which nobody can tell how to repair', () => {
    const { layout, manifest } = withRaw(biosMachine(), 'ufs', 'UFS');
    const { warnings } = planOf(layout, manifest, savedBytes - 2 ** 30);
    expect(warnings).toContainEqual(expect.stringMatching(/^UFS .*as it lay on the disk/));
    expect(warnings.join()).not.toContain('bootrec');
  });
});

describe('a gap before the first partition', () => {
  const gapped = (start: number): Layout['disks'][number] => {
    const [disk] = biosMachine().disks;
    if (disk === undefined) throw new Error('the machine has no disk');
    const table = `label: dos\nlabel-id: 0x1\nunit: sectors\n\n/dev/sda1 : start=${start}, size=4194304, type=83\n`;
    return { ...disk, sizeBytes: 400e9, table };
  };

  it('is given up when the disk is smaller', () => {
    const disk = gapped(205_518_848);
    expect(bytesForMebibytes(disk, 2000)).toBe(2001 * 2 ** 20);
    const table = resizedTable(disk, new Map([[1, 2000]]));
    expect(tableOf({ ...disk, table })?.partitions).toMatchObject([{ start: 2048, sectors: 2000 * 2048 }]);
  });

  it('stays where boot loaders and firmware lie in it', () => {
    expect(bytesForMebibytes(gapped(32_768), 2000)).toBe(2016 * 2 ** 20);
  });
});

describe('the order in which file systems are filled', () => {
  it('begins with what a machine needs to run, then what people miss; /srv waits', () => {
    const layout = biosMachine();
    const moved = (from: string, to: string) => (text: string) => (text === from ? to : text);
    const rename = moved('/boot', '/aaa');
    const nodes = layout.nodes.map((node) =>
      node.mount === null ? node : { ...node, mount: { ...node.mount, at: rename(node.mount.at) } },
    );
    const manifest = manifestOf(layout);
    const archives = manifest.archives.map((each) => ({ ...each, mountPoint: rename(each.mountPoint) }));
    const plan = planOf({ ...layout, nodes }, { ...manifest, archives });
    const filled = plan.steps.filter(({ id }) => id.startsWith('extract:')).map(({ title }) => title);
    expect(filled).toEqual(
      [/^extract \/:/, /^extract \/home:/, /^extract \/aaa:/].map((each) => expect.stringMatching(each)),
    );
  });
});
