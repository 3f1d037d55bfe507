import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, type Disk } from '../harness/machine.ts';
import { restoreByKeys } from '../scenario/keys.ts';
import { reportedRow } from '../scenario/reported.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/**
 * (e) Debian unstable of today, UEFI, saved on a virtio disk and restored onto a SCSI one: kernel 7.x, dracut, systemd-boot with
 * its kernels on the ESP, NetworkManager. vda1 vfat /boot/efi, vda2 swap, vda3 ext4 /.
 *
 * sid may be broken by itself on any day: what fails here is reported, and fails nothing.
 */
describe('Debian unstable with dracut and systemd-boot, from virtio onto SCSI', () => {
  const row = reportedRow('sid');
  let saved: Saved;
  let work = '';
  let disks: Disk[] = [];

  row.prepare(async () => {
    saved = await savedMachine({ shape: shapes.sid, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    const file = await blankDisk(join(work, 'target.img'), `${shapes.sid.sizeMiB}M`);
    disks = [{ file, serial: 'TARGET01', bus: 'scsi' }];
  }, 90);

  afterAll(async () => {
    if (work !== '') await rm(work, { recursive: true, force: true });
  });

  row.step(
    'is restored onto SCSI, and is the same',
    async () => {
      await restoreByKeys({ name: 'restore-sid', firmware: 'uefi', cdrom: saved.medium, disks }, 'sda');
      await expectSame(saved.disk, join(work, 'target.img'));
    },
    45,
  );

  row.step(
    'boots to its login prompt, with blank firmware variables',
    () => expectBoots({ name: 'boot-sid', firmware: 'uefi', disks }),
    20,
  );
});
