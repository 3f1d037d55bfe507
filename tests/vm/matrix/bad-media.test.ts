import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../common/run.ts';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, Machine, type MachineOptions } from '../harness/machine.ts';
import { bootMedium, patience, serialConsole, startRestore } from '../scenario/keys.ts';
import { flipBit, takeKernel } from '../scenario/medium.ts';
import { type Saved, savedMachine } from '../scenario/save.ts';
import { shapes } from '../sources/shapes.ts';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** What can be wrong with a medium: each has its own code and next step, and no disk is touched. */
describe('bad input at the restore', () => {
  let saved: Saved;
  let work = '';
  let kernel: { image: string; initrd: string; set: string };
  let disk = '';

  beforeAll(async () => {
    saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
    work = await mkdtemp(join(cacheDirectory, 'run-'));
    kernel = await takeKernel(saved.medium, work);
    disk = await blankDisk(join(work, 'target.img'), `${shapes.mbr.sizeMiB}M`);
  });

  afterAll(async () => {
    await rm(work, { recursive: true, force: true });
  });

  async function boot(name: string, options: Partial<MachineOptions>, words = ''): Promise<Machine> {
    const set = words.includes('rekindle.set=') ? '' : `rekindle.set=${kernel.set}`;
    return Machine.start({
      name,
      memory: 512,
      kernel: {
        image: kernel.image,
        initrd: kernel.initrd,
        arguments: `console=ttyS0,115200 rootfstype=ramfs quiet loglevel=3 ${set} ${words}`,
      },
      ...options,
    });
  }

  async function withMachine(starting: Promise<Machine>, use: (machine: Machine) => Promise<void>): Promise<void> {
    const machine = await starting;
    try {
      await use(machine);
    } finally {
      await machine.close();
    }
  }

  it('[A13] no medium: RK103 with what was looked for and found, then retry, shell, or boot again', async () => {
    await withMachine(boot('no-medium', { disks: [{ file: disk, serial: 'T' }] }), async (machine) => {
      await machine.expect(/RK103/, patience.boot + 60);
      await machine.expect(/vda/, 5).catch(() => undefined);
      machine.send('s\r');
      await machine.expect(/A shell/, 20);
      expect(await machine.shell('test -x /init')).toBe(0);
    });
  });

  it('[A7] another Rekindle medium: RK104 names it', async () => {
    const other = '99999999-2222-4333-8444-555555555555';
    await withMachine(boot('other-medium', { cdrom: saved.medium }, `rekindle.set=${other}`), async (machine) => {
      await machine.expect(/RK104/, patience.boot + 60);
    });
  });

  it('[F2] rd-base with a flipped bit: RK105 before anything is mounted', async () => {
    const cdrom = await flipBit(saved.medium, 'rd-base.squashfs', join(work, 'rd-base.iso'));
    await withMachine(boot('flipped-rd-base', { cdrom }), async (machine) => {
      await machine.expect(/RK105/, patience.boot);
    });
  });

  it('[A7] an old disk that claims the wanted set with another rd-base: named, passed over, never the medium', async () => {
    const tree = join(work, 'old-disk');
    const folder = join(tree, 'rekindle', kernel.set);
    await run(['mkdir', '-p', tree]);
    await run(['xorriso', '-osirrox', 'on', '-indev', saved.medium, '-extract', `/rekindle/${kernel.set}`, folder]);
    await run(['chmod', '-R', 'u+w', tree]);
    const rdBase = Buffer.alloc(20_000, 7);
    await writeFile(join(folder, 'rd-base.squashfs'), rdBase);
    const info = JSON.parse(await readFile(join(folder, 'set.json'), 'utf8'));
    const text = JSON.stringify({ ...info, rdBase: { ...info.rdBase, size: 20_000, sha256: sha256(rdBase) } });
    await writeFile(join(folder, 'set.json'), text);
    await writeFile(join(folder, 'set.json.sha256'), `${sha256(text)}  set.json\n`);
    const image = join(work, 'old-disk.img');
    await run(['mke2fs', '-q', '-t', 'ext4', '-d', tree, image, '4G']);
    const disks = [{ file: image, serial: 'OLD' }];
    await withMachine(boot('second-medium-alone', { disks }), async (machine) => {
      await machine.expect(/passed over: .*vda.*RK111/, patience.boot);
      await machine.expect(/Looked 60 s/, 120);
    });
    await withMachine(boot('second-medium', { disks, cdrom: saved.medium }), async (machine) => {
      await machine.expectScreen(/Restore this machine/, patience.boot);
    });
  });

  it('[A13] an initrd without its seal starts nothing: RK112', async () => {
    const initrd = await readFile(kernel.initrd);
    const unsealed = join(work, 'unsealed.img');
    // The name of the seal's first folder, behind the header of its member.
    await writeFile(unsealed, initrd.subarray(0, initrd.lastIndexOf('etc\0') - 110));
    const options = {
      image: kernel.image,
      initrd: unsealed,
      arguments: `console=ttyS0,115200 rootfstype=ramfs quiet loglevel=3 rekindle.set=${kernel.set}`,
    };
    const starting = Machine.start({ name: 'no-seal', memory: 512, cdrom: saved.medium, kernel: options });
    await withMachine(starting, async (machine) => {
      await machine.expect(/RK112/, patience.boot);
    });
  });

  it('[F2] [C8] an archive with a flipped bit: the menu says so and a restore is refused', async () => {
    const cdrom = await flipBit(saved.medium, '002-boot.tar.zst', join(work, 'archive.iso'));
    await withMachine(boot('flipped-archive', { cdrom, disks: [{ file: disk, serial: 'T' }] }), async (machine) => {
      await machine.expectScreen(/MEDIUM IS DAMAGED/, patience.boot + patience.verify);
    });
  });

  it('[F2] the manifest with a flipped bit: RK303 in the menu, restore not offered', async () => {
    const cdrom = await flipBit(saved.medium, 'manifest.json', join(work, 'manifest.iso'));
    await withMachine(boot('flipped-manifest', { cdrom }), async (machine) => {
      const screen = await machine.expectScreen(/RK303.*1 {2}Shell/s, patience.boot + 60);
      expect(screen).not.toContain('Restore this machine');
    });
  });

  it('[C15] the disc taken out while the restore reads it: RK306, and never restored', async () => {
    const starting = bootMedium({
      name: 'disc-out',
      cdrom: saved.medium,
      disks: [{ file: await blankDisk(join(work, 'half.img'), `${shapes.mbr.sizeMiB}M`), serial: 'HALF' }],
      memory: 512,
    });
    await withMachine(starting, async (machine) => {
      await startRestore(serialConsole(machine), 'vda');
      await machine.expectScreen(/now {3}extract \/:/, patience.verify + 120);
      await machine.monitor.command('eject -f cd');
      // The title comes before the rest of the picture.
      const screen = await machine.expectScreen(/The restore stopped(.|\n)*RK306/, patience.restore);
      expect(screen).not.toContain('Restored.');
    });
  });

  it('a module that does not exist: RK102, and the boot goes on', async () => {
    await withMachine(
      boot('no-module', { cdrom: saved.medium }, 'rekindle.modules=no_such_module'),
      async (machine) => {
        await machine.expect(/RK102/, patience.boot);
        await machine.expectScreen(/Restore this machine/, patience.boot);
      },
    );
  });

  it('[C6] the medium itself and a disk that is too small are listed with the reason, not offered', async () => {
    const small = await blankDisk(join(work, 'small.img'), '1G');
    const disks = [
      { file: saved.medium, serial: 'STICK', bus: 'usb' as const, readonly: true },
      { file: small, serial: 'SMALL' },
    ];
    await withMachine(boot('refused-disks', { disks }), async (machine) => {
      await machine.expectScreen(/Restore this machine/, patience.boot);
      machine.send('1');
      // The list comes line by line.
      await machine.expectScreen(/Not offered.*vda.*too small/s, 90);
      const screen = await machine.expectScreen(/Not offered.*sda.*this medium/s, 30);
      expect(screen).toContain('No disk of this machine can take it');
    });
  });

  it('[A14] killing the children of PID 1, one by one and all at once, brings them back and never panics', async () => {
    await withMachine(boot('kill-children', { cdrom: saved.medium }), async (machine) => {
      await machine.expectScreen(/Restore this machine/, patience.boot);
      for (let round = 0; round < 3; round += 1) {
        machine.send('!');
        await machine.expectScreen(/Shell of the rescue system/, 60);
        const command = round < 2 ? 'for p in $(pgrep -P 1); do kill -9 $p; sleep 1; done' : 'kill -9 -1';
        machine.send(`${command}\r`);
        await machine.expectScreen(/Restore this machine/, 120);
      }
      expect(machine.screen()).not.toContain('panic');
    });
  });
});
