import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AtMedium, atMedium } from '../scenario/at-medium.ts';
import { patience } from '../scenario/keys.ts';
import { expectBoots, expectSame } from '../scenario/restore.ts';

/** Somebody who trusts no program that was not read: the script of `plan --script`, in the rescue system's shell. */
describe('a BIOS machine with MBR, restored by the script alone', () => {
  let here: AtMedium;

  beforeAll(async () => {
    here = await atMedium({ name: 'script', memory: 1024 });
  });

  afterAll(() => here?.close());

  it('[C7] is written in the rescue system, asks for the name, and ends well', async () => {
    here.machine.send('!');
    await here.machine.expectScreen(/Shell of the rescue system/, 60);
    const plan = 'rekindle plan /run/rekindle/medium --target disk0=/dev/vda --script > /tmp/restore.sh';
    expect(await here.machine.shell(plan, patience.boot)).toBe(0);
    // Neither its own steps nor a helper of the product: what is left is standard tools.
    const standard = 'env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb';
    expect(
      await here.machine.shell(`echo sda | ${standard} sh /tmp/restore.sh > /tmp/words 2>&1`, patience.verify),
    ).toBe(1);
    expect(await here.machine.shell('grep -q "Nothing was written" /tmp/words && ! blkid -p /dev/vda')).toBe(0);
    const seconds = patience.verify + patience.restore;
    const code = await here.machine.shell(`echo vda | ${standard} sh /tmp/restore.sh > /tmp/words 2>&1`, seconds);
    if (code !== 0) await here.machine.shell('tail -n 30 /tmp/words');
    expect(code).toBe(0);
    expect(await here.machine.shell('grep -q "^== Restored" /tmp/words && ! mount | grep /mnt/target')).toBe(0);
    await here.machine.close();
  });

  it('[B6] brings every file back as it was', async () => {
    await expectSame(here.saved.disk, here.target);
  });

  it('[C9] boots to its login prompt', async () => {
    await expectBoots({ name: 'boot-script', disks: [{ file: here.target, serial: 'TARGET01' }] });
  });
});
