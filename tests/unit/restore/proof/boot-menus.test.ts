import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootMenu } from '../../../../restore/proof/checks/boot-menu.ts';
import { rootArgument } from '../../../../restore/proof/checks/root-argument.ts';
import { readTarget } from '../../../../restore/proof/read/target.ts';
import type { Subject } from '../../../../restore/proof/subject.ts';
import { bootId, device, rootId, systemOf } from './families.ts';

/** As grub.cfg writes it. */
const savedEntry = '$' + '{saved_entry}';
let work = '';
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'rekindle-menus-'));
});
afterEach(() => rmSync(work, { recursive: true }));

async function results(subject: Subject) {
  return [(await bootMenu.run(subject))?.result, (await rootArgument.run(subject))?.result];
}

const fedoraEntry = (version: string, root = `UUID=${rootId}`) =>
  `title Fedora Linux (${version})\nversion ${version}\nlinux /vmlinuz-${version}\ninitrd /initramfs-${version}.img $tuned_initrd\noptions root=${root} ro rhgb\nid fedora-${version}\n`;

/** Fedora and RHEL: BLS entries in a /boot of its own, the menu only says blscfg. */
function fedora(changes: Record<string, string> = {}): Subject {
  return systemOf(
    work,
    {
      'boot/grub2/grub.cfg': `set default="${savedEntry}"\ninsmod blscfg\nblscfg\n`,
      'boot/grub2/grubenv': '# GRUB Environment Block\nsaved_entry=m-6.9.5\n####',
      'boot/loader/entries/m-6.9.5.conf': fedoraEntry('6.9.5'),
      'boot/loader/entries/m-6.10.2.conf': fedoraEntry('6.10.2'),
      'boot/vmlinuz-6.9.5': 'kernel',
      'boot/initramfs-6.9.5.img': 'initramfs',
      'boot/vmlinuz-6.10.2': 'kernel',
      'boot/initramfs-6.10.2.img': 'initramfs',
      ...changes,
    },
    [device('/dev/vda2', { uuid: bootId, content: 'xfs' }), device('/dev/vda3', { uuid: rootId, content: 'xfs' })],
    [
      { at: '/', device: '/dev/vda3', type: 'xfs', within: '/' },
      { at: '/boot', device: '/dev/vda2', type: 'xfs', within: '/' },
    ],
  );
}

describe('[C11] the boot menu of other families than Debian', () => {
  it('Fedora: the saved entry, else the newest, in the order of versions and not of letters', async () => {
    const saved = fedora();
    expect(readTarget(saved)).toMatchObject({
      kernel: '/boot/vmlinuz-6.9.5',
      initrds: ['/boot/initramfs-6.9.5.img'],
      namedVersion: '6.9.5',
    });
    expect(await results(saved)).toEqual(['pass', 'pass']);
    rmSync(work, { recursive: true });
    expect(readTarget(fedora({ 'boot/grub2/grubenv': '####' })).kernel).toBe('/boot/vmlinuz-6.10.2');
  });

  it('Fedora: a wrong root= in the entry that starts fails, in another it does not', async () => {
    const wrong = fedoraEntry('6.9.5', 'UUID=99999999-0000-4000-8000-000000000009');
    expect(await results(fedora({ 'boot/loader/entries/m-6.9.5.conf': wrong }))).toEqual(['pass', 'fail']);
    rmSync(work, { recursive: true });
    const other = fedoraEntry('6.10.2', 'UUID=99999999-0000-4000-8000-000000000009');
    expect(await results(fedora({ 'boot/loader/entries/m-6.10.2.conf': other }))).toEqual(['pass', 'pass']);
  });

  it('SUSE: paths begin at the top of the btrfs, whose subvolume is mounted', async () => {
    const suse = systemOf(
      work,
      {
        'boot/grub2/grub.cfg': `set default="0"\nmenuentry 'openSUSE' --class opensuse $menuentry_id_option 'x' {\n  search --no-floppy --fs-uuid --set=root --hint='hd0,gpt2' ${rootId}\n  linux /@/boot/vmlinuz-6.4.0-default root=UUID=${rootId} splash\n  initrd /@/boot/initrd-6.4.0-default\n}\n`,
        'boot/vmlinuz-6.4.0-default': 'kernel',
        'boot/initrd-6.4.0-default': 'initrd',
      },
      [
        device('/dev/vda2', { uuid: rootId, content: 'btrfs' }),
        device('/dev/vda3', { uuid: rootId, content: 'btrfs' }),
      ],
      [{ at: '/', device: '/dev/vda2', type: 'btrfs', within: '/@' }],
    );
    expect(readTarget(suse).kernel).toBe('/boot/vmlinuz-6.4.0-default');
    expect(await results(suse)).toEqual(['pass', 'pass']);
  });

  it('Arch: systemd-boot with its entries on the EFI system partition, microcode first', async () => {
    const arch = systemOf(
      work,
      {
        'boot/loader/loader.conf': 'timeout 3\ndefault arch.conf\n',
        'boot/loader/entries/arch.conf': `title Arch Linux\nlinux /vmlinuz-linux\ninitrd /amd-ucode.img\ninitrd /initramfs-linux.img\noptions root=PARTUUID=cccccccc-0000-4000-8000-000000000003 rw\n`,
        'boot/loader/entries/old.conf': 'title Old\nlinux /vmlinuz-old\noptions root=/dev/sdz1\n',
        'boot/vmlinuz-linux': 'kernel',
        'boot/amd-ucode.img': 'microcode',
        'boot/initramfs-linux.img': 'initramfs',
      },
      [
        device('/dev/vda1', { content: 'vfat', partitionType: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b' }),
        device('/dev/vda2', { partitionId: 'cccccccc-0000-4000-8000-000000000003' }),
      ],
      [
        { at: '/', device: '/dev/vda2', type: 'ext4', within: '/' },
        { at: '/boot', device: '/dev/vda1', type: 'vfat', within: '/' },
      ],
    );
    expect(readTarget(arch)).toMatchObject({
      kernel: '/boot/vmlinuz-linux',
      initrds: ['/boot/amd-ucode.img', '/boot/initramfs-linux.img'],
    });
    expect(await results(arch)).toEqual(['pass', 'pass']);
    expect((await bootMenu.run(arch))?.detail).toContain('1 would not start');
  });

  it('what a loader that is not known starts, nobody can tell', async () => {
    const other = systemOf(
      work,
      { 'boot/extlinux/extlinux.conf': 'DEFAULT linux\n' },
      [],
      [{ at: '/', device: '/dev/vda2', type: 'ext4', within: '/' }],
    );
    expect((await bootMenu.run(other))?.result).toBe('cannot-tell');
  });
});

describe('[C11] which entry of grub.cfg starts', () => {
  const entry = (title: string, id: string) =>
    `menuentry '${title}' --class os $menuentry_id_option '${id}' {\n linux /boot/vmlinuz-${id} root=UUID=${rootId}\n}\n`;
  const menu = (wanted: string) =>
    `if [ "\${next_entry}" ] ; then\n set default="\${next_entry}"\nelse\n set default="${wanted}"\nfi\n${entry('First', '1')}submenu 'Advanced' $menuentry_id_option 'more' {\n\t${entry('Second', '2')}\t${entry('Third', '3')}}\nmenuentry 'Firmware' $menuentry_id_option 'fw' {\n fwsetup\n}\n${entry('Last', '4')}`;
  it.each([
    ['0', '1'],
    ['1>1', '3'],
    ['more>2', '2'],
    ['Advanced>Third', '3'],
    ['Last', '4'],
    ['3', '4'],
    ['not there', '1'],
    [savedEntry, '2'],
  ])('default %s starts %s', (wanted, started) => {
    const files = { 'boot/grub/grub.cfg': menu(wanted), 'boot/grub/grubenv': 'saved_entry=more>2\n' };
    const subject = systemOf(work, files, [], [{ at: '/', device: '/dev/vda2', type: 'ext4', within: '/' }]);
    expect(readTarget(subject).kernel).toBe(`/boot/vmlinuz-${started}`);
  });
});
