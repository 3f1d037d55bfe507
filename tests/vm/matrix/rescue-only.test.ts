import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Machine } from '../harness/machine.ts';
import { patience } from '../scenario/keys.ts';
import { rescueOnly, savedMachine } from '../scenario/save.ts';

/** The third user's path: tools and a shell, nothing to restore. */
describe('a rescue-only medium', () => {
  let machine: Machine;

  beforeAll(async () => {
    const { disk, medium } = await savedMachine(rescueOnly);
    machine = await Machine.start({
      name: 'rescue-only',
      boot: 'cdrom',
      cdrom: medium,
      memory: 512,
      disks: [{ file: disk, serial: 'SICK0001', readonly: true }],
    });
  });

  afterAll(async () => {
    await machine?.close();
  });

  it('[B2] shows what it is, and offers no restore', async () => {
    // A slow line draws the screen piece by piece: its last entry is awaited.
    const screen = await machine.expectScreen(
      /rescue medium without a backup.*1 {2}Shell.*4 {2}Power off/s,
      patience.boot,
    );
    expect(screen).not.toContain('Restore this machine');
  });

  it('[E2] [E6] has the tools to look into the machine by hand', async () => {
    machine.send('!');
    await machine.expectScreen(/Shell of the rescue system/, 60);
    expect(
      await machine.shell('mkdir -p /mnt/s && mount -o ro,noload /dev/vda5 /mnt/s && test -f /mnt/s/etc/fstab'),
    ).toBe(0);
    for (const tool of [
      'sfdisk -l /dev/vda',
      'e2fsck -n /dev/vda6 || [ $? -le 4 ]',
      'lsblk',
      'mdadm --version',
      'nano --version',
    ])
      expect(await machine.shell(`${tool} > /dev/null`), tool).toBe(0);
  });
});
