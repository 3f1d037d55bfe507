import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, type Disk } from '../harness/machine.ts';
import { restoreByKeys } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/**
 * (d) Debian 13, UEFI, Turkish, saved on a virtio disk and restored onto an NVMe one:
 * vda1 vfat /boot/efi, vda2 ext4 /boot (blocks of 1 KiB, inodes of 128 bytes), vda3 swap, vda4 xfs /, vda5 btrfs /home and /srv.
 */
describe('Debian 13 with xfs, btrfs and a small ext4, from virtio onto NVMe', () => {
  let saved: Saved;
  let work = '';
  let disks: Disk[] = [];

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.trixie, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    const file = await blankDisk(join(work, 'target.img'), `${shapes.trixie.sizeMiB}M`);
    disks = [{ file, serial: 'TARGET01', bus: 'nvme' }];
  }, 90 * 60_000);

  afterAll(() => rm(work, { recursive: true, force: true }));

  it('is restored onto NVMe, and is the same', async () => {
    await restoreByKeys({ name: 'restore-trixie', firmware: 'uefi', cdrom: saved.medium, disks }, 'nvme0n1');
    await expectSame(saved.disk, join(work, 'target.img'));
  });

  it('boots to its login prompt, with blank firmware variables', async () => {
    await expectBoots({ name: 'boot-trixie', firmware: 'uefi', disks });
  });
});
