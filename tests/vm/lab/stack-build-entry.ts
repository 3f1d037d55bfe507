// Runs in the lab: stacks storage on the blank disks and puts a Debian that boots onto it.
import { realpathSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';
import { makeDifficultTree } from '../../fixtures/difficult-tree.ts';
import { grubSettings } from '../sources/grub-settings.ts';
import { type StackShape, stackShapes } from '../sources/stack-shapes.ts';
import { deviceOf, stackShell } from './stack-shell.ts';

const root = '/mnt/lab';
const shape: StackShape = stackShapes[process.env.LAB_SHAPE as keyof typeof stackShapes];
const smallFiles = Number(process.env.LAB_SMALL_FILES);
const disks = shape.disks.map((_, index) => realpathSync(`/dev/disk/by-id/virtio-disk${index}`));

/** All drivers, as Debian does it, take ten minutes here. The hooks of LVM, LUKS, md and btrfs add what they need. */
const drivers = 'virtio_pci virtio_blk virtio_scsi sd_mod nvme ahci ext4 xfs btrfs crc32c_generic'.split(' ');

/** Names that the machine itself would use; $R, `u` and the disks are known to each line. */
const shell = (script: string): Promise<void> =>
  stackShell(`R=${root}; u() { blkid -p -o value -s UUID "$1"; }\n${script}`, disks);

function say(what: string): void {
  console.log(`${process.uptime().toFixed(0)} s: ${what}`);
}

async function mountAll(): Promise<void> {
  for (const { at, device, options } of shape.mounts) {
    const place = join(root, at);
    await mkdir(place, { recursive: true });
    // Lies hidden below the mount point later: it must be saved too.
    if (at !== '/' && at !== '/boot/efi') await writeFile(join(place, 'hidden-below-the-mount'), `below ${at}\n`);
    await run(['mount', '-o', options, await deviceOf(device, disks), place]);
  }
}

async function configure(): Promise<void> {
  const lines = [
    ...shape.mounts.map(
      ({ at, device, options }) => `echo "${fstabName(device)} ${at} auto ${options} 0 ${at === '/' ? 1 : 2}"`,
    ),
    ...shape.swap.map((device) => `echo "${fstabName(device)} none swap sw 0 0"`),
  ];
  await shell(`{ ${lines.join('; ')}; } > $R/etc/fstab`);
  await writeFile(join(root, 'etc/hostname'), `${shape.name}\n`);
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost ${shape.name}\n`);
  await writeFile(join(root, 'etc/default/grub'), grubSettings);
  await run(['chroot', root, 'chpasswd'], { input: 'root:rekindle\n' });
  await run(['chroot', root, 'systemctl', 'enable', 'serial-getty@ttyS0.service']);
  await shell(shape.configure);
}

/** As the installer writes it: volumes by name, all else by UUID. */
function fstabName(device: string): string {
  return device.startsWith('/dev/mapper/') ? device : `UUID=$(u ${device})`;
}

async function boot(): Promise<void> {
  for (const name of ['dev', 'proc', 'sys', 'run']) await run(['mount', '--rbind', `/${name}`, join(root, name)]);
  if (shape.initramfs !== undefined) {
    say('initramfs');
    await writeFile(join(root, 'etc/initramfs-tools/conf.d/quick'), 'MODULES=list\nCOMPRESS=gzip\n');
    await writeFile(join(root, 'etc/initramfs-tools/modules'), `${drivers.join('\n')}\n`);
    await shell('chroot $R update-initramfs -u');
  }
  say('loader');
  await shell(
    `chroot $R update-grub; cat > $R/tmp/loader <<'END'\n${shape.loader}\nEND\nchroot $R bash -ex /tmp/loader "$@"; rm $R/tmp/loader`,
  );
  for (const name of ['dev', 'proc', 'sys', 'run']) {
    await run(['mount', '--make-rslave', join(root, name)]);
    await run(['umount', '-R', join(root, name)]);
  }
}

say(`making ${shape.name}`);
await stackShell(shape.make, disks);
await mountAll();
say('unpacking');
await run(
  ['tar', '-xpf', '/dev/disk/by-id/virtio-debian', '-C', root, '--xattrs', '--xattrs-include=*', '--numeric-owner'],
  {
    timeoutMs: 1_800_000,
  },
);
await configure();
await boot();
say('files');
const server = await makeDifficultTree(join(root, 'srv'), smallFiles);
server.close();
await run(['umount', '-R', root], { timeoutMs: 600_000 });
await stackShell(shape.close, disks);
await run(['sync']);
say('done');
writeFileSync(process.argv[2] ?? '/tmp/result', '{}', { flag: 'r+' });
