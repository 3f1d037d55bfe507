import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import type { Disk } from '../harness/machine.ts';
import { expectBoots } from '../scenario/restore.ts';
import {
  blankTargets,
  expectRefused,
  expectSameStack,
  restoreStack,
  type SavedStack,
  savedStack,
} from '../scenario/stacks.ts';
import type { StackName } from '../sources/stack-image.ts';

/** Building one in the lab and saving it: twenty minutes on a quiet machine. */
const making = 90 * 60_000;

/** Machines whose root lies on layers, each saved from inside, restored onto blank disks, compared and booted. */
const machines: readonly { name: StackName; title: string }[] = [
  { name: 'luks', title: 'LVM on LUKS2, UEFI' },
  { name: 'raid', title: 'RAID 1 for /boot and LVM on RAID 5, four disks' },
  { name: 'xfs', title: 'xfs with a swap file' },
  { name: 'btrfs', title: 'btrfs with subvolumes on two disks' },
  { name: 'thin', title: 'a thin pool' },
  { name: 'f2fs', title: 'f2fs with compressed files' },
  { name: 'sectors', title: 'sectors of 4096 bytes, UEFI' },
];

for (const { name, title } of machines)
  describe(`${title} (${name})`, () => {
    let saved: SavedStack;
    let work = '';
    let targets: Disk[] = [];

    beforeAll(async () => {
      saved = await savedStack(name);
      work = await mkdtemp(join(cacheDirectory, 'run-'));
      targets = await blankTargets(saved, work);
    }, making);

    afterAll(async () => {
      await rm(work, { recursive: true, force: true });
    });

    it('[C3] [C9] [C14] is restored onto blank disks', async () => {
      await restoreStack(saved, targets, work);
    });

    it('[B6] [C2] [C3] [C6] has the same layers and files', async () => {
      await expectSameStack(
        saved,
        targets.map(({ file }) => file),
        work,
      );
    });

    it('[C9] boots to its login prompt', async () => {
      const { firmware, memory, passphrase } = saved.shape;
      // Blank firmware variables: the source had no boot entry of its own, so the fallback path must do.
      await expectBoots({ name: `boot-${name}`, firmware, memory, disks: targets }, passphrase);
    });

    it('[C6] [C14] is not restored onto the same disks again by the medium that was left in the drive', async () => {
      await expectRefused(saved, targets, work);
    });
  });
