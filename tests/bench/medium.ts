import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../vm/harness/cache.ts';
import { blankDisk, Machine } from '../vm/harness/machine.ts';
import { savedMachine } from '../vm/scenario/save.ts';
import { shapes } from '../vm/sources/shapes.ts';
import { alone, compare, type Figure } from './figure.ts';

/** ReaR 2.7 on the same machine, measured once on hardware like this; its figures stand beside ours. */
const rear = { megabytes: 155, secondsToRecovery: 53 };

async function secondsUntil(medium: string, memory: number, pattern: RegExp): Promise<number> {
  const work = await mkdtemp(join(cacheDirectory, 'bench-'));
  const disk = await blankDisk(join(work, 'disk.img'), '1G');
  const started = Date.now();
  const machine = await Machine.start({
    name: `bench-boot-${memory}`,
    boot: 'cdrom',
    cdrom: medium,
    memory,
    disks: [{ file: disk, serial: 'BENCH' }],
  });
  try {
    await machine.expectScreen(/Rekindle: menu/, 60);
    machine.send('\r'); // the boot menu's own wait is not ours
    await machine.expectScreen(pattern, 300);
    return (Date.now() - started) / 1000;
  } finally {
    await machine.close();
    await rm(work, { recursive: true, force: true });
  }
}

/** Size of the rescue-only medium, and the time from power-on to its menu (software emulation, 2 processors, CD by BIOS). */
export async function measureMedium(): Promise<Figure[]> {
  const { medium } = await savedMachine({ shape: shapes.mbr, smallFiles: 2000, create: ['--rescue-only'] });
  const menu = /Shell +tools/;
  return [
    compare('rescue-only ISO', 'MB', (await stat(medium)).size / 1e6, 'ReaR 2.7', rear.megabytes, 'lower'),
    compare(
      'power-on to menu, 1024 MiB',
      's',
      await secondsUntil(medium, 1024, menu),
      'ReaR 2.7 to recovery',
      rear.secondsToRecovery,
      'lower',
    ),
    alone('power-on to menu, 384 MiB', 's', await secondsUntil(medium, 384, menu)),
  ];
}
