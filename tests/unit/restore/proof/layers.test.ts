import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crypttab } from '../../../../restore/proof/checks/crypttab.ts';
import { efiLoader } from '../../../../restore/proof/checks/efi-loader.ts';
import { initramfsContents } from '../../../../restore/proof/checks/initramfs-contents.ts';
import { rootArgument } from '../../../../restore/proof/checks/root-argument.ts';
import { swap } from '../../../../restore/proof/checks/swap.ts';
import type { Device } from '../../../../restore/proof/device.ts';
import { resolveReference } from '../../../../restore/proof/reference/resolve.ts';
import type { Subject } from '../../../../restore/proof/subject.ts';
import { device, rootId, systemOf } from './families.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-layers-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const luksId = 'cccccccc-0000-4000-8000-000000000003';
/** ext4 on LVM on LUKS on a mirror. */
const stack: Device[] = [
  device('/dev/vda2', { content: 'linux_raid_member', uuid: 'dddddddd-0000-4000-8000-000000000004' }),
  device('/dev/md0', { type: 'raid1', content: 'crypto_LUKS', uuid: luksId, below: ['/dev/vda2', '/dev/vda'] }),
  device('/dev/mapper/md0_crypt', {
    type: 'crypt',
    content: 'LVM2_member',
    uuid: 'AbCdEf',
    below: ['/dev/md0', '/dev/vda2', '/dev/vda'],
  }),
  device('/dev/mapper/vg--0-root', {
    type: 'lvm',
    aliases: ['/dev/vg-0/root'],
    uuid: rootId,
    below: ['/dev/mapper/md0_crypt', '/dev/md0', '/dev/vda2', '/dev/vda'],
  }),
];
const all = [
  'init',
  'sbin/mdadm',
  'sbin/cryptsetup',
  'sbin/lvm',
  ...['nvme', 'raid1', 'dm-crypt', 'dm-mod', 'ext4', 'jbd2'].map((name) => `lib/modules/6.1/${name}.ko.xz`),
];

function stacked(initramfs: readonly string[], files: Record<string, string> = {}): Subject {
  const tree = join(work, 'initramfs');
  for (const name of initramfs) {
    mkdirSync(join(tree, name, '..'), { recursive: true });
    writeFileSync(join(tree, name), '');
  }
  mkdirSync(join(work, 'system/boot'), { recursive: true });
  execFileSync('sh', [
    '-c',
    'cd "$1" && find . | cpio -o -H newc --quiet | gzip > "$2"',
    'sh',
    tree,
    join(work, 'system/boot/initrd.img-6.1'),
  ]);
  return systemOf(
    join(work, 'system'),
    {
      'boot/grub/grub.cfg': `menuentry 'Linux' {\n linux /boot/vmlinuz-6.1 root=/dev/mapper/vg--0-root ro\n initrd /boot/initrd.img-6.1\n}\n`,
      'boot/vmlinuz-6.1': 'no kernel, but its name tells the version',
      'lib/modules/6.1/modules.builtin': 'kernel/drivers/md/md-mod.ko\n',
      'lib/modules/6.1/modules.dep':
        'kernel/ext4.ko.xz: kernel/jbd2.ko.xz\nkernel/nvme.ko.xz:\nkernel/raid1.ko.xz:\nkernel/dm-crypt.ko.xz: kernel/dm-mod.ko.xz\nkernel/dm-mod.ko.xz:\n',
      'etc/crypttab': `md0_crypt UUID=${luksId} none luks\n`,
      ...files,
    },
    stack,
    [{ at: '/', device: '/dev/mapper/vg--0-root', type: 'ext4', within: '/' }],
  );
}

describe('[C11] a root file system on several layers', () => {
  it('is proven when the initramfs holds all of them', async () => {
    const subject = stacked(all);
    expect(await initramfsContents.run(subject)).toMatchObject({ result: 'pass' });
    expect(await crypttab.run(subject)).toMatchObject({ result: 'pass' });
    expect(await rootArgument.run(subject)).toMatchObject({ result: 'pass' });
  });

  it.each([
    ['sbin/mdadm', /mdadm \(the array/],
    ['sbin/cryptsetup', /cryptsetup \(the encryption/],
    ['sbin/lvm', /lvm \(the volume/],
    ['lib/modules/6.1/raid1.ko.xz', /module raid1/],
    ['lib/modules/6.1/dm-crypt.ko.xz', /module dm_crypt/],
    ['lib/modules/6.1/jbd2.ko.xz', /module jbd2/],
    ['lib/modules/6.1/nvme.ko.xz', /module nvme \(the controller of \/dev\/vda\)/],
    ['init', /no \/init/],
  ])('fails without %s', async (name, words) => {
    const verdict = await initramfsContents.run(stacked(all.filter((each) => each !== name)));
    expect(verdict).toMatchObject({ result: 'fail', detail: expect.stringMatching(words) });
  });

  it('knows both names of a volume, and no other', () => {
    expect(resolveReference('/dev/vg-0/root', stack)).toMatchObject({ kind: 'found', device: { uuid: rootId } });
    expect(resolveReference('/dev/mapper/vg--0-swap', stack)).toEqual({ kind: 'missing' });
  });

  it('a member of an array is not the file system with its id', () => {
    expect(resolveReference('UUID=dddddddd-0000-4000-8000-000000000004', stack)).toEqual({ kind: 'missing' });
  });

  it('labels are compared exactly, ids in any case, names of the kernel not trusted', () => {
    const devices = [device('/dev/vda1', { label: 'Boot', uuid: 'abcd-12ef' })];
    expect(resolveReference('LABEL=boot', devices).kind).toBe('missing');
    expect(resolveReference('LABEL="Boot"', devices).kind).toBe('found');
    expect(resolveReference('UUID=ABCD-12EF', devices).kind).toBe('found');
    expect(resolveReference('/dev/disk/by-uuid/ABCD-12EF', devices).kind).toBe('found');
    expect(resolveReference('/dev/vda1', devices).kind).toBe('kernel-name');
    expect(resolveReference('tmpfs', devices).kind).toBe('not-a-device');
  });
});

describe('[C11] small things', () => {
  it('a swap file must be one', async () => {
    const page = `${'\0'.repeat(4096 - 10)}SWAPSPACE2`;
    const files = {
      'etc/fstab': '/swapfile none swap sw 0 0\n/other none swap sw 0 0\n',
      swapfile: page,
      other: 'text',
    };
    expect(await swap.run(systemOf(work, files, [], []))).toMatchObject({
      result: 'fail',
      detail: expect.stringMatching(/^fstab line 2: the file \/other is no swap area$/),
    });
  });

  it('an entry of the firmware counts when its file is on the very partition', async () => {
    const esp = 'eeeeeeee-0000-4000-8000-000000000005';
    const files = { 'boot/efi/EFI/debian/grubx64.efi': program() };
    const mounts = [{ at: '/boot/efi', device: '/dev/vda1', type: 'vfat', within: '/' }];
    const subject = systemOf(
      work,
      files,
      [
        device('/dev/vda1', {
          content: 'vfat',
          partitionId: esp,
          partitionType: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
        }),
      ],
      mounts,
    );
    const entry = { number: '0001', label: 'debian', loader: '\\EFI\\DEBIAN\\GRUBX64.EFI', ordered: true };
    expect(await efiLoader.run({ ...subject, bootEntries: [{ ...entry, partition: esp }] })).toMatchObject({
      result: 'pass',
    });
    expect(await efiLoader.run({ ...subject, bootEntries: [{ ...entry, partition: rootId }] })).toMatchObject({
      result: 'fail',
    });
    expect(
      await efiLoader.run({
        ...subject,
        bootEntries: [{ ...entry, partition: esp, loader: '\\EFI\\fedora\\shimx64.efi' }],
      }),
    ).toMatchObject({ result: 'fail' });
  });
});

/** The smallest EFI program for x86-64: headers without sections. */
function program(): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write('MZ');
  bytes.writeUInt32LE(0x40, 0x3c);
  bytes.write('PE\0\0', 0x40, 'latin1');

  bytes.writeUInt16LE(0x8664, 0x44);
  return bytes;
}
