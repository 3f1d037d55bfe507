import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, type Disk } from '../harness/machine.ts';
import { restoreByKeys } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/** A machine with a virtio disk, on another kind of disk. */
describe('a machine on a disk of another controller [C6]', () => {
  let saved: Saved;
  let work = '';

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  for (const { bus, name } of [
    { bus: 'nvme', name: 'nvme0n1' },
    { bus: 'scsi', name: 'sda' },
  ] as const)
    it(`[C6] [C9] is restored onto ${bus}, is the same, and boots`, async () => {
      const file = await blankDisk(join(work, `${bus}.img`), `${shapes.mbr.sizeMiB}M`);
      const disks: Disk[] = [{ file, serial: 'TARGET01', bus }];
      await restoreByKeys({ name: `restore-${bus}`, cdrom: saved.medium, disks, memory: 512 }, name);
      await expectSame(saved.disk, file);
      await expectBoots({ name: `boot-${bus}`, disks });
    });
});
