import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RekindleError } from '../../../../../common/errors/error.ts';
import type { Archive, Manifest } from '../../../../../restore/archive/set-schema.ts';
import type { BtrfsContent } from '../../../../../restore/layout/btrfs-schema.ts';
import type { Layout } from '../../../../../restore/layout/schema.ts';
import type { DeviceHere } from '../../../../../restore/plan/part/device-here.ts';
import { type OneFileSystemInput, planOneFileSystem } from '../../../../../restore/plan/part/one-file-system.ts';
import { listFileSystems } from '../../../../../restore/plan/part/saved-file-system.ts';
import { type Plan, planSchema } from '../../../../../restore/plan/step.ts';
import { biosMachine, manifestOf, setOf, targetDisk, uefiMachine } from '../machines.ts';

const gibibyte = 2 ** 30;
const newId = 'ffffffff-0000-4000-8000-00000000000f';
const homeId = 'b0000000-0000-4000-8000-000000000007';

function deviceOf(changes: Partial<DeviceHere> = {}): DeviceHere {
  return {
    path: '/dev/vdb5',
    name: 'vdb5',
    sizeBytes: 4 * gibibyte,
    type: 'ext4',
    uuid: 'aaaaaaaa-0000-4000-8000-000000000001',
    content: 'ext4 "old"',
    disks: [targetDisk({ path: '/dev/vdb', name: 'vdb', serial: 'B1' })],
    refusal: null,
    ...changes,
  };
}

function inputOf(changes: Partial<OneFileSystemInput> = {}): OneFileSystemInput {
  const layout = changes.layout ?? biosMachine();
  const saved = { set: setOf(layout), manifest: manifestOf(layout), layout, fileSystem: '/home', device: deviceOf() };
  return { ...saved, make: 'same', takenIds: new Set<string>(), newId, ...changes };
}

function ids({ steps }: Plan): string[] {
  return steps.map(({ id }) => id);
}

function argvs({ steps }: Plan): string[] {
  return steps.flatMap(({ actions }) => actions.flatMap((each) => (each.type === 'run' ? [each.argv.join(' ')] : [])));
}

function codeOf(plan: () => Plan): string {
  try {
    plan();
  } catch (error) {
    if (error instanceof RekindleError) return error.code;
    throw error;
  }
  return 'planned';
}

const subvolumes = ['@rootfs', '@home', '@rootfs/var/lib/machines'];
const btrfs: BtrfsContent = {
  ...{ kind: 'btrfs', uuid: homeId, label: 'system', nodeBytes: 16384, sectorBytes: 4096, checksum: 'crc32c' },
  ...{ features: {}, mixed: false, dataProfile: 'raid1', metadataProfile: 'raid1', deviceCount: 2 },
  subvolumes: subvolumes.map((path, index) => ({ id: 256 + index, path, uuid: `${index}` })),
  defaultSubvolume: '@rootfs',
};

/** / and /home in subvolumes of one btrfs, and one subvolume that nothing is mounted from. */
function btrfsMachine(): { layout: Layout; manifest: Manifest } {
  const layout = biosMachine();
  const options = 'rw,relatime';
  const mounts = [
    { at: '/', options, subvolume: '@rootfs' },
    { at: '/home', options, subvolume: '@home' },
  ];
  const nodes = layout.nodes.flatMap((node) =>
    node.id === 'disk0:6' ? [{ ...node, content: btrfs, mounts }] : node.id === 'disk0:7' ? [] : [node],
  );
  const whole = { ...layout, nodes };
  const manifest = manifestOf(whole);
  const archives = manifest.archives.flatMap((archive): Archive[] =>
    archive.node === 'disk0:6'
      ? ['/', '/home', '/var/lib/machines'].map((mountPoint, index) => {
          return { ...archive, name: `b${index}`, mountPoint, subvolume: subvolumes[index] ?? '', attributes: 1 };
        })
      : [archive],
  );
  return { layout: whole, manifest: { ...manifest, archives } };
}

describe('[C12] a plan for one file system', () => {
  it('touches the chosen device only, checks it first, and asks for its name', () => {
    const types = fc.constantFrom(null, 'same', 'ext4', 'ext3', 'xfs', 'btrfs', 'f2fs');
    const size = fc.integer({ min: 1, max: 64 * 1024 }).map((mebibytes) => mebibytes * 2 ** 20);
    fc.assert(
      fc.property(types, size, fc.constantFrom('/', '/home', '/boot'), (make, sizeBytes, fileSystem) => {
        const input = inputOf({ make, fileSystem, device: deviceOf({ sizeBytes }) });
        const code = codeOf(() => planOneFileSystem(input));
        // Nothing is refused but for its size.
        expect(code).toBe(code === 'RK485' ? 'RK485' : 'planned');
        expect(sizeBytes >= gibibyte ? code : 'planned').toBe('planned');
        if (code === 'RK485') return;
        const plan = planOneFileSystem(input);
        expect(planSchema.parse(plan)).toEqual(plan);
        expect(plan.part).toMatchObject({ kind: 'file-system', confirm: 'vdb5' });
        for (const line of argvs(plan))
          for (const device of line.match(/\/dev\/\w+/g) ?? []) expect(device).toMatch(/^\/dev\/(vdb5|null)$/);
        const checks = [
          { type: 'assert-disk', device: '/dev/vdb', serial: 'B1' },
          { type: 'assert-device', device: '/dev/vdb5', sizeBytes },
        ];
        const destroying = plan.steps.filter(({ destroys, id }) => destroys !== null && id.startsWith('make:'));
        for (const step of [plan.steps[0], ...destroying]) expect(step?.actions.slice(0, 2)).toMatchObject(checks);
        expect(destroying).toHaveLength(make === null ? 0 : 1);
        expect(ids(plan).filter((id) => /^(wipe|table|boot|mount)/.test(id))).toEqual([]);
      }),
    );
  });

  it('keeps the saved UUID unless another device has it or it has another form', () => {
    const idOf = (changes: Partial<OneFileSystemInput>): string =>
      argvs(planOneFileSystem(inputOf(changes))).find((line) => /^(env|mke2fs|mkfs).*vdb5/.test(line)) ?? '';
    const takenIds = new Set([homeId]);
    expect(idOf({})).toContain(homeId);
    expect(idOf({ make: 'xfs' })).toContain(homeId);
    expect(idOf({ takenIds })).toContain(newId);
    expect(idOf({ make: 'btrfs', takenIds })).toContain(newId);
    const esp = { layout: uefiMachine(), fileSystem: '/boot/efi' };
    expect(idOf({ ...esp })).toContain('-i ABCD1234');
    expect(idOf({ ...esp, takenIds: new Set(['abcd-1234']) })).toContain('-i FFFFFFFF');
    expect(idOf({ ...esp, make: 'ext4' })).toContain(newId);
    expect(planOneFileSystem(inputOf({ takenIds })).warnings.join()).toContain('Another device has the saved UUID');
  });

  it('refuses what cannot be, each with its own reason', () => {
    const refusals: [Partial<OneFileSystemInput>, string][] = [
      [{ fileSystem: '/srv' }, 'RK489'],
      [{ fileSystem: 'disk0:5' }, 'RK489'],
      [{ manifest: null }, 'RK403'],
      [{ device: deviceOf({ refusal: 'this medium' }) }, 'RK404'],
      [{ make: 'vfat' }, 'RK487'],
      [{ make: 'ntfs' }, 'RK487'],
      [{ make: null, device: deviceOf({ type: 'vfat' }) }, 'RK487'],
      [{ make: null, device: deviceOf({ type: 'crypto_LUKS' }) }, 'RK486'],
      [{ make: null, device: deviceOf({ type: null }) }, 'RK486'],
      [{ make: null, device: deviceOf({ sizeBytes: 4_999_999 }) }, 'RK485'],
      [{ make: 'xfs', device: deviceOf({ sizeBytes: 200 * 2 ** 20 }) }, 'RK485'],
    ];
    for (const [changes, code] of refusals) expect(codeOf(() => planOneFileSystem(inputOf(changes)))).toBe(code);
  });

  it('tells the boot menu and the initramfs where the machine boots from it', () => {
    const of = (fileSystem: string): string => planOneFileSystem(inputOf({ fileSystem, make: 'xfs' })).warnings.join();
    expect(of('/')).toMatch(/initramfs must be made anew/);
    expect(of('/home')).not.toMatch(/initramfs/);
  });
});

describe('[C12] a btrfs with subvolumes', () => {
  const machine = btrfsMachine();

  it('comes as a whole onto one btrfs, also where it was on two devices', () => {
    const plan = planOneFileSystem(inputOf({ ...machine }));
    expect(ids(plan).filter((id) => id.startsWith('extract:'))).toEqual(
      ['@rootfs', '@home', '@rootfs/var/lib/machines'].map((path) => `extract:disk0:6:${path}`),
    );
    expect(argvs(plan).find((line) => line.includes('mkfs.btrfs') && line.includes('vdb5'))).toMatch(
      /-d single -m dup/,
    );
    expect(plan.warnings.join()).toContain('was on several devices');
  });

  it('makes the subvolumes that an existing btrfs lacks', () => {
    const plan = planOneFileSystem(inputOf({ ...machine, make: null, device: deviceOf({ type: 'btrfs' }) }));
    expect(ids(plan)).toContain('subvolumes:disk0:6');
    const made = argvs(plan).filter((line) => line.includes('subvolume create'));
    expect(made.map((line) => line.split(' ').at(-1))).toEqual(subvolumes.map((path) => `/mnt/alone/btrfs/${path}`));
  });

  it('gives one subvolume, by its mount point, to another type', () => {
    const plan = planOneFileSystem(inputOf({ ...machine, fileSystem: '/home', make: 'xfs' }));
    expect(ids(plan)).toEqual(['check:device', 'rehearse', 'make:disk0:6', 'extract:disk0:6', 'flags:disk0:6']);
    expect(argvs(plan).join()).not.toContain('subvol');
    expect(plan.steps.flatMap(({ actions }) => actions)).toContainEqual(
      expect.objectContaining({ type: 'extract', archive: 'b1', device: '/dev/vdb5' }),
    );
    // chattr +C is btrfs's own.
    expect(plan.steps.at(-1)?.actions).toContainEqual(
      expect.objectContaining({ type: 'inode-flags', only: { flags: 0xf8, projects: true } }),
    );
    expect(codeOf(() => planOneFileSystem(inputOf({ ...machine, fileSystem: 'disk0:6', make: 'xfs' })))).toBe('RK487');
    expect(listFileSystems(machine.layout, machine.manifest).map(({ name }) => name)).toEqual(['/boot', '/', '/home']);
  });
});

describe('[C12] [C3] an incremental set', () => {
  const layout = biosMachine();
  const full = manifestOf(layout);
  const base = { set: '00000000-0000-4000-8000-000000000000', createdAt: '2026-11-19T02:00:00Z', level: 0 };
  const archives = (changes: boolean): Archive[] =>
    full.archives.map((archive) => ({
      ...archive,
      fileSystem: archive.node,
      ...(changes ? { changes: true as const } : {}),
    }));
  const input = inputOf({
    set: { ...setOf(layout), createdAt: '2026-11-20T02:00:00Z' },
    manifest: { ...full, level: 1, base, archives: archives(true) },
    bases: [{ info: base, manifest: { ...full, set: base.set, archives: archives(false) } }],
  });

  it('is applied after what it builds on, of this file system only', () => {
    const plan = planOneFileSystem(input);
    expect(plan.steps.flatMap(({ actions }) => actions).filter(({ type }) => type === 'extract')).toEqual([
      expect.objectContaining({ archive: '004', before: [{ set: base.set, archive: '004' }] }),
    ]);
    expect(plan.sets).toHaveLength(2);
  });

  it('over what is there it says that files it does not know are deleted', () => {
    const plan = planOneFileSystem({ ...input, make: null });
    expect(plan.steps.find(({ id }) => id.startsWith('extract:'))?.destroys).toMatch(/does not know.*are deleted/);
    expect(plan.warnings.join()).toMatch(/are deleted/);
    expect(plan.warnings.join()).not.toMatch(/others stay/);
  });

  it('is refused without what it builds on', () => {
    expect(codeOf(() => planOneFileSystem({ ...input, bases: [] }))).toBe('RK351');
  });
});
