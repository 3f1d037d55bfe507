import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../../common/files/is-there.ts';
import { run } from '../../common/run.ts';
import { type BootMenu, renderGrub } from './boot-menu.ts';

const modules = [
  'part_gpt',
  'part_msdos',
  'iso9660',
  'fat',
  'normal',
  'linux',
  'search',
  'search_fs_file',
  'search_label',
  'configfile',
  'echo',
  'serial',
  'terminal',
  'test',
  'all_video',
  'gzio',
  'halt',
  'reboot',
  'ls',
  'cat',
  'minicmd',
];
const moduleFolders = ['/usr/lib/grub/x86_64-efi', '/usr/share/grub2/x86_64-efi', '/usr/lib/grub2/x86_64-efi'];

async function moduleFolder(): Promise<string | null> {
  for (const folder of moduleFolders) if (await isThere(join(folder, 'linux.mod'))) return folder;
  return null;
}

async function tool(names: readonly string[]): Promise<string | null> {
  for (const name of names)
    for (const folder of ['/usr/bin', '/usr/sbin', '/bin', '/sbin'])
      if (await isThere(join(folder, name))) return join(folder, name);
  return null;
}

/** What this machine lacks to make a medium that boots by UEFI. */
export async function missingForUefi(): Promise<string[]> {
  const missing: string[] = [];
  if ((await moduleFolder()) === null) missing.push('grub x86_64-efi modules');
  if ((await tool(['grub-mkimage', 'grub2-mkimage'])) === null) missing.push('grub-mkimage');
  for (const name of ['mformat', 'mcopy', 'mmd']) if ((await tool([name])) === null) missing.push(name);
  return missing;
}

/**
 * Puts GRUB into the tree and into a FAT image for El Torito and, as the ESP of the hybrid image, for USB sticks.
 * GRUB finds the medium by a file that only this set has. Gives xorriso's options.
 */
export async function addUefiBoot(tree: string, work: string, menu: BootMenu): Promise<string[]> {
  const early = join(work, 'early.cfg');
  const binary = join(work, 'BOOTX64.EFI');
  const image = join(tree, 'boot/grub/efi.img');
  await writeFile(
    early,
    `search --no-floppy --set=root --file /rekindle/${menu.set}/set.json\nset prefix=($root)/boot/grub\nconfigfile ($root)/boot/grub/grub.cfg\n`,
  );
  const mkimage = (await tool(['grub-mkimage', 'grub2-mkimage'])) ?? 'grub-mkimage';
  await run([
    mkimage,
    '-O',
    'x86_64-efi',
    '-d',
    (await moduleFolder()) ?? '',
    '-p',
    '/boot/grub',
    '-c',
    early,
    '-o',
    binary,
    ...modules,
  ]);
  await mkdir(join(tree, 'boot/grub'), { recursive: true });
  await mkdir(join(tree, 'EFI/BOOT'), { recursive: true });
  await copyFile(binary, join(tree, 'EFI/BOOT/BOOTX64.EFI'));
  await writeFile(join(tree, 'boot/grub/grub.cfg'), renderGrub(menu));
  await writeImage(image, binary);
  await rm(early);
  await rm(binary);
  return ['-eltorito-alt-boot', '-e', 'boot/grub/efi.img', '-no-emul-boot', '-isohybrid-gpt-basdat'];
}

/** A FAT file system of just the needed size; made without mounting anything. */
async function writeImage(image: string, binary: string): Promise<void> {
  const kilobytes = Math.ceil((await stat(binary)).size / 1024) + 512;
  const sectors = Math.ceil(kilobytes / 32) * 64;
  await run(['mformat', '-C', '-i', image, '-T', String(sectors), '-h', '2', '-s', '32', '-v', 'REKINDLE', '::']);
  await run(['mmd', '-i', image, '::/EFI', '::/EFI/BOOT']);
  await run(['mcopy', '-i', image, binary, '::/EFI/BOOT/BOOTX64.EFI']);
}
