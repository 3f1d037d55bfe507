import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { cacheDirectory } from '../vm/harness/cache.ts';
import { blankDisk, Machine } from '../vm/harness/machine.ts';
import { rescueOnly, savedMachine } from '../vm/scenario/save.ts';
import { alone, compare, type Figure } from './figure.ts';

/** ReaR 2.7 on the same machine, measured once on hardware like this; its figures stand beside ours. */
const rear = { megabytes: 155, secondsToRecovery: 53 };

/** What `create --json` says of its parts, in bytes. */
const reportSchema = z.object({ parts: z.record(z.string(), z.number()), unpacked: z.record(z.string(), z.number()) });

interface Start {
  memory: number;
  /** Added to the command line in the boot menu. */
  words?: string;
  until: (machine: Machine) => Promise<unknown>;
}

async function secondsUntil(medium: string, { memory, words, until }: Start): Promise<number> {
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
    // Tab shows the command line to both; the boot menu's own wait is not ours.
    machine.send('\t');
    await machine.expectScreen(/vmlinuz/, 30);
    machine.send(`${words ?? ''}\r`);
    await until(machine);
    return (Date.now() - started) / 1000;
  } finally {
    await machine.close();
    await rm(work, { recursive: true, force: true });
  }
}

const untilMenu = (machine: Machine) => machine.expectScreen(/Shell +tools/, 300);
/** PID 1 is the shell of the same initrd, from the same CD: what kernel, CD and unpacking cost whoever comes after them. */
const bareShell = {
  words: ' rdinit=/bin/sh',
  until: (machine: Machine) => machine.expect(/vmlinuz.*[#$] $/s, 300),
} as const;

/** Size of the rescue-only medium, and the time from power-on to its menu (software emulation, 2 processors, CD by BIOS). */
export async function measureMedium(): Promise<Figure[]> {
  const { medium, report } = await savedMachine(rescueOnly);
  const { parts, unpacked } = reportSchema.parse(JSON.parse(await readFile(report, 'utf8')));
  const bytes = Object.entries({ ...parts, ...unpacked });
  const bare = await secondsUntil(medium, { memory: 1024, ...bareShell });
  const menu = await secondsUntil(medium, { memory: 1024, until: untilMenu });
  return [
    compare('rescue-only ISO', 'MB', (await stat(medium)).size / 1e6, 'ReaR 2.7', rear.megabytes, 'lower'),
    ...bytes.map(([part, size]) => alone(`  ${part}`, 'MB', size / 1e6)),
    compare('power-on to menu, 1024 MiB', 's', menu, 'ReaR 2.7 to recovery', rear.secondsToRecovery, 'lower'),
    compare('power-on to menu, 1024 MiB', 's', menu, 'bare shell of the same initrd', bare, 'lower'),
    alone('power-on to menu, 384 MiB', 's', await secondsUntil(medium, { memory: 384, until: untilMenu })),
  ];
}
