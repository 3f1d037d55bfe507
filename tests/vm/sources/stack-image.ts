import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../harness/cache.ts';
import { blankDisk } from '../harness/machine.ts';
import { runInLab } from '../lab/lab.ts';
import { stackDebianTar } from './debian.ts';
import type { StackShape, stackShapes } from './stack-shapes.ts';

const builderVersion = 1;

export type StackName = keyof typeof stackShapes;

/** Images of the disks of one machine, in order. */
export function imagesIn(directory: string, shape: StackShape): string[] {
  return shape.disks.map((_, index) => join(directory, `disk${index}.img`));
}

/** A directory with the disks of a Debian that boots from stacked storage, made once for this shape. Copy before use. */
export async function stackImages(name: StackName, shape: StackShape, smallFiles: number): Promise<string> {
  const tar = await stackDebianTar(shape.packages);
  return cached(`source-${name}`, { shape, tar, smallFiles, builderVersion }, async (directory) => {
    await mkdir(directory);
    const images = imagesIn(directory, shape);
    for (const [index, file] of images.entries()) await blankDisk(file, `${shape.disks[index] ?? 0}M`);
    const sectors = shape.sectorBytes === undefined ? {} : { sectorBytes: shape.sectorBytes };
    await runInLab({
      name: `build-${name}`,
      entry: 'tests/vm/lab/stack-build-entry.ts',
      disks: [],
      attached: [
        ...images.map((file, index) => ({ file, serial: `disk${index}`, ...sectors })),
        { file: tar, serial: 'debian', readonly: true },
      ],
      environment: { LAB_SHAPE: name, LAB_SMALL_FILES: `${smallFiles}` },
      seconds: 25 * 60,
    });
  });
}
