import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../../common/format.ts';
import { visible } from '../../common/visible.ts';

export interface BlockDevice {
  /** 'sr0', 'sda1' */
  name: string;
  /** Changes when another disc or disk is under the same name. */
  key: string;
  /** For the person at the console: '/dev/sda (SanDisk Ultra Fit, 15.4 GB)' */
  title: string;
}

function attribute(name: string, file: string): string {
  try {
    return readFileSync(join('/sys/class/block', name, file), 'utf8').trim();
  } catch {
    return '';
  }
}

/** Counts the discs that a drive has had. Kernels before 5.15 don't: there a removable disk is looked at every 4 s. */
function discNumber(name: string): string {
  const number = attribute(name, 'diskseq');
  if (number !== '') return number;
  return attribute(name, 'removable') === '1' ? String(Math.floor(Date.now() / 4000)) : '';
}

/** Lets the kernel look every 2 s whether a drive has another disc; udevd does the same later. Best effort. */
export function pollDrives(): void {
  try {
    writeFileSync('/sys/module/block/parameters/events_dfl_poll_msecs', '2000');
  } catch {
    // Then a disc is noticed when the drive is opened again.
  }
}

/** Sorts sda before sda1 before sdb, sr0 before all: a disc is what most people boot from. */
function compareNames(left: string, right: string): number {
  const discs = Number(right.startsWith('sr')) - Number(left.startsWith('sr'));
  return discs || left.localeCompare(right, 'en', { numeric: true });
}

/** 'SanDisk Ultra Fit 15.4 GB'; of a drive, whose size is its disc's, only the model. */
function describe(name: string, sectors: number): string {
  const words = [attribute(name, 'device/vendor'), attribute(name, 'device/model')];
  if (!name.startsWith('sr')) words.push(formatBytes(sectors * 512));
  // virtio's vendor is a number.
  return words
    .filter((word) => word !== '' && !word.startsWith('0x'))
    .join(' ')
    .replaceAll(/\s+/g, ' ');
}

/** Block devices that may hold a medium: disks and partitions; no RAM disks, loops, floppies, mapped devices, nothing of size 0. */
export function listBlockDevices(): BlockDevice[] {
  return readdirSync('/sys/class/block')
    .filter((name) => !/^(ram|loop|zram|fd|dm-|md|nbd)\d/.test(name))
    .sort(compareNames)
    .flatMap((name) => {
      const sectors = Number(attribute(name, 'size'));
      if (!sectors) return [];
      return [
        {
          name,
          key: `${name} ${sectors} ${discNumber(name)}`,
          title: `/dev/${name} (${visible(describe(name, sectors))})`,
        },
      ];
    });
}
