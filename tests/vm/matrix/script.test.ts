import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, type Machine } from '../harness/machine.ts';
import { bootMedium, patience } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/** Somebody who trusts no program that was not read: the script of `plan --script`, in the rescue system's shell. */
describe('a BIOS machine with MBR, restored by the script alone', () => {
  let saved: Saved;
  let work = '';
  let target = '';
  let machine: Machine;

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    target = await blankDisk(join(work, 'target.img'), `${shapes.mbr.sizeMiB}M`);
    machine = await bootMedium({
      name: 'script',
      cdrom: saved.medium,
      disks: [{ file: target, serial: 'TARGET01' }],
      memory: 1024,
    });
  });

  afterAll(async () => {
    await machine?.close();
    await rm(work, { recursive: true, force: true });
  });

  it('[C7] is written in the rescue system, asks for the name, and ends well', async () => {
    machine.send('!');
    await machine.expectScreen(/Shell of the rescue system/, 60);
    const plan = 'rekindle plan /run/rekindle/medium --target disk0=/dev/vda --script > /tmp/restore.sh';
    expect(await machine.shell(plan, patience.boot)).toBe(0);
    // Neither its own steps nor a helper of the product: what is left is standard tools.
    const standard = 'env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb';
    expect(await machine.shell(`echo sda | ${standard} sh /tmp/restore.sh > /tmp/words 2>&1`, patience.verify)).toBe(1);
    expect(await machine.shell('grep -q "Nothing was written" /tmp/words && ! blkid -p /dev/vda')).toBe(0);
    const seconds = patience.verify + patience.restore;
    const code = await machine.shell(`echo vda | ${standard} sh /tmp/restore.sh > /tmp/words 2>&1`, seconds);
    if (code !== 0) await machine.shell('tail -n 30 /tmp/words');
    expect(code).toBe(0);
    expect(await machine.shell('grep -q "^== Restored" /tmp/words && ! mount | grep /mnt/target')).toBe(0);
    await machine.close();
  });

  it('[B6] brings every file back as it was', async () => {
    await expectSame(saved.disk, target);
  });

  it('[C9] boots to its login prompt', async () => {
    await expectBoots({ name: 'boot-script', disks: [{ file: target, serial: 'TARGET01' }] });
  });
});
