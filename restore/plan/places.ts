import { RekindleError } from '../../common/errors/error.ts';
import type { Manifest } from '../archive/set-schema.ts';
import type { Layout } from '../layout/schema.ts';
import { partitionDevice } from '../layout/table.ts';
import type { Assignment } from './assign.ts';
import { type Place, placeOf } from './fill.ts';

/**
 * Each saved content with its archive, on the device node that it gets on its target disk.
 * @throws RekindleError RK408, RK409, RK420 when table, layout and manifest contradict each other.
 */
export function placesOf(layout: Layout, manifest: Manifest, assignments: readonly Assignment[]): Place[] {
  const places = layout.nodes.flatMap((node) => {
    const assignment = assignments.find(({ saved }) => saved.id === node.disk);
    if (assignment === undefined) throw new RekindleError('RK420', `${node.id} lies on no saved disk`);
    const { table, disk } = assignment;
    const partition = table.partitions.find(({ number }) => number === node.partition);
    if (partition === undefined) throw new RekindleError('RK420', `${node.id} is not in the table of ${node.disk}`);
    if (partition.sectors * table.sectorBytes !== node.sizeBytes) {
      throw new RekindleError('RK408', `${node.id} has another size in the table than in the layout`);
    }
    const archive = manifest.archives.find((candidate) => candidate.node === node.id) ?? null;
    const place = placeOf(node, partitionDevice(disk.path, node.partition), archive);
    return place === null ? [] : [place];
  });
  for (const { node, name, mountPoint } of manifest.archives) {
    const place = places.find((candidate) => candidate.node.id === node);
    if (place?.content.mount == null || place.node.mount?.at !== mountPoint) {
      throw new RekindleError(
        'RK409',
        `${name} (${mountPoint}) belongs to ${node}, where the layout has no such mount`,
      );
    }
  }
  if (!places.some(({ node, archive }) => node.mount?.at === '/' && archive !== null)) {
    throw new RekindleError('RK409', 'there is no archive of /');
  }
  return places;
}
