import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, type Machine } from '../harness/machine.ts';
import { bootMedium, rebootThrough, restoreThrough, serialConsole } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/** The first user's path: a BIOS machine with MBR, saved from inside, restored from CD through the menu on the serial line. */
describe('a BIOS machine with MBR, /boot, /home and swap', () => {
  let saved: Saved;
  let work = '';
  let target = '';
  let machine: Machine;

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    target = await blankDisk(join(work, 'target.img'), `${shapes.mbr.sizeMiB}M`);
    machine = await bootMedium({
      name: 'restore-mbr',
      cdrom: saved.medium,
      disks: [{ file: target, serial: 'TARGET01' }],
      memory: 512,
    });
  });

  afterAll(async () => {
    await machine?.close();
    await rm(work, { recursive: true, force: true });
  });

  it('[A1] [A8] [E2] boots from CD to the menu, opens a shell in it, and comes back', async () => {
    machine.send('!');
    await machine.expectScreen(/Shell of the rescue system/, 60);
    expect(await machine.shell('ls /run/rekindle/medium/rekindle/*/set.json')).toBe(0);
    expect(await machine.shell('test "$(findmnt -no FSTYPE /)" = overlay')).toBe(0);
    expect(
      await machine.shell('mkdir -p /mnt/m && mount -o ro /dev/sr0 /mnt/m && test -d /mnt/m/rekindle && umount /mnt/m'),
    ).toBe(0);
    machine.send('exit\r');
    await machine.expectScreen(/Restore this machine/, 60);
    machine.send('!');
    await machine.expectScreen(/Shell of the rescue system/, 60);
    machine.send('exit\r');
    await machine.expectScreen(/Restore this machine/, 60);
  });

  it('[C1] [C2] [C4] [C6] [C7] [C8] [C9] restores onto a blank disk by key presses', async () => {
    const screen = serialConsole(machine);
    await restoreThrough(screen, 'vda');
    await rebootThrough(screen, machine);
  });

  it('[B6] [C15] brings every file back as it was', async () => {
    await expectSame(saved.disk, target);
  });

  it('[C9] boots to its login prompt, without the source disk and the medium', async () => {
    await expectBoots({ name: 'boot-mbr', disks: [{ file: target, serial: 'TARGET01' }] });
  });
});
