import { isExtended, labelOf, parseDump, partitionsOf, sectorSizeOf } from '@rekindle/sfdisk-parser';
import type { BlockDevice } from '../../../restore/layout/lsblk.ts';
import { readFact } from './ask.ts';

/** A place on a disk, before anyone looked what it holds. */
export interface Place {
  number: number;
  path: string;
  name: string;
  startBytes: number | null;
  sizeBytes: number;
  type: string | null;
  partitionName: string | null;
  bootable: boolean;
  extended: boolean;
}

/** The table's label and its partitions in the order of their places. @param dump output of `sfdisk -d` */
export function placesOfTable(dump: string, logicalSectorBytes: number): { label: string | null; places: Place[] } {
  const table = parseDump(dump);
  // Older sfdisk does not say it, and counts in the disk's own sectors.
  const sector = /^sector-size:/m.test(dump) ? sectorSizeOf(table) : logicalSectorBytes;
  const label = labelOf(table);
  const places = partitionsOf(table)
    .filter(({ size }) => (size ?? 0) > 0)
    .map((partition) => ({
      number: partition.number,
      path: partition.device,
      name: partition.device.replace(/^\/dev\//, ''),
      startBytes: partition.start === null ? null : partition.start * sector,
      sizeBytes: (partition.size ?? 0) * sector,
      type: partition.type,
      partitionName: partition.name === '' ? null : partition.name,
      bootable: partition.bootable,
      extended: label === 'dos' && isExtended(partition.type),
    }));
  return { label, places: places.toSorted((left, right) => (left.startBytes ?? 0) - (right.startBytes ?? 0)) };
}

/** Partitions of a disk whose table could not be read, as the kernel knows them. */
export async function placesOfKernel(disk: BlockDevice): Promise<Place[]> {
  const partitions = disk.children.filter(({ type }) => type === 'part');
  const places = await Promise.all(
    partitions.map(async ({ name, path, size }, index) => {
      const number = Number(await readFact(`/sys/class/block/${name}/partition`));
      // Sectors of 512 bytes, whatever the disk has.
      const start = await readFact(`/sys/class/block/${name}/start`);
      return {
        number: number > 0 ? number : index + 1,
        path,
        name,
        startBytes: start === null ? null : Number(start) * 512,
        sizeBytes: size,
        type: null,
        partitionName: null,
        bootable: false,
        extended: false,
      };
    }),
  );
  return places.toSorted((left, right) => (left.startBytes ?? 0) - (right.startBytes ?? 0));
}
