import { open } from 'node:fs/promises';
import { RekindleError } from '../../common/errors/error.ts';
import { contentLayer, runs } from './layer.ts';
import type { Probe } from './probe.ts';
import { type VfatContent, vfatContentSchema } from './schema.ts';

/** FAT 12/16/32. Firmware is picky about the ESP, so all of the BIOS parameter block comes back, not only its size. */
export const vfat = contentLayer(vfatContentSchema, {
  kinds: ['vfat'],
  capture: captureVfat,
  plan(content, device) {
    return {
      name: 'vfat file system',
      uuid: content.volumeId,
      // quiet: owners and modes of the archive that FAT cannot hold are no errors. tz=UTC: times as they were archived.
      mount: { type: 'vfat', options: 'noatime,tz=UTC,quiet' },
      rehearse: [],
      make: [runs(mkfsArgv(content, device))],
      notes: [],
    };
  },
});

async function captureVfat(device: string, probe: Probe): Promise<VfatContent> {
  const sector = await readStart(device, 512);
  const version = /^FAT(12|16|32)$/.exec(probe.VERSION ?? '')?.[1];
  const fatBits = version === '12' ? 12 : version === '16' ? 16 : version === '32' ? 32 : null;
  if (fatBits === null) throw new RekindleError('RK410', `${device}: FAT variant ${probe.VERSION ?? 'unknown'}`);
  return {
    kind: 'vfat',
    volumeId: probe.UUID ?? '0000-0000',
    label: probe.LABEL ?? '',
    fatBits,
    sectorBytes: sector.readUInt16LE(11),
    sectorsPerCluster: sector.readUInt8(13),
    geometry: {
      reservedSectors: sector.readUInt16LE(14),
      fatCount: sector.readUInt8(16),
      rootEntries: sector.readUInt16LE(17),
      totalSectors: sector.readUInt16LE(19) || sector.readUInt32LE(32),
      mediaByte: sector.readUInt8(21),
      sectorsPerTrack: sector.readUInt16LE(24),
      heads: sector.readUInt16LE(26),
      hiddenSectors: sector.readUInt32LE(28),
    },
  };
}

function mkfsArgv(content: VfatContent, device: string): [string, ...string[]] {
  const label = content.label === '' ? [] : ['-n', content.label];
  const { geometry } = content;
  const shape: string[] = [];
  const size: string[] = [];
  if (geometry !== undefined) {
    shape.push('-R', `${geometry.reservedSectors}`, '-f', `${geometry.fatCount}`, '-h', `${geometry.hiddenSectors}`);
    shape.push('-M', `0x${geometry.mediaByte.toString(16)}`);
    if (geometry.heads > 0 && geometry.sectorsPerTrack > 0) {
      shape.push('-g', `${geometry.heads}/${geometry.sectorsPerTrack}`);
    }
    if (content.fatBits !== 32) shape.push('-r', `${geometry.rootEntries}`);
    // mkfs.fat counts in KiB; it drops what is no whole cluster anyway.
    size.push(`${Math.floor((geometry.totalSectors * content.sectorBytes) / 1024)}`);
  }
  return [
    'mkfs.fat',
    ...['-F', `${content.fatBits}`, '-S', `${content.sectorBytes}`, '-s', `${content.sectorsPerCluster}`],
    ...['-i', content.volumeId.replace('-', ''), ...label, ...shape, device, ...size],
  ];
}

async function readStart(device: string, length: number): Promise<Buffer> {
  const file = await open(device, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer;
  } finally {
    await file.close();
  }
}
