import { describe, expect, it } from 'vitest';
import type { Here } from '../../../../restore/bootloader/firmware.ts';
import type { Layout } from '../../../../restore/layout/schema.ts';
import { planRestore } from '../../../../restore/plan/plan.ts';
import { type Plan, planSchema, type TargetDisk } from '../../../../restore/plan/step.ts';
import { biosGptMachine, biosMachine, manifestOf, savedBytes, setOf, targetDisk, uefiMachine } from './machines.ts';

const uefiHere: Here = { firmware: 'uefi', bootEntries: [], partitionIds: [] };
const biosHere: Here = { firmware: 'bios', bootEntries: [], partitionIds: [] };

function plan(
  layout: Layout,
  disk: TargetDisk = targetDisk(),
  here: Here = layout.boot.firmware === 'uefi' ? uefiHere : biosHere,
) {
  return planRestore({
    set: setOf(layout),
    manifest: manifestOf(layout),
    layout,
    targets: [{ source: 'disk0', disk }],
    here,
  });
}

function ids(planned: Plan): string[] {
  return planned.steps.map(({ id }) => id);
}

function argvs(planned: Plan, id?: string): string[] {
  return planned.steps
    .filter((step) => id === undefined || step.id === id)
    .flatMap(({ actions }) => actions.flatMap((action) => (action.type === 'run' ? [action.argv.join(' ')] : [])));
}

describe('the plan of each kind of machine [C1] [C2] [C7] [C9]', () => {
  it('orders the steps of a BIOS machine with an extended partition', () => {
    const planned = plan(biosMachine());
    expect(planSchema.parse(planned)).toEqual(planned);
    expect(ids(planned)).toEqual([
      ...['release:disk0', 'rehearse', 'check:disk0', 'wipe:disk0', 'table:disk0'],
      ...['make:disk0:1', 'make:disk0:5', 'make:disk0:6', 'make:disk0:7'],
      ...['extract:disk0:6', 'extract:disk0:1', 'extract:disk0:7'],
      ...['mount:target', 'boot:grub', 'flags:disk0:6', 'prove', 'log', 'unmount'],
    ]);
    expect(planned.warnings).toEqual([]);
    expect(argvs(planned, 'boot:grub')).toContain(
      'chroot /mnt/target grub-install --target=i386-pc --recheck /dev/vda',
    );
  });

  it('writes the boot entry and the fallback path on a UEFI machine', () => {
    const planned = plan(uefiMachine());
    expect(ids(planned).slice(-7)).toEqual([
      'mount:target',
      'boot:fallback',
      'boot:entry',
      'flags:disk0:3',
      'prove',
      'log',
      'unmount',
    ]);
    expect(argvs(planned, 'boot:fallback')).toEqual([
      'mkdir -p /mnt/target/boot/efi/EFI/BOOT',
      'cp -T -- /mnt/target/boot/efi/EFI/debian/shimx64.efi /mnt/target/boot/efi/EFI/BOOT/BOOTX64.EFI',
      'cp -T -- /mnt/target/boot/efi/EFI/debian/grub.cfg /mnt/target/boot/efi/EFI/BOOT/grub.cfg',
      'cp -T -- /mnt/target/boot/efi/EFI/debian/grubx64.efi /mnt/target/boot/efi/EFI/BOOT/grubx64.efi',
      'cp -T -- /mnt/target/boot/efi/EFI/debian/mmx64.efi /mnt/target/boot/efi/EFI/BOOT/mmx64.efi',
    ]);
    expect(argvs(planned, 'boot:entry')).toContain(
      'efibootmgr --quiet --create --disk /dev/vda --part 1 --label debian --loader \\EFI\\debian\\shimx64.efi',
    );
    expect(argvs(planned, 'extract:disk0:1')).toContain(
      'mount -t vfat -o noatime,tz=UTC,quiet /dev/vda1 /mnt/alone/disk0-1',
    );
  });

  it.each<[string, string[], string, string]>([
    ['the shim', ['EFI/debian/grubx64.efi', 'EFI/debian/shimx64.efi'], 'debian', '\\EFI\\debian\\shimx64.efi'],
    ['the fallback where it is alone', ['EFI/Boot/bootx64.efi'], 'web01', '\\EFI\\Boot\\bootx64.efi'],
  ])('writes a boot entry where the saved machine had none: %s', (_, espFiles, label, loader) => {
    const layout = uefiMachine();
    Object.assign(layout.boot, { efiEntries: [], espFiles });
    const made = `efibootmgr --quiet --create --disk /dev/vda --part 1 --label ${label} --loader ${loader}`;
    expect(argvs(plan(layout), 'boot:entry')).toContain(made);
    const partition = '0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9';
    const bootEntries = [{ number: '0001', label, loader, partition, ordered: true }];
    expect(ids(plan(layout, targetDisk(), { ...uefiHere, bootEntries }))).not.toContain('boot:entry');
  });

  it('clears a BIOS boot partition and makes nothing on it', () => {
    const planned = plan(biosGptMachine(), targetDisk({ path: '/dev/nvme0n1', name: 'nvme0n1' }));
    expect(ids(planned)).not.toContain('make:disk0:1');
    expect(argvs(planned, 'table:disk0')).toContain('wipefs --all --force /dev/nvme0n1p1');
    expect(argvs(planned, 'boot:grub').join()).toContain('--recheck /dev/nvme0n1');
  });

  it('is the same plan with the same digest each time, and another for another disk', () => {
    expect(plan(biosMachine())).toEqual(plan(biosMachine()));
    expect(plan(biosMachine(), targetDisk({ path: '/dev/sdb' })).digest).not.toBe(plan(biosMachine()).digest);
  });

  it('mounts nested file systems outer first and takes them off inner first', () => {
    const planned = plan(uefiMachine());
    expect(argvs(planned, 'mount:target').filter((line) => line.startsWith('mount'))).toEqual([
      'mount -t ext4 -o noatime /dev/vda3 /mnt/target',
      'mount -t vfat -o noatime,tz=UTC,quiet /dev/vda1 /mnt/target/boot/efi',
    ]);
    expect(argvs(planned, 'unmount')).toEqual(['umount /mnt/target/boot/efi', 'umount /mnt/target', 'sync']);
  });
});

describe('nothing resolves to the old disk [C4]', () => {
  for (const layout of [biosMachine(), uefiMachine(), biosGptMachine()]) {
    it(`names devices of the target only: ${layout.boot.firmware}, ${layout.nodes.length} partitions`, () => {
      const lines = argvs(plan(layout)).filter((line) => !/^(env MKE2FS|mkswap|mkfs)/.test(line));
      for (const line of lines) {
        expect(line).not.toMatch(/UUID=|LABEL=|by-uuid|by-label|\/dev\/sda/);
        for (const device of line.match(/\/dev\/\w+/g) ?? []) expect(device).toMatch(/^\/dev\/(vda\d?|null|zero)$/);
      }
    });
  }

  it('checks the disk before anything, and destroys only after the rehearsal', () => {
    const planned = plan(biosMachine());
    const first = planned.steps.findIndex(({ destroys }) => destroys !== null);
    expect(planned.steps[first]?.id).toBe('wipe:disk0');
    expect(planned.steps[first - 1]?.id).toBe('check:disk0');
    expect(planned.steps[first]?.actions.slice(0, 1)).toEqual([
      { type: 'assert-disk', device: '/dev/vda', sizeBytes: savedBytes, serial: 'X1', wwn: null },
    ]);
  });

  it('asserts the mount before each extraction', () => {
    for (const { id, actions } of plan(biosMachine()).steps) {
      if (!id.startsWith('extract:')) continue;
      const at = actions.findIndex(({ type }) => type === 'extract');
      expect(actions[at - 1]).toMatchObject({ type: 'assert-mounted', uuid: expect.any(String) });
    }
  });
});

describe('warnings [C5] [C7]', () => {
  it('says what a larger disk leaves unused and lets its GPT use all of it', () => {
    const planned = plan(uefiMachine(), targetDisk({ sizeBytes: 2 * savedBytes }));
    expect(planned.warnings).toEqual([
      'vda is larger than the saved sda: 6.44 GB at its end stay unused. To use them: Tab in the plan of the menu, or grow the last partition later.',
    ]);
    const table = planned.steps.find(({ id }) => id === 'table:disk0')?.actions[0];
    expect(table).toMatchObject({ type: 'run', input: expect.not.stringContaining('last-lba') });
  });

  it('names what is not in the set', () => {
    const layout = biosMachine();
    const home = layout.nodes.find(({ id }) => id === 'disk0:7');
    if (home !== undefined) Object.assign(home, { content: null, mount: null, notSaved: 'NTFS "Windows"' });
    const planned = plan(layout);
    expect(planned.warnings).toEqual([
      'sda7 of the saved machine held NTFS "Windows", which is not in the set: it comes back empty. Fill it from another backup.',
    ]);
  });

  it('warns of the other firmware and then writes no boot entry', () => {
    const planned = plan(uefiMachine(), targetDisk(), biosHere);
    expect(ids(planned)).not.toContain('boot:entry');
    expect(planned.warnings).toEqual([
      'The saved machine boots by UEFI, this one was started by BIOS: set its firmware to UEFI.',
    ]);
  });

  it('warns of the old disk with the same ids', () => {
    const here: Here = { ...biosHere, partitionIds: [{ disk: '/dev/vdb', id: '1badb002-06' }] };
    expect(plan(biosMachine(), targetDisk(), here).warnings).toEqual([
      '/dev/vdb has the same ids as the saved sda. Take it out before the first boot.',
    ]);
  });
});
