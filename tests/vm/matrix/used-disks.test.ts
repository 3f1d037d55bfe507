import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { type AtMedium, atMedium } from '../scenario/at-medium.ts';
import { rebootThrough, restoreThrough, serialConsole } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';

/** Leaves the disk in use: a GPT, a mounted ext4, an active volume group with a mounted volume, a running array, swap. */
const dirt = [
  'echo "label: gpt\nsize=500M\nsize=1G\nsize=600M\nsize=300M" | tr "\\\\n" "\\n" | sfdisk -q --wipe always /dev/vdb',
  'udevadm settle',
  'mke2fs -q -F -L root /dev/vdb1 && mkdir -p /mnt/a /mnt/b && mount /dev/vdb1 /mnt/a',
  'modprobe dm-mod; pvcreate -q -ff -y /dev/vdb2 && vgcreate -q vg0 /dev/vdb2 && lvcreate -q -y -Wy -L 200M -n root vg0',
  'mke2fs -q -F /dev/vg0/root && mount /dev/vg0/root /mnt/b',
  'modprobe raid1; mdadm --create /dev/md0 --run --force --level=1 --raid-devices=1 --metadata=1.0 /dev/vdb3',
  'mkswap /dev/vdb4 && swapon /dev/vdb4',
  'test $(lsblk -nro TYPE /dev/vdb | grep -cE "lvm|raid1") = 2',
];

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 4 << 20 }), hash);
  return hash.digest('hex');
}

/** The old disk was left in, with the same ids on it; the new one is a used one that the kernel still holds. */
describe('a used disk as the target, the old disk still attached', () => {
  let here: AtMedium;
  let old = '';

  beforeAll(async () => {
    here = await atMedium({
      name: 'restore-used',
      memory: 512,
      before: async (saved, work) => {
        old = join(work, 'old.img');
        await run(['cp', '--sparse=always', saved.disk, old]);
        return [{ file: old, serial: 'SOURCE01' }];
      },
    });
  });

  afterAll(() => here?.close());

  it('is put into use: mounts, an active volume group, a running array, swap', async () => {
    here.machine.send('!');
    await here.machine.expectScreen(/Shell of the rescue system/, 60);
    for (const line of dirt) expect(await here.machine.shell(line, 120), line).toBe(0);
    here.machine.send('exit\r');
    await here.machine.expectScreen(/Restore this machine/, 60);
  });

  it('[C1] [C2] [C4] is released, cleared and restored onto', async () => {
    const screen = serialConsole(here.machine);
    await restoreThrough(screen, 'vdb');
    await rebootThrough(screen, here.machine);
    await expectSame(here.saved.disk, here.target);
  });

  it('[C4] leaves the old disk unchanged to the byte', async () => {
    expect(await digestOf(old)).toBe(await digestOf(here.saved.disk));
  });

  it('boots to its login prompt', async () => {
    await expectBoots({ name: 'boot-used', disks: [{ file: here.target, serial: 'TARGET01' }] });
  });
});
