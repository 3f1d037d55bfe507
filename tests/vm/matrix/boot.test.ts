import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, Machine, type MachineOptions } from '../harness/machine.ts';
import { bootMedium, patience } from '../scenario/keys.ts';
import { takeKernel } from '../scenario/medium.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

/** How a medium starts: from where, with what, and what its kernel arguments do. */
describe('the medium', () => {
  let saved: Saved;
  let work = '';

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
  });

  afterAll(async () => {
    await rm(work, { recursive: true, force: true });
  });

  async function withMachine(starting: Promise<Machine>, use: (machine: Machine) => Promise<void>): Promise<void> {
    const machine = await starting;
    try {
      await use(machine);
    } finally {
      await machine.close();
    }
  }

  /** Adds words to the command line in the boot menu, as a person does: Tab, the words, Enter. */
  async function bootWith(name: string, words: string, options: Partial<MachineOptions> = {}): Promise<Machine> {
    const machine = await Machine.start({ name, boot: 'cdrom', cdrom: saved.medium, memory: 512, ...options });
    await machine.expectScreen(/Rekindle: menu/, 60);
    machine.send('\t');
    await machine.expectScreen(/vmlinuz/, 30);
    machine.send(` ${words}\r`);
    return machine;
  }

  for (const firmware of ['bios', 'uefi'] as const)
    it(`[A2] written to a USB stick boots by ${firmware.toUpperCase()}, and is not offered as a target`, async () => {
      const target = await blankDisk(join(work, `target-${firmware}.img`), '8G');
      const disks = [
        { file: saved.medium, serial: 'STICK', bus: 'usb' as const, readonly: true, bootIndex: 0 },
        { file: target, serial: 'TARGET01' },
      ];
      await withMachine(bootMedium({ name: `usb-${firmware}`, firmware, disks, boot: 'disk' }), async (machine) => {
        machine.send('1');
        const screen = await machine.expectScreen(/Not offered.*sda.*this medium/s, 90);
        expect(screen).toMatch(/1 +vda /);
      });
    });

  it('[A12] boots to the menu in 384 MiB', async () => {
    await withMachine(bootMedium({ name: 'boot-384', cdrom: saved.medium, memory: 384 }), async (machine) => {
      // Reading the whole set would push out the programs; the menu must answer, and say so.
      await machine.expectScreen(/little memory: the medium is checked when a restore begins/, patience.boot);
      machine.send('2');
      await machine.expectScreen(/[#$] $/m, patience.boot);
    });
  });

  it('[A9] [A11] rekindle.toram: the disc can be taken out', async () => {
    await withMachine(bootWith('toram', 'rekindle.toram rekindle.shell', { memory: 1024 }), async (machine) => {
      await machine.expect(/rekindle:\S* # $/, patience.boot);
      await machine.shell('umount /run/rekindle/medium; eject /dev/sr0 || true', 60);
      await machine.monitor.command('eject -f cd');
      await machine.shell('echo 3 > /proc/sys/vm/drop_caches');
      expect(await machine.shell('md5sum /usr/sbin/* /usr/lib/modules/*/modules.* > /dev/null', 120)).toBe(0);
    });
  });

  it('[A11] rekindle.break: a shell before the stage, and on after it', async () => {
    await withMachine(bootWith('break', 'rekindle.break=pivot'), async (machine) => {
      await machine.expect(/rekindle.break=pivot: stopped before this stage/, patience.boot);
      expect(await machine.shell('case "$(mount)" in *squashfs*) true;; *) false;; esac', 60)).toBe(0);
      machine.send('exit\r');
      await machine.expectScreen(/Restore this machine/, patience.boot);
    });
  });

  it('[A11] rekindle.debug shows what init does; rekindle.modules loads more', async () => {
    await withMachine(bootWith('debug', 'rekindle.debug rekindle.modules=ums_realtek'), async (machine) => {
      await machine.expect(/virtio_blk|sr_mod|ata_piix/, patience.boot);
      await machine.expectScreen(/Restore this machine/, patience.boot);
      machine.send('!');
      await machine.expectScreen(/Shell of the rescue system/, 60);
      expect(await machine.shell('grep -q "^ums_realtek " /proc/modules')).toBe(0);
    });
  });

  it('[A11] [E1] rekindle.console: one more menu on another line', async () => {
    await withMachine(bootWith('console', 'rekindle.console=tty6'), async (machine) => {
      await machine.expectScreen(/Restore this machine/, patience.boot);
      await machine.monitor.command('sendkey alt-f6');
      await machine.expectVga(/Restore this machine/, 60);
    });
  });

  it('[A7] is found by its set among other discs and disks', async () => {
    const kernel = await takeKernel(saved.medium, work);
    const other = await blankDisk(join(work, 'other.img'), '1G');
    const disks = [
      { file: other, serial: 'OTHER' },
      { file: saved.medium, serial: 'STICK', bus: 'usb' as const, readonly: true },
    ];
    const starting = Machine.start({
      name: 'among-others',
      memory: 512,
      disks,
      kernel: {
        image: kernel.image,
        initrd: kernel.initrd,
        arguments: `console=ttyS0,115200 rootfstype=ramfs quiet loglevel=3 rekindle.set=${kernel.set}`,
      },
    });
    await withMachine(starting, async (machine) => {
      await machine.expectScreen(/Restore this machine/, patience.boot);
    });
  });
});
