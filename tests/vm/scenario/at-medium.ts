import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../harness/cache.ts';
import { blankDisk, type Disk, type Machine } from '../harness/machine.ts';
import { shapes } from '../sources/shapes.ts';
import { bootMedium } from './keys.ts';
import { type Saved, savedMachine } from './save.ts';

/** A BIOS machine that was saved from inside, and another one that has booted its medium. */
export interface AtMedium {
  saved: Saved;
  /** Image of the disk that the machine is restored onto: blank, as large as the saved one, serial TARGET01. */
  target: string;
  machine: Machine;
  /** Switches the machine off and removes its disks. */
  close(): Promise<void>;
}

export interface AtMediumOptions {
  /** Names the logs. */
  name: string;
  /** MiB */
  memory: number;
  /** Disks that are attached before the target. @param work a folder that goes with them */
  before?: (saved: Saved, work: string) => Promise<Disk[]>;
}

/** Saves the machine with MBR where that was not done before, and boots its medium from CD up to the menu. */
export async function atMedium({ name, memory, before }: AtMediumOptions): Promise<AtMedium> {
  const saved = await savedMachine({ shape: shapes.mbr, smallFiles: 2000 });
  const work = await mkdtemp(join(cacheDirectory, 'run-'));
  const remove = (): Promise<void> => rm(work, { recursive: true, force: true });
  try {
    const target = await blankDisk(join(work, 'target.img'), `${shapes.mbr.sizeMiB}M`);
    const disks = [...((await before?.(saved, work)) ?? []), { file: target, serial: 'TARGET01' }];
    const machine = await bootMedium({ name, cdrom: saved.medium, disks, memory });
    return { saved, target, machine, close: () => machine.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}
