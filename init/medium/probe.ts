import { type FileHandle, open } from 'node:fs/promises';

/** File systems that a medium may have, as mount(2) names them. */
export type MediumType = 'iso9660' | 'vfat' | 'ext4' | 'udf';

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

function textAt(block: Buffer, offset: number, length: number): string {
  return block.subarray(offset, offset + length).toString('latin1');
}

/**
 * Looks at a device's magic numbers: ISO 9660 and UDF volume descriptors from byte 32769, ext's 0xEF53 at 1080,
 * FAT by its boot sector. PID 1 has other things to do while a drive makes up its mind.
 * @throws the system's error when the device cannot be opened or read (ENOMEDIUM: an empty drive).
 */
export async function probeMedium(device: string): Promise<MediumType | null> {
  const file = await open(device, 'r');
  try {
    const descriptor = textAt(await readAt(file, 32768, 2048), 1, 5);
    if (descriptor === 'CD001') return 'iso9660';
    if (/^(BEA01|NSR0[23])$/.test(descriptor)) return 'udf';
    const start = await readAt(file, 0, 4096);
    if (start.length >= 1082 && start.readUInt16LE(1080) === 0xef53) return 'ext4';
    return isFat(start) ? 'vfat' : null;
  } finally {
    await file.close();
  }
}

/** FAT12 and FAT16 name themselves at byte 54, FAT32 at 82; a partition table has the same last two bytes but no name. */
function isFat(start: Buffer): boolean {
  if (start.length < 512 || start.readUInt16LE(510) !== 0xaa55) return false;
  return /^FAT1[26] /.test(textAt(start, 54, 6)) || textAt(start, 82, 5) === 'FAT32';
}
