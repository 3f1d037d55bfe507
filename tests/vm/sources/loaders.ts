import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import type { NumberedPart, Shape } from './shapes.ts';

/** A source machine's root, mounted with all that belongs below it, and its partitions. */
export interface Installed {
  root: string;
  device: string;
  shape: Shape;
  parts: readonly NumberedPart[];
}

const kernelArguments = 'console=tty0 console=ttyS0,115200';

export async function uuidOf(device: string): Promise<string> {
  return (await run(['blkid', '-p', '-o', 'value', '-s', 'UUID', device])).stdout.trim();
}

function nodeOf({ device, parts }: Installed, which: (part: NumberedPart) => boolean): string {
  return `${device}p${parts.find(which)?.number ?? 1}`;
}

const rootOf = (installed: Installed): string => nodeOf(installed, ({ at }) => at === '/');

export async function installLoader(installed: Installed): Promise<void> {
  const { root, device, shape } = installed;
  for (const name of ['dev', 'proc', 'sys']) await run(['mount', '--bind', `/${name}`, join(root, name)]);
  if (shape.loader === 'systemd-boot') return installSystemdBoot(installed);
  await run(['chroot', root, 'update-grub']);
  await replaceLoopNames(installed);
  if (shape.loader === 'signed-grub') await fillEspSigned(installed);
  else if (shape.firmware === 'uefi') await fillEsp(installed);
  else await run(['chroot', root, 'grub-install', '--target=i386-pc', device]);
}

/** Without udev grub-mkconfig writes the loop device's name as root=. */
async function replaceLoopNames(installed: Installed): Promise<void> {
  const file = join(installed.root, 'boot/grub/grub.cfg');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(/root=\/dev\/loop\S+/g, `root=UUID=${await uuidOf(rootOf(installed))}`));
}

const modules =
  'part_gpt ext2 fat normal linux search search_fs_uuid configfile echo test gzio all_video gfxterm loadenv minicmd';

/** Where GRUB's menu lies: it is told by the partition that it was started from. */
async function earlyConfiguration(installed: Installed): Promise<string> {
  const separate = installed.parts.some(({ at }) => at === '/boot');
  const uuid = await uuidOf(separate ? nodeOf(installed, ({ at }) => at === '/boot') : rootOf(installed));
  const prefix = separate ? '/grub' : '/boot/grub';
  return `search.fs_uuid ${uuid} root\nset prefix=($root)'${prefix}'\nconfigfile $prefix/grub.cfg\n`;
}

/** What grub-install puts on an ESP. */
async function fillEsp(installed: Installed): Promise<void> {
  const { root } = installed;
  await writeFile(join(root, 'tmp/early.cfg'), await earlyConfiguration(installed));
  const image = ['-O', 'x86_64-efi', '-p', '/boot/grub', '-c', '/tmp/early.cfg', '-o', '/tmp/grubx64.efi'];
  await run(['chroot', root, 'grub-mkimage', ...image, ...modules.split(' ')]);
  await run(['cp', '-r', '/usr/lib/grub/x86_64-efi', join(root, 'boot/grub/')]);
  await withEsp(installed, async (esp) => {
    await cp(join(root, 'tmp/grubx64.efi'), join(esp, 'EFI/debian/grubx64.efi'));
    await cp(join(root, 'tmp/grubx64.efi'), join(esp, 'EFI/BOOT/BOOTX64.EFI'));
  });
  await rm(join(root, 'tmp/early.cfg'));
  await rm(join(root, 'tmp/grubx64.efi'));
}

/** What Debian's packages of the signed shim and GRUB put there, once more where firmware looks by itself. */
async function fillEspSigned(installed: Installed): Promise<void> {
  const { root } = installed;
  const [shim, grub] = [join(root, 'usr/lib/shim'), join(root, 'usr/lib/grub')];
  await run(['cp', '-r', join(grub, 'x86_64-efi'), join(root, 'boot/grub/')]);
  await withEsp(installed, async (esp) => {
    const signed = join(grub, 'x86_64-efi-signed/grubx64.efi.signed');
    for (const [directory, first] of [
      ['debian', 'shimx64.efi'],
      ['BOOT', 'BOOTX64.EFI'],
    ] as const) {
      await cp(join(shim, 'shimx64.efi.signed'), join(esp, 'EFI', directory, first));
      await cp(join(shim, 'mmx64.efi.signed'), join(esp, 'EFI', directory, 'mmx64.efi'));
      await cp(signed, join(esp, 'EFI', directory, 'grubx64.efi'));
    }
    await cp(join(shim, 'fbx64.efi.signed'), join(esp, 'EFI/debian/fbx64.efi'));
    await cp(join(shim, 'BOOTX64.CSV'), join(esp, 'EFI/debian/BOOTX64.CSV'));
    // Built into the signed GRUB: it reads its first configuration there, wherever it was started from.
    await writeFile(join(esp, 'EFI/debian/grub.cfg'), await earlyConfiguration(installed));
  });
}

/** As its package's own scripts do it, which must find an ESP that is mounted: here they are told not to look. */
async function installSystemdBoot(installed: Installed): Promise<void> {
  const { root } = installed;
  const esp = join(root, 'boot/efi');
  const env = { SYSTEMD_RELAX_ESP_CHECKS: '1' };
  const inside = (...argv: string[]): Promise<unknown> =>
    run(['chroot', root, ...argv], { env, timeoutMs: 10 * 60_000 });
  const identity = `root=UUID=${await uuidOf(rootOf(installed))} ro`;
  await writeFile(join(root, 'etc/kernel/cmdline'), `${identity} ${kernelArguments}\n`);
  await inside('systemd-machine-id-setup');
  // Mounted, so that an entry's paths begin there.
  await run(['mount', '-t', 'tmpfs', 'esp', esp]);
  await inside('bootctl', '--esp-path=/boot/efi', '--no-variables', '--make-entry-directory=yes', 'install');
  for (const name of await readdir(join(root, 'boot'))) {
    const version = /^vmlinuz-(.*)$/.exec(name)?.[1];
    if (version === undefined) continue;
    const initrd = `/boot/initrd.img-${version}`;
    await inside('kernel-install', '--esp-path=/boot/efi', 'add', version, `/boot/${name}`, initrd);
  }
  // kernel-install is content with an ESP that it takes no notice of.
  if ((await readdir(join(esp, 'loader/entries'))).length === 0) throw new Error('kernel-install made no boot entry');
  await writeFile(join(esp, 'loader/loader.conf'), 'timeout 1\nconsole-mode keep\n');
  await copyToEsp(installed, esp);
  await run(['umount', esp]);
}

/** Fills an ESP that GRUB is started from. */
async function withEsp(installed: Installed, fill: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(installed.root, 'tmp/esp-'));
  for (const name of ['debian', 'BOOT']) await mkdir(join(directory, 'EFI', name), { recursive: true });
  await fill(directory);
  await copyToEsp(installed, directory);
  await rm(directory, { recursive: true });
}

/** With mtools: this host's kernel cannot mount vfat. */
async function copyToEsp(installed: Installed, directory: string): Promise<void> {
  const esp = nodeOf(installed, ({ type }) => type === 'vfat');
  const names = (await readdir(directory)).map((name) => join(directory, name));
  await run(['mcopy', '-s', '-i', esp, ...names, '::/'], { env: { MTOOLS_SKIP_CHECK: '1' } });
}
