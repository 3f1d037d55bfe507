import { RekindleError } from '../../common/errors/error.ts';
import type { Manifest } from '../archive/set-schema.ts';
import type { Layout } from '../layout/schema.ts';
import type { DeviceNames } from './devices.ts';
import { type Place, placeOf } from './fill.ts';

/**
 * Each saved file system or swap with its archive, on the device node that it gets.
 * @throws RekindleError RK409, RK420 when layout and manifest contradict each other.
 */
export function placesOf(layout: Layout, manifest: Manifest, devices: DeviceNames): Place[] {
  const places = layout.nodes.flatMap((node) => {
    const device = devices.get(node.id);
    if (device === undefined) throw new RekindleError('RK420', `${node.id} lies on no saved disk`);
    const archive = manifest.archives.find((candidate) => candidate.node === node.id) ?? null;
    const place = placeOf(node, device, archive);
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
