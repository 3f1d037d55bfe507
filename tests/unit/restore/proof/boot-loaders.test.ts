import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootMenu } from '../../../../restore/proof/checks/boot-menu.ts';
import { efiStub } from '../../../../restore/proof/checks/efi-stub.ts';
import { initramfs } from '../../../../restore/proof/checks/initramfs.ts';
import { parseDefaultSubvolume } from '../../../../restore/proof/read/default-subvolumes.ts';
import { readTarget } from '../../../../restore/proof/read/target.ts';
import { comparePackages, compareSystemd } from '../../../../restore/proof/read/versions.ts';
import type { Subject } from '../../../../restore/proof/subject.ts';
import { bootId, rootId } from './families.ts';
import { disks, efiProgram, espId, type Files, grubEfi, search, systemdBoot } from './menu-machines.ts';

let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-loaders-'));
});
afterEach(() => rmSync(work, { recursive: true }));

const grubMenu = `menuentry GRUB {\n ${search(rootId)}\n linux /boot/vmlinuz-grub root=UUID=${rootId}\n}\n`;
const both: Files = {
  'boot/grub/grub.cfg': grubMenu,
  'boot/vmlinuz-grub': 'k',
  'efi/loader/entries/arch.conf': `title Arch\nlinux /vmlinuz-systemd\noptions root=UUID=${rootId}\n`,
  'efi/vmlinuz-systemd': 'k',
};
const entry = (loader: string, number = '0001') => ({
  number,
  label: 'Linux',
  partition: espId,
  loader,
  ordered: true,
});

describe('[C11] the loader that the firmware starts has the menu', () => {
  it.each<[string, Files, Subject['bootEntries'], string]>([
    ['the fallback path is systemd-boot', { 'efi/EFI/BOOT/BOOTX64.EFI': systemdBoot }, [], '/efi/vmlinuz-systemd'],
    ['the fallback path is GRUB', { 'efi/EFI/BOOT/BOOTX64.EFI': grubEfi }, [], '/boot/vmlinuz-grub'],
    [
      'an entry of the firmware goes before the fallback path',
      { 'efi/EFI/BOOT/BOOTX64.EFI': grubEfi, 'efi/EFI/systemd/systemd-bootx64.efi': systemdBoot },
      [entry('\\EFI\\systemd\\systemd-bootx64.efi')],
      '/efi/vmlinuz-systemd',
    ],
    [
      'an entry whose file is gone counts for nothing',
      { 'efi/EFI/BOOT/BOOTX64.EFI': grubEfi },
      [entry('\\EFI\\systemd\\systemd-bootx64.efi')],
      '/boot/vmlinuz-grub',
    ],
    [
      'an entry on another disk counts for nothing',
      { 'efi/EFI/BOOT/BOOTX64.EFI': grubEfi, 'efi/EFI/systemd/systemd-bootx64.efi': systemdBoot },
      [{ ...entry('\\EFI\\systemd\\systemd-bootx64.efi'), partition: bootId }],
      '/boot/vmlinuz-grub',
    ],
    [
      'shim starts what bears the name of GRUB beside it',
      { 'efi/EFI/BOOT/BOOTX64.EFI': efiProgram('x\nshim,4,UEFI shim'), 'efi/EFI/BOOT/grubx64.efi': systemdBoot },
      [],
      '/efi/vmlinuz-systemd',
    ],
    ['the only loader by its name', { 'efi/EFI/systemd/systemd-bootx64.efi': 'x' }, [], '/efi/vmlinuz-systemd'],
    ['the only loader by its name: GRUB', { 'efi/EFI/debian/grubx64.efi': 'x' }, [], '/boot/vmlinuz-grub'],
    ['no loader, and GRUB was never installed', {}, [], '/efi/vmlinuz-systemd'],
  ])('%s', async (_, files, bootEntries, started) => {
    const subject = { ...disks.espIsEfi(work, { ...both, ...files }), bootEntries };
    expect(readTarget(subject)).toMatchObject({ kernel: started, unsure: null });
    expect(await bootMenu.run(subject)).toMatchObject({ result: 'pass' });
  });

  it.each<[string, Files, RegExp]>([
    [
      'both are installed, and neither is known',
      { 'boot/grub/x86_64-efi/normal.mod': '' },
      /which of them the firmware starts/,
    ],
    [
      'rEFInd',
      { 'efi/EFI/BOOT/BOOTX64.EFI': efiProgram(Buffer.from('rEFInd', 'utf16le').toString('latin1')) },
      /rEFInd/,
    ],
    ['only rEFInd, by its name', { 'efi/EFI/BOOT/BOOTX64.EFI': 'x', 'efi/EFI/refind/refind_x64.efi': 'x' }, /rEFInd/],
    [
      'extlinux beside a menu of GRUB',
      { 'boot/extlinux/extlinux.conf': 'x', 'efi/loader/entries/arch.conf': '' },
      /extlinux/,
    ],
  ])('cannot tell: %s', async (_, files, words) => {
    const verdict = await bootMenu.run(disks.espIsEfi(work, { ...both, ...files }));
    expect(verdict).toMatchObject({ result: 'cannot-tell', detail: expect.stringMatching(words) });
  });

  it('cannot tell where the EFI system partition is not mounted', async () => {
    const subject = disks.espIsEfi(work, both);
    const mounts = subject.mounts.filter(({ at }) => at === '/');
    expect(await bootMenu.run({ ...subject, mounts })).toMatchObject({ result: 'cannot-tell' });
  });
});

describe('[C11] which entry systemd-boot starts', () => {
  const files = (names: Record<string, string>): Files => ({
    'efi/EFI/BOOT/BOOTX64.EFI': systemdBoot,
    ...Object.fromEntries(
      Object.entries(names).flatMap(([name, more]) => [
        [`efi/loader/entries/${name}`, `title ${name}\nlinux /${name}.kernel\n${more}`],
        [`efi/${name}.kernel`, 'k'],
      ]),
    ),
  });
  const three = { 'a-6.9.conf': '', 'a-6.10.conf': '', 'memory.conf': 'sort-key z\n' };
  it.each<[string, Record<string, string>, string | null, string]>([
    ['those with a key before those without, then the newest', three, null, 'memory.conf'],
    ['the newest version', { 'a-6.9.conf': '', 'a-6.10.conf': '' }, null, 'a-6.10.conf'],
    ['a pattern', three, 'default a-*', 'a-6.10.conf'],
    ['a name', three, 'default a-6.9.conf', 'a-6.9.conf'],
    ['a name in other letters', three, 'default\tA-6.9.conf', 'a-6.9.conf'],
    ['one that is not there', { 'b.conf': '', 'c.conf': '' }, 'default x.conf', 'c.conf'],
    ['one with starts left', { 'a+3-1.conf': '', 'b+0-3.conf': '' }, 'default a.conf', 'a+3-1.conf'],
    ['not one whose starts are used up', { 'a.conf': '', 'b+0-3.conf': '' }, null, 'a.conf'],
    [
      'versions before names',
      { 'a.conf': 'sort-key x\nversion 1\n', 'b.conf': 'sort-key x\nversion 2\n' },
      null,
      'b.conf',
    ],
    ['not one for another processor', { 'a.conf': '', 'z.conf': 'architecture aa64\n' }, null, 'a.conf'],
  ])('%s', (_, names, settings, started) => {
    const conf: Files = settings === null ? {} : { 'efi/loader/loader.conf': `timeout 3\n${settings}\n` };
    const subject = disks.espIsEfi(work, { ...files(names), ...conf });
    expect(readTarget(subject)).toMatchObject({ kernel: `/efi/${started}.kernel`, unsure: null });
  });

  it('cannot tell where the firmware remembers the last one', async () => {
    const subject = disks.espIsEfi(work, { ...files(three), 'efi/loader/loader.conf': 'default @saved\n' });
    expect(await bootMenu.run(subject)).toMatchObject({ result: 'cannot-tell' });
  });

  it('a unified kernel image says its arguments and its version, and holds its initramfs', async () => {
    const image = efiProgram('', {
      '.osrel': 'ID=fedora\nPRETTY_NAME="Fedora Linux 42"\n',
      '.cmdline': `root=UUID=${rootId} ro\0`,
      '.uname': '6.16.10',
      '.linux': 'kernel',
      '.initrd': 'no archive',
    });
    const subject = disks.espIsEfi(work, { 'efi/EFI/BOOT/BOOTX64.EFI': systemdBoot, 'efi/EFI/Linux/f.efi': image });
    const path = '/efi/EFI/Linux/f.efi';
    const options = [`root=UUID=${rootId}`, 'ro'];
    expect(readTarget(subject)).toMatchObject({ kernel: path, initrds: [path], options, namedVersion: '6.16.10' });
    expect(await bootMenu.run(subject)).toMatchObject({
      result: 'pass',
      detail: expect.stringMatching(/Fedora Linux 42/),
    });
    expect(await initramfs.run(subject)).toMatchObject({
      result: 'fail',
      detail: expect.stringMatching(/neither a cpio/),
    });
  });
});

describe('[C11] files of GRUB on the EFI system partition', () => {
  const stub = (id: string) =>
    `search.fs_uuid ${id} root\nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n`;
  const nowhere = stub('99999999-0000-4000-8000-000000000009');
  const at = (files: Files) => disks.plain(work, { 'boot/grub/grub.cfg': grubMenu, ...files });
  it.each<[string, Files, string | null]>([
    ['leads to the menu', { 'boot/efi/EFI/debian/grub.cfg': stub(rootId) }, 'pass'],
    ['leads nowhere', { 'boot/efi/EFI/debian/grub.cfg': nowhere }, 'fail'],
    [
      'another one that was left there',
      { 'boot/efi/EFI/old/grub.cfg': nowhere, 'boot/efi/EFI/debian/grub.cfg': stub(rootId) },
      'cannot-tell',
    ],
    [
      'another one beside the loader that starts',
      {
        'boot/efi/EFI/old/grub.cfg': nowhere,
        'boot/efi/EFI/BOOT/grub.cfg': stub(rootId),
        'boot/efi/EFI/BOOT/BOOTX64.EFI': grubEfi,
      },
      'pass',
    ],
    [
      'the one beside the loader leads nowhere, another one leads to the menu',
      {
        'boot/efi/EFI/debian/grub.cfg': stub(rootId),
        'boot/efi/EFI/BOOT/grub.cfg': nowhere,
        'boot/efi/EFI/BOOT/BOOTX64.EFI': grubEfi,
      },
      'cannot-tell',
    ],
    [
      'systemd-boot starts, GRUB was left there',
      { 'boot/efi/EFI/old/grub.cfg': nowhere, 'boot/efi/EFI/BOOT/BOOTX64.EFI': systemdBoot },
      null,
    ],
  ])('%s', async (_, files, result) => {
    const verdict = await efiStub.run(at(files));
    expect(verdict?.result ?? null).toBe(result);
  });
});

describe('versions', () => {
  it.each([
    ['m-6.9.5-1', 'm-6.10.1-1', -1],
    ['m-0-rescue', 'm-6.1.0-1', -1],
    ['m-6.1~rc1-1', 'm-6.1-1', -1],
    ['m-6.1.0-1', 'm-6.1.0-1', 0],
  ])('GRUB: %s and %s', (left, right, order) => {
    expect(Math.sign(comparePackages(left, right))).toBe(order);
    expect(Math.sign(comparePackages(right, left))).toBe(order === 0 ? 0 : -order);
  });
  it.each([
    ['6.9', '6.10', -1],
    ['6.1~rc1', '6.1', -1],
    ['6.1-1', '6.1.1', -1],
    ['123', '123', 0],
    ['a', '1', -1],
  ])('systemd: %s and %s', (left, right, order) => {
    expect(Math.sign(compareSystemd(left, right))).toBe(order);
    expect(Math.sign(compareSystemd(right, left))).toBe(order === 0 ? 0 : -order);
  });
});

describe('the default subvolume', () => {
  it.each([
    ['ID 5 (FS_TREE)\n', '/'],
    ['ID 258 gen 100 top level 257 path @/.snapshots/1/snapshot\n', '/@/.snapshots/1/snapshot'],
    ['ID 58 gen 1 top level 5 path a path b\n', '/a path b'],
    ['', null],
  ])('%j', (text, path) => {
    expect(parseDefaultSubvolume(text)).toBe(path);
  });
});
