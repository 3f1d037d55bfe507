import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { cacheDirectory } from '../harness/cache.ts';
import { withPartitions } from '../harness/loop.ts';
import { blankDisk } from '../harness/machine.ts';
import { restoreByKeys, vgaConsole } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/** (b) UEFI, GPT, ESP: proven to boot by the fallback path alone, and by the boot entry alone. */
describe('a UEFI machine with GPT and an ESP', () => {
  let saved: Saved;
  let work = '';
  let target = '';
  let variables = '';

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.uefi, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    variables = join(work, 'variables.fd');
    target = await blankDisk(join(work, 'target.img'), `${shapes.uefi.sizeMiB}M`);
  });

  afterAll(async () => {
    await rm(work, { recursive: true, force: true });
  });

  it('[A1] [C1] [C2] [C9] [E1] is restored from CD by key presses on keyboard and screen', async () => {
    await restoreByKeys(
      {
        name: 'restore-uefi',
        firmware: 'uefi',
        variables,
        // A leap day, years after the backup was made, that ends while the machine is restored.
        clock: '2028-02-29T23:58:00',
        cdrom: saved.medium,
        disks: [{ file: target, serial: 'TARGET01' }],
      },
      'vda',
      vgaConsole,
    );
    await expectSame(saved.disk, target);
  });

  it('[C9] boots with blank firmware variables: by the fallback path', async () => {
    const copy = join(work, 'fallback.img');
    await run(['cp', '--sparse=always', target, copy]);
    await expectBoots({ name: 'boot-uefi-fallback', firmware: 'uefi', disks: [{ file: copy, serial: 'TARGET01' }] });
  });

  it('[C9] boots with the fallback removed: by the boot entry', async () => {
    const copy = join(work, 'entry.img');
    await run(['cp', '--sparse=always', target, copy]);
    await withPartitions(copy, async (device) => {
      await run(['mdel', '-i', `${device}p1`, '::/EFI/BOOT/BOOTX64.EFI'], { env: { MTOOLS_SKIP_CHECK: '1' } });
    });
    await expectBoots({
      name: 'boot-uefi-entry',
      firmware: 'uefi',
      variables,
      disks: [{ file: copy, serial: 'TARGET01' }],
    });
  });
});
