import { RekindleError } from '../../common/errors/error.ts';
import { archiveTitle } from '../archive/archive-title.ts';
import type { Manifest } from '../archive/set-schema.ts';
import type { Peer } from '../layout/layer.ts';
import type { Layout, LayoutNode } from '../layout/schema.ts';
import type { DeviceNames } from './devices.ts';
import { type Place, placeOf } from './fill.ts';

/**
 * Each saved file system or swap with its archive, on the device node that it gets.
 * @throws RekindleError RK409, RK420 when layout and manifest contradict each other.
 */
export function placesOf(layout: Layout, manifest: Manifest, devices: DeviceNames): Place[] {
  const peers = layout.nodes.flatMap(({ id, content }): Peer[] => {
    const device = devices.get(id);
    return content === null || device === undefined ? [] : [{ content, device }];
  });
  const places = layout.nodes.flatMap((node) => {
    const device = devices.get(node.id);
    if (device === undefined) throw new RekindleError('RK420', `${node.id} lies on no saved disk`);
    const archives = manifest.archives.filter((candidate) => candidate.node === node.id);
    const place = placeOf(node, device, archives, peers);
    return place === null ? [] : [place];
  });
  for (const archive of manifest.archives) {
    const { node, name, mountPoint, subvolume, method } = archive;
    const place = places.find((candidate) => candidate.node.id === node);
    if (method !== undefined && place?.node.content?.kind === 'raw') continue;
    if (method !== undefined || place?.content.mount == null || !isThere(place.node, mountPoint, subvolume)) {
      throw new RekindleError(
        'RK409',
        `${name} (${archiveTitle(archive)}) belongs to ${node}, where the layout has no such mount`,
      );
    }
  }
  if (!manifest.archives.some(({ mountPoint }) => mountPoint === '/')) {
    throw new RekindleError('RK409', 'there is no archive of /');
  }
  return places;
}

/** Whether the layout knows what an archive fills: the mounted file system, or the subvolume. */
function isThere({ mount, content }: LayoutNode, mountPoint: string, subvolume: string | undefined): boolean {
  if (subvolume === undefined) return mount?.at === mountPoint;
  if (content?.kind !== 'btrfs') return false;
  return subvolume === '' || content.subvolumes.some(({ path, leftOut }) => path === subvolume && !leftOut);
}
