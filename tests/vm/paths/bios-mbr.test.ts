import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AtMedium, atMedium } from '../scenario/at-medium.ts';
import { rebootThrough, restoreThrough, serialConsole } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';

/** The first user's path: a BIOS machine with MBR, saved from inside, restored from CD through the menu on the serial line. */
describe('a BIOS machine with MBR, /boot, /home and swap', () => {
  let here: AtMedium;

  beforeAll(async () => {
    here = await atMedium({ name: 'restore-mbr', memory: 512 });
  });

  afterAll(() => here?.close());

  it('[A1] [A8] [E2] boots from CD to the menu, opens a shell in it, and comes back', async () => {
    here.machine.send('!');
    await here.machine.expectScreen(/Shell of the rescue system/, 60);
    expect(await here.machine.shell('ls /run/rekindle/medium/rekindle/*/set.json')).toBe(0);
    expect(await here.machine.shell('test "$(findmnt -no FSTYPE /)" = overlay')).toBe(0);
    expect(
      await here.machine.shell(
        'mkdir -p /mnt/m && mount -o ro /dev/sr0 /mnt/m && test -d /mnt/m/rekindle && umount /mnt/m',
      ),
    ).toBe(0);
    here.machine.send('exit\r');
    await here.machine.expectScreen(/Restore this machine/, 60);
    here.machine.send('!');
    await here.machine.expectScreen(/Shell of the rescue system/, 60);
    here.machine.send('exit\r');
    await here.machine.expectScreen(/Restore this machine/, 60);
  });

  it('[C1] [C2] [C4] [C6] [C7] [C8] [C9] restores onto a blank disk by key presses', async () => {
    const screen = serialConsole(here.machine);
    await restoreThrough(screen, 'vda');
    await rebootThrough(screen, here.machine);
  });

  it('[B6] [C15] brings every file back as it was', async () => {
    await expectSame(here.saved.disk, here.target);
  });

  it('[C9] boots to its login prompt, without the source disk and the medium', async () => {
    await expectBoots({ name: 'boot-mbr', disks: [{ file: here.target, serial: 'TARGET01' }] });
  });
});
