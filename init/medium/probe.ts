import { closeSync, openSync, readSync } from 'node:fs';

/** File systems that a medium may have, as mount(2) names them. */
export type MediumType = 'iso9660' | 'vfat' | 'ext4' | 'udf';

function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const read = readSync(fd, buffer, 0, length, offset);
  return buffer.subarray(0, read);
}

/**
 * Looks at a device's magic numbers.
 * @throws the system's error when the device cannot be opened or read (ENOMEDIUM: an empty drive).
 */
export function probeMedium(device: string): MediumType | null {
  const fd = openSync(device, 'r');
  try {
    const volumes = readAt(fd, 32768, 4096);
    if (volumes.subarray(1, 6).toString('latin1') === 'CD001') return 'iso9660';
    if (/^(BEA01|NSR0[23])/.test(volumes.subarray(1, 6).toString('latin1'))) return 'udf';
    const start = readAt(fd, 0, 4096);
    if (start.length >= 1082 && start.readUInt16LE(1024 + 56) === 0xef53) return 'ext4';
    const isFat =
      /^FAT/.test(start.subarray(54, 59).toString('latin1')) ||
      /^FAT32/.test(start.subarray(82, 87).toString('latin1'));
    return isFat && start.length >= 512 && start.readUInt16LE(510) === 0xaa55 ? 'vfat' : null;
  } finally {
    closeSync(fd);
  }
}
