import { join } from 'node:path';
import { archiveTitle, hiddenPlace } from '../restore/archive/archive-title.ts';
import type { BtrfsContent } from '../restore/layout/btrfs-schema.ts';
import { savedName } from '../restore/layout/saved-name.ts';
import type { Layout, LayoutNode } from '../restore/layout/schema.ts';

/** What one archive is made of: a file system, or one subvolume of a btrfs. */
export interface Source {
  node: LayoutNode;
  /** Where the machine shows it: '/', '/home'; '/.subvolumes/disk0-2/@old' where it does not. */
  mountPoint: string;
  /** Every place where the machine shows it. */
  places: readonly string[];
  /** Tells it from others, over years; null: it is saved in full each time. */
  fileSystem: string | null;
  /** Of a btrfs: what the machine calls the device. */
  device?: string;
  /** Is saved as it lies on the device: blkid's TYPE. */
  raw?: { type: string };
  /** Of a btrfs. */
  subvolume?: { id: number; path: string; below: readonly string[] };
}

/** The number of the top level, which is no subvolume that btrfs lists. */
const topLevel = { id: 5, path: '' };

/** Everything that gets an archive: each mounted file system, of a btrfs each subvolume, the root first. */
export function sourcesOf(layout: Pick<Layout, 'nodes'> & Partial<Layout>): Source[] {
  const { nodes } = layout;
  const targets = nodes.flatMap(({ mount, mounts }) => mounts?.map(({ at }) => at) ?? (mount ? [mount.at] : []));
  return nodes
    .flatMap((node): Source[] => {
      if (node.content?.kind === 'raw')
        return [{ node, mountPoint: node.id, places: [], fileSystem: null, raw: { type: node.content.type } }];
      if (node.content?.kind === 'btrfs') return subvolumesOf(node, node.content, targets, savedName(layout, node.id));
      if (node.mount === null) return [];
      const { at } = node.mount;
      return [{ node, mountPoint: at, places: [at], fileSystem: fileSystemIdOf(node) }];
    })
    .toSorted((left, right) => (left.mountPoint < right.mountPoint ? -1 : 1));
}

/** What would be saved as it is, is named as not saved instead. */
export function withoutRaw(layout: Layout): Layout {
  const nodes = layout.nodes.map((node) =>
    node.content?.kind === 'raw' ? { ...node, content: null, notSaved: node.content.words } : node,
  );
  return { ...layout, nodes };
}

/**
 * vfat keeps no time of the last change of an inode: a file that was moved there would be taken for an old one, so it has none.
 */
function fileSystemIdOf({ content }: Pick<LayoutNode, 'content'>): string | null {
  return content !== null && 'uuid' in content ? content.uuid : null;
}

function subvolumesOf(node: LayoutNode, content: BtrfsContent, targets: readonly string[], device: string): Source[] {
  const { mounts = [] } = node;
  if (mounts.length === 0) return [];
  const paths = content.subvolumes.map(({ path }) => path);
  return [{ ...topLevel, uuid: '' }, ...content.subvolumes.filter(({ leftOut }) => !leftOut)].map(
    ({ id, path, uuid }) => {
      const places = mounts.flatMap((mount) => {
        const inside = pathInside(path, mount.subvolume);
        if (inside === null) return [];
        const place = inside === '' ? mount.at : join(mount.at, inside);
        // What is mounted over it, or over a folder on the way to it, hides it.
        return targets.some((at) => at !== mount.at && isWithin(place, at) && isWithin(at, mount.at)) ? [] : [place];
      });
      return {
        node,
        mountPoint: places.toSorted((left, right) => left.length - right.length)[0] ?? hiddenPlace(node.id, path),
        places,
        device,
        fileSystem: uuid === '' ? content.uuid : `${content.uuid}/${uuid}`,
        subvolume: {
          id,
          path,
          below: paths.flatMap((other) => (other === path ? [] : (pathInside(other, path) ?? []))),
        },
      };
    },
  );
}

/** 'a/b' inside 'a': 'b'; null when it is not. */
function pathInside(path: string, folder: string): string | null {
  if (folder === '') return path;
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

/** What it is called where people read of it: '/home', 'btrfs subvolume @old of sda2'. */
export function sourceTitle({ node, mountPoint, subvolume, device }: Source): string {
  return archiveTitle({ node: node.id, mountPoint, subvolume: subvolume?.path, device });
}
