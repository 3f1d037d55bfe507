import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findKernel, initrdCompression } from '../../../../build/rescue/kernel.ts';
import { writeModule } from '../../../../build/rescue/module-file.ts';
import { findModules, installModules, type ModuleChoice, selectModules } from '../../../../build/rescue/modules.ts';
import { reportOf } from '../../../../common/errors/error.ts';
import { run } from '../../../../common/run.ts';
import { loadOrder, readModuleDatabase } from '../../../../init/modules/database.ts';
import { withoutPrograms } from '../../../fixtures/without-programs.ts';
import { debianKernel, type KernelRoot } from '../debian-kernel.ts';
import { temporaryDirectory } from '../temporary.ts';

let kernel: KernelRoot;
let choice: ModuleChoice;
let directory: string;

function names(files: readonly string[]): string[] {
  return files.map((file) => file.slice(file.lastIndexOf('/') + 1).replace('.ko', ''));
}

beforeAll(async () => {
  kernel = await debianKernel();
  const source = await findModules(kernel.release, kernel.root);
  directory = source.directory;
  choice = await selectModules(source);
}, 300_000);

describe('the choice of modules', () => {
  it('puts into the initrd all that can lead to the medium', () => {
    const wanted =
      'sr_mod sd_mod cdrom isofs squashfs overlay loop usb-storage uas xhci-pci ehci-pci ahci ata_piix nvme virtio_blk virtio_scsi hv_storvsc xen-blkfront sdhci-pci vfat nls_cp437 ext4 usbhid hid-generic megaraid_sas mptsas';
    expect(names(choice.initrd)).toEqual(expect.arrayContaining(wanted.split(' ')));
  });

  it('leaves out of the initrd what needs a network or a screen, and of rd-base what is no rescue', () => {
    for (const name of ['e1000e', 'i915', 'qla2xxx', 'snd-hda-intel']) expect(names(choice.initrd)).not.toContain(name);
    for (const name of ['i915', 'iwlwifi', 'snd-hda-intel', 'btusb']) expect(names(choice.rdBase)).not.toContain(name);
  });

  it('gives rd-base everything of the initrd, network, file systems, RAID, LVM, encryption', () => {
    expect(choice.rdBase).toEqual(expect.arrayContaining(choice.initrd));
    const wanted = 'e1000e igb r8169 tg3 virtio_net xfs btrfs raid456 dm-mod dm-crypt nfs cifs hv_netvsc qla2xxx st';
    expect(names(choice.rdBase)).toEqual(expect.arrayContaining(wanted.split(' ')));
  });

  it('is complete: each module has all that it depends on, soft dependencies too', () => {
    const database = readModuleDatabase(directory, '/nonexistent');
    for (const files of [choice.initrd, choice.rdBase]) {
      const have = new Set(files);
      for (const file of files)
        for (const needed of loadOrder(database, file.slice(file.lastIndexOf('/') + 1)))
          expect(have.has((database.files.get(needed) ?? '').slice(directory.length + 1))).toBe(true);
    }
  });

  it('follows soft dependencies that are aliases: ext4 needs some crc32c', () => {
    expect(names(choice.initrd)).toContain('crc32c_generic');
  });

  it('is installed with indexes that modprobe can use', async () => {
    const root = await temporaryDirectory();
    await mkdir(join(root, 'usr/lib'), { recursive: true });
    await run(['ln', '-s', 'usr/lib', join(root, 'lib')]);
    await installModules({ directory, release: kernel.release }, choice.initrd, root);
    const shown = await run(['modprobe', '-d', root, '-S', kernel.release, '--show-depends', 'usb_storage']);
    expect(shown.stdout).toContain('scsi_mod.ko');
    const installed = join(root, 'usr/lib/modules', kernel.release);
    expect(await readFile(join(installed, 'modules.builtin'), 'utf8')).toContain('kernel/');
    expect((await stat(join(installed, 'modules.alias'))).size).toBeGreaterThan(10_000);
  });
});

describe('a module file', () => {
  it.each([
    ['gz', ['gzip', '-c']],
    ['xz', ['xz', '-c']],
    ['zst', ['zstd', '-qc']],
  ] as const)('packed as .%s is unpacked', async (suffix, argv) => {
    const work = await temporaryDirectory();
    const content = 'module '.repeat(10_000);
    await writeFile(join(work, 'a.ko'), content);
    const [tool, option] = argv;
    await run([tool, option.replace('c', 'k'), join(work, 'a.ko')]);
    await writeModule(join(work, `a.ko.${suffix}`), join(work, 'out/a.ko'));
    expect(await readFile(join(work, 'out/a.ko'), 'utf8')).toBe(content);
  });

  it.each(['gz', 'xz', 'zst'])('packed as .%s and damaged, or not packed at all, is named (RK224)', async (suffix) => {
    const work = await temporaryDirectory();
    const file = join(work, `a.ko.${suffix}`);
    await writeFile(file, 'not packed at all');
    await expect(writeModule(file, join(work, 'out/a.ko'))).rejects.toMatchObject({
      code: 'RK224',
      reason: expect.stringContaining(file),
    });
  });

  it('packed as .xz where xz is not installed: the package, not a bug', async () => {
    const work = await temporaryDirectory();
    await writeFile(join(work, 'a.ko'), 'module');
    await run(['xz', join(work, 'a.ko')]);
    await withoutPrograms(['xz']);
    const failure = await writeModule(join(work, 'a.ko.xz'), join(work, 'out/a.ko')).catch(reportOf);
    expect(failure).toMatchObject({ code: 'RK004', cause: expect.stringMatching(/^xz was not found/) });
    expect(failure).toMatchObject({ hint: expect.stringMatching(/install.*xz/i) });
  });
});

describe('the kernel', () => {
  it('is found, and its initrd may be zstd', async () => {
    expect(await findKernel(kernel.release, kernel.root)).toBe(join(kernel.root, `boot/vmlinuz-${kernel.release}`));
    expect(await initrdCompression(kernel.release, kernel.root)).toBe('zstd');
    expect(await initrdCompression('4.19.0-1-amd64', '/nonexistent')).toBe('gzip');
  });

  it('that is missing is said with the places and the others (RK202)', async () => {
    await expect(findKernel('9.9.9', kernel.root)).rejects.toMatchObject({
      code: 'RK202',
      reason: expect.stringContaining(`vmlinuz-${kernel.release}`),
    });
  });

  it('without a boot header is refused (RK203)', async () => {
    const root = await temporaryDirectory();
    await mkdir(join(root, 'boot'));
    await writeFile(join(root, 'boot/vmlinuz-1.2.3'), Buffer.alloc(4096, 1));
    await expect(findKernel('1.2.3', root)).rejects.toMatchObject({ code: 'RK203' });
  });

  it('without modules is said (RK209)', async () => {
    await expect(findModules('9.9.9', kernel.root)).rejects.toMatchObject({ code: 'RK209' });
  });
});
