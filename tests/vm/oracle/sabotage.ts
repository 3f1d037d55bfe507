import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../common/run.ts';

/** A system that boots, mounted with its /boot and /home, for somebody to break. */
export interface Victim {
  /** Where it is mounted. */
  root: string;
  /** The whole disk. */
  disk: string;
}

/** One way to break it. */
export interface Sabotage {
  name: string;
  /** Before it is mounted. */
  offline?(rootDevice: string): Promise<void>;
  apply(victim: Victim): Promise<void>;
  /** Why proof and boot may disagree; reviewed. */
  reviewed?: string;
  /** The check that can only say that it cannot tell, and does. */
  unknown?: string;
}

const wrongId = '00000000-dead-4bad-8bad-000000000000';

/** Rewrites a text file of the victim, and fails when nothing changed. */
export function edit({ root }: Victim, path: string, change: (text: string) => string): void {
  const file = join(root, path);
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${path} stayed as it was`);
  writeFileSync(file, after);
}

/** '/boot/vmlinuz-6.1.0-1-amd64' of 'vmlinuz-'. */
export function fileOfBoot({ root }: Victim, prefix: string): string {
  const name = readdirSync(join(root, 'boot')).find((each) => each.startsWith(prefix));
  if (name === undefined) throw new Error(`/boot holds no ${prefix}*`);
  return join(root, 'boot', name);
}

/** Zeroes on the disk. */
export async function zero(device: string, start: number, bytes: number): Promise<void> {
  const file = await open(device, 'r+');
  try {
    await file.write(Buffer.alloc(bytes), 0, bytes, start);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Packs the initramfs again without these modules. */
async function withoutModule(victim: Victim, module: string): Promise<void> {
  const image = fileOfBoot(victim, 'initrd.img-').slice(victim.root.length);
  const script = `set -e; d=/root/initramfs; unmkinitramfs "$1" $d; cd $d; if [ -d main ]; then cd main; fi
    n=$(find . -name "$2.ko*" | wc -l); test "$n" -gt 0; find . -name "$2.ko*" -delete
    find . | cpio --quiet -o -H newc | gzip -1 > "$1"; cd /; rm -r $d`;
  await run(['chroot', victim.root, 'sh', '-c', script, 'sh', image, module]);
}

/** Changes the line of one mount point. */
function fstabLine(at: string, change: (fields: string[]) => string[]): Sabotage['apply'] {
  return async (victim) =>
    edit(victim, 'etc/fstab', (text) =>
      text
        .split('\n')
        .map((line) => (line.split(/\s+/)[1] === at ? change(line.split(/\s+/)).join(' ') : line))
        .join('\n'),
    );
}

const remove =
  (find: (victim: Victim) => string) =>
  async (victim: Victim): Promise<void> => {
    const file = find(victim);
    if (!existsSync(file)) throw new Error(`${file} is not there`);
    await rm(file, { recursive: true });
  };

const named = (path: string) => (victim: Victim) => join(victim.root, path);

/** Each of them happened to somebody after a restore. */
export const sabotages: readonly Sabotage[] = [
  {
    name: 'a wrong UUID for /home in fstab',
    apply: fstabLine('/home', ([, ...rest]) => [`UUID=${wrongId}`, ...rest]),
  },
  {
    name: 'a wrong UUID for / in fstab',
    apply: fstabLine('/', ([, ...rest]) => [`UUID=${wrongId}`, ...rest]),
  },
  {
    name: 'a disk that is gone, by its serial, for /home in fstab',
    apply: fstabLine('/home', ([, ...rest]) => ['/dev/disk/by-id/ata-ST500DM002_Z3T0000A-part1', ...rest]),
    unknown: 'fstab',
  },
  {
    name: 'an array of other disks in mdadm.conf',
    apply: async ({ root }) => {
      mkdirSync(join(root, 'etc/mdadm'), { recursive: true });
      const uuid = '99999999:99999999:99999999:99999999';
      writeFileSync(join(root, 'etc/mdadm/mdadm.conf'), `ARRAY /dev/md0 metadata=1.2 UUID=${uuid}\n`);
    },
  },
  {
    name: 'types without a disk, and binds of what is there at run time, in fstab',
    apply: async (victim) =>
      edit(
        victim,
        'etc/fstab',
        (text) =>
          `${text}debugfs /srv/debug debugfs defaults 0 0\n/dev/pts /srv/pts none bind 0 0\n/srv/new /srv/bound none bind 0 0\n`,
      ),
  },
  {
    name: 'the id of /home as a link of udev',
    apply: fstabLine('/home', ([id = '', ...rest]) => [`/dev/disk/by-uuid/${id.replace('UUID=', '')}`, ...rest]),
  },
  { name: 'no fstab', apply: remove(named('etc/fstab')) },
  {
    name: 'two file systems for one place in fstab',
    apply: async (victim) => edit(victim, 'etc/fstab', (text) => `${text}tmpfs /home tmpfs defaults 0 0\n`),
  },
  {
    name: 'a wrong type for /home in fstab',
    apply: fstabLine('/home', ([id = '', at = '']) => [id, at, 'xfs', 'defaults', '0', '0']),
  },
  {
    name: 'an option in fstab that the file system does not know',
    apply: fstabLine('/home', ([id = '', at = '', type = '']) => [id, at, type, 'no-such-option', '0', '0']),
    reviewed: 'no check knows the options of each file system',
  },
  ...['default.target', 'basic.target', 'sysinit.target', 'systemd-udevd.service', 'systemd-udev-trigger.service'].map(
    (unit) => ({ name: `${unit} is missing`, apply: remove(named(`usr/lib/systemd/system/${unit}`)) }),
  ),
  ...['sysinit.target', 'systemd-udev-trigger.service'].map((unit) => ({
    name: `${unit} is masked`,
    apply: ({ root }: Victim) => symlink('/dev/null', join(root, 'etc/systemd/system', unit)),
  })),
  { name: 'no initramfs', apply: remove((victim) => fileOfBoot(victim, 'initrd.img-')) },
  {
    name: 'an initramfs that was cut off',
    apply: async (victim) => truncate(fileOfBoot(victim, 'initrd.img-'), 6 << 20),
  },
  { name: 'an initramfs without the driver of the disk', apply: (victim) => withoutModule(victim, 'virtio_blk') },
  { name: 'an initramfs without the root file system', apply: (victim) => withoutModule(victim, 'ext4') },
  {
    name: 'a wrong root= in the boot menu',
    apply: async (victim) =>
      edit(victim, 'boot/grub/grub.cfg', (text) => text.replaceAll(/root=UUID=[0-9a-f-]+/g, `root=UUID=${wrongId}`)),
  },
  {
    name: 'a root file system with a new UUID',
    offline: async (rootDevice) =>
      void (await run([
        'sh',
        '-ec',
        'e2fsck -fy "$1" > /dev/null || test $? -eq 1; tune2fs -U "$2" "$1"',
        'sh',
        rootDevice,
        wrongId,
      ])),
    apply: async () => undefined,
  },
  { name: 'no kernel', apply: remove((victim) => fileOfBoot(victim, 'vmlinuz-')) },
  { name: 'a kernel that was cut off', apply: async (victim) => truncate(fileOfBoot(victim, 'vmlinuz-'), 1 << 20) },
  { name: 'no boot menu', apply: remove(named('boot/grub/grub.cfg')) },
  { name: "no modules of GRUB's", apply: remove(named('boot/grub/i386-pc')) },
  { name: 'no boot code in the first sector', apply: ({ disk }) => zero(disk, 0, 440) },
  { name: 'no GRUB behind the first sector', apply: ({ disk }) => zero(disk, 512, 62 * 512) },
  { name: 'no init', apply: remove(named('usr/lib/systemd/systemd')) },
  { name: 'no C library', apply: remove(named('usr/lib/x86_64-linux-gnu/libc.so.6')) },
  {
    name: 'no /etc/passwd',
    apply: remove(named('etc/passwd')),
    reviewed: 'the prompt comes, and nobody can log in: the proof calls that no start',
  },
  {
    name: 'a swap area that is not there',
    apply: fstabLine('none', ([, ...rest]) => [`UUID=${wrongId}`, ...rest]),
  },
];
