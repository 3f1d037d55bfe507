import { partitionDevice } from '../../layout/table.ts';
import type { Device } from '../device.ts';
import type { Names } from './names.ts';
import { one, type Reference, unknown } from './reference.ts';

/** A shorter serial may be a part of any name. */
const leastLetters = 4;

/** udev writes '_' for blanks (60-persistent-storage.rules, udev's replace_whitespace). */
const asInLink = (text: string): string => text.trim().replaceAll(/\s+/g, '_');

interface Hardware {
  serial?: string | null;
  wwn?: string | null;
}

/** Whether a name of /dev/disk/by-id is of this very disk. */
function isOf(link: string, { serial, wwn }: Hardware): boolean {
  const number = (wwn ?? '').replace(/^(0x|eui\.|naa\.|nvme\.|uuid\.)/i, '').toLowerCase();
  return [asInLink(serial ?? ''), number].some(
    (mark) => mark.length >= leastLetters && link.toLowerCase().includes(mark.toLowerCase()),
  );
}

/**
 * A name after the hardware, '/dev/disk/by-id/ata-MODEL_SERIAL-part1' or by-path. udev's own links here decide; else serial and WWN
 * do, of the disks here and of those that were saved. What the restored machine calls other hardware nobody knows.
 */
export function resolveHardware(spec: string, devices: readonly Device[], { links, saved }: Names): Reference {
  const place = links.get(spec);
  if (place !== undefined) {
    const device = devices.find(({ path }) => path === place);
    return device === undefined
      ? { kind: 'missing', why: `is ${place} here, which is none of the restored disks` }
      : { kind: 'found', device };
  }
  const link = /^\/dev\/disk\/by-id\/(.+)$/.exec(spec)?.[1];
  if (link === undefined) return unknown('names a place of the hardware, and is not here');
  const disks = devices.filter(({ type }) => type === 'disk');
  const disk = disks.find((each) => isOf(link, each));
  if (disk !== undefined) {
    const number = /-part(\d+)$/.exec(link)?.[1];
    const path = number === undefined ? disk.path : partitionDevice(disk.path, Number(number));
    return one(devices.filter((each) => each.path === path));
  }
  const gone = saved?.disks.find((each) => isOf(link, each));
  if (gone !== undefined && disks.some(({ path, serial, wwn }) => path === gone.device && (serial ?? wwn) != null))
    return {
      kind: 'missing',
      why: `names the disk that was saved (serial ${gone.serial ?? gone.wwn}), not the restored one`,
    };
  if (isComplete(link, disks, links))
    return { kind: 'missing', why: 'names a disk by its serial number, and no restored disk has that one' };
  return unknown('names a disk by its hardware, and whether the machine has that one cannot be seen from here');
}

/** Whether udev gave each of these disks a name of the same kind ('ata-', 'nvme-'): then it would have given this one. */
function isComplete(link: string, disks: readonly Device[], links: Names['links']): boolean {
  const kind = /^(ata|nvme|usb|mmc|virtio|wwn)-/.exec(link)?.[1];
  if (kind === undefined || disks.length === 0) return false;
  const named = [...links].filter(([name]) => name.startsWith(`/dev/disk/by-id/${kind}-`)).map(([, path]) => path);
  return disks.every(({ path }) => named.includes(path));
}
