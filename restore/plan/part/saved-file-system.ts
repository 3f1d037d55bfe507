import { RekindleError } from '../../../common/errors/error.ts';
import { formatBytes } from '../../../common/format.ts';
import type { Archive, Manifest } from '../../archive/set-schema.ts';
import type { Layout, LayoutNode } from '../../layout/schema.ts';
import type { SavedFileSystem } from './device-here.ts';

/** A saved file system with what fills it. */
export interface Saved {
  node: LayoutNode;
  archives: readonly Archive[];
  /** '/home', 'disk0:5' */
  name: string;
}

/** All that have an archive, each once; a btrfs by each place where a subvolume of it was mounted. */
export function listFileSystems(layout: Layout, manifest: Manifest): SavedFileSystem[] {
  return layout.nodes.flatMap((node) => {
    const archives = manifest.archives.filter((archive) => archive.node === node.id);
    if (archives.length === 0) return [];
    const names = node.mounts?.map(({ at }) => at) ?? [node.mount?.at ?? node.id];
    return names.map((name) => {
      const own = names.length > 1 ? archives.filter(({ mountPoint }) => mountPoint === name) : archives;
      const sum = (of: (archive: Archive) => number): number => own.reduce((all, each) => all + of(each), 0);
      return {
        name,
        type: node.content?.kind ?? '',
        bytes: sum(({ tarSize }) => tarSize),
        files: sum(({ members }) => members),
      };
    });
  });
}

/**
 * By mount point or id.
 * @param type of the file system that it goes into: only a btrfs takes all subvolumes of a btrfs
 * @throws RekindleError RK489 when there is none, RK487 when it is not clear which subvolume is meant
 */
export function findFileSystem(layout: Layout, manifest: Manifest, wanted: string, type: string): Saved {
  const node =
    layout.nodes.find(({ id }) => id === wanted) ??
    layout.nodes.find(({ mount, mounts }) => mount?.at === wanted || mounts?.some(({ at }) => at === wanted));
  const archives = manifest.archives.filter((archive) => archive.node === node?.id);
  if (node === undefined || archives.length === 0) {
    const all = listFileSystems(layout, manifest).map(
      ({ name, type: kind, bytes }) => `${name} (${kind}, ${formatBytes(bytes)})`,
    );
    throw new RekindleError('RK489', `"${wanted}"; it holds ${all.join(', ')}`);
  }
  const name = node.mount?.at ?? node.id;
  if (node.content?.kind !== 'btrfs' || type === 'btrfs') return { node, archives, name };
  return oneSubvolume(node, archives, wanted, type);
}

/** One subvolume as the whole of a file system of another type. */
function oneSubvolume(node: LayoutNode, archives: readonly Archive[], wanted: string, type: string): Saved {
  const [only] = archives.length === 1 ? archives : archives.filter(({ mountPoint }) => mountPoint === wanted);
  if (only === undefined) {
    const all = archives.map(({ mountPoint }) => mountPoint).join(', ');
    throw new RekindleError('RK487', `${wanted} has subvolumes, which ${type} has not. Name one of ${all}, or a btrfs`);
  }
  const { subvolume: _path, ...archive } = only;
  const { mounts, ...rest } = node;
  const mount = mounts?.find(({ at }) => at === only.mountPoint) ?? node.mount;
  return {
    node: { ...rest, mount: mount === null ? null : { at: mount.at, options: mount.options } },
    archives: [archive],
    name: only.mountPoint,
  };
}
