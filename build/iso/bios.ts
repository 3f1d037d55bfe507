import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../../common/files/is-there.ts';
import { type BootMenu, renderIsolinux } from './boot-menu.ts';

/** Where distributions put the parts of SYSLINUX. */
const folders = [
  '/usr/lib/ISOLINUX',
  '/usr/lib/syslinux/modules/bios',
  '/usr/lib/syslinux/bios',
  '/usr/share/syslinux',
  '/usr/lib/syslinux/mbr',
  '/usr/lib/syslinux',
];
const parts = ['isolinux.bin', 'ldlinux.c32', 'libutil.c32', 'libcom32.c32', 'menu.c32', 'chain.c32'];

async function find(name: string): Promise<string | null> {
  for (const folder of folders) if (await isThere(join(folder, name))) return join(folder, name);
  return null;
}

/** The names of SYSLINUX files that this machine lacks; empty when the medium can boot by BIOS. */
export async function missingForBios(): Promise<string[]> {
  const missing: string[] = [];
  for (const name of [...parts, 'isohdpfx.bin']) if ((await find(name)) === null) missing.push(name);
  return missing;
}

/** Puts isolinux and its menu into the tree. Gives the options that make xorriso's image boot by BIOS, from CD and from USB. */
export async function addBiosBoot(tree: string, menu: BootMenu): Promise<string[]> {
  const target = join(tree, 'isolinux');
  await mkdir(target, { recursive: true });
  for (const name of parts) {
    const file = await find(name);
    if (file) await copyFile(file, join(target, name));
  }
  await writeFile(join(target, 'isolinux.cfg'), renderIsolinux(menu));
  const mbr = (await find('isohdpfx.bin')) ?? '';
  return [
    '-isohybrid-mbr',
    mbr,
    '-c',
    'isolinux/boot.cat',
    '-b',
    'isolinux/isolinux.bin',
    '-no-emul-boot',
    '-boot-load-size',
    '4',
    '-boot-info-table',
  ];
}
