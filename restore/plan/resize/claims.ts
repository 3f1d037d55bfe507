import type { Manifest } from '../../archive/set-schema.ts';
import { resizerOf } from '../../layout/content.ts';
import { membersOfArray, membersOfGroup } from '../../layout/graph.ts';
import type { Load } from '../../layout/resizer.ts';
import type { Layout, LayoutNode } from '../../layout/schema.ts';
import type { LayoutArray, LayoutGroup, Volume } from '../../layout/stack-schema.ts';
import { tableOf } from '../size.ts';

/** What the sizes of a layout may become. All in bytes. */
export interface Limits {
  minimum: number;
  maximum: number;
}

/** Sizes that a person asked for, by node id. */
export type Wishes = ReadonlyMap<string, number>;

export interface Bounds {
  layout: Layout;
  loadOf: LoadOf;
  wishes: Wishes;
  /** Swap gives way only where nothing else can. */
  shrinkSwap: boolean;
}

const mebibyte = 2 ** 20;
/** The least swap that is worth its partition. */
const leastSwap = 64 * mebibyte;
/** Boot partitions and what firmware reads stay: their size is their makers' choice, and little is won. */
const fixedMounts = /^\/(boot|efi)(\/|$)/;

/** How many members' worth of data an array holds. */
export function dataMembers({ level, slots, layout }: LayoutArray): number {
  switch (level) {
    case 'raid0':
      return slots;
    case 'raid1':
      return 1;
    case 'raid4':
    case 'raid5':
      return slots - 1;
    case 'raid6':
      return slots - 2;
    case 'raid10':
      return slots / Number(/\d+/.exec(layout ?? '')?.[0] ?? 2);
  }
}

/** Extents that a volume takes for each byte of its own: copies and parity. */
export function volumeFactor({ type, stripes, mirrors }: Volume): number {
  if (type === 'raid6' || type.startsWith('raid6_')) return (stripes + 2) / stripes;
  if (/^raid[45]/.test(type)) return (stripes + 1) / stripes;
  return 1 + mirrors;
}

/** How large or small the device of a node may become, so that all that lies on it fits. */
export function limitsOf(node: LayoutNode, bounds: Bounds): Limits {
  const least = contentLimits(node, bounds);
  const wish = bounds.wishes.get(node.id);
  return wish === undefined ? least : { minimum: wish, maximum: wish };
}

/** As limitsOf, whatever a person asked for. */
export function contentLimits(node: LayoutNode, bounds: Bounds): Limits {
  const { content, sizeBytes } = node;
  const fixed = { minimum: sizeBytes, maximum: sizeBytes };
  if (content === null || isFixed(node, bounds.layout)) return fixed;
  switch (content.kind) {
    case 'swap':
      return bounds.shrinkSwap ? { minimum: Math.min(leastSwap, sizeBytes), maximum: sizeBytes } : fixed;
    case 'luks': {
      const inside = bounds.layout.nodes.find(({ origin }) => origin.type === 'crypt' && origin.on === node.id);
      return inside === undefined ? fixed : shifted(limitsOf(inside, bounds), content.dataOffsetBytes);
    }
    case 'array-member': {
      const array = bounds.layout.arrays.find(({ id }) => id === content.array);
      return array === undefined ? fixed : shifted(componentLimits(array, bounds), memberOverhead(node));
    }
    case 'group-member': {
      const group = bounds.layout.groups.find(({ id }) => id === content.group);
      return group === undefined ? fixed : memberLimits(node, group, bounds);
    }
    default: {
      const resizer = resizerOf(content);
      if (resizer === null) return fixed;
      const minimum = resizer.minimumBytes(content, bounds.loadOf(node));
      return { minimum, maximum: Math.max(minimum, resizer.maximumBytes(content)) };
    }
  }
}

function shifted({ minimum, maximum }: Limits, bytes: number): Limits {
  return { minimum: minimum + bytes, maximum: maximum + bytes };
}

function isFixed(node: LayoutNode, layout: Layout): boolean {
  const { origin, mount, notSaved } = node;
  if (notSaved !== undefined || (mount !== null && fixedMounts.test(mount.at))) return true;
  if (origin.type !== 'partition') return false;
  const disk = layout.disks.find(({ id }) => id === origin.disk);
  const partition = disk && tableOf(disk)?.partitions.find(({ number }) => number === origin.number);
  return partition?.extended === true;
}

/** What a member has beside its share of the array: superblock, bitmap, and what rounding left at its end. */
export function memberOverhead({ content, sizeBytes }: LayoutNode): number {
  const offset = content?.kind === 'array-member' ? content.dataOffsetBytes : 0;
  // Superblocks 0.90 and 1.0 lie in the last 128 KiB.
  return Math.min(offset + 128 * 1024, sizeBytes);
}

function componentLimits(array: LayoutArray, bounds: Bounds): Limits {
  const inside = bounds.layout.nodes.find(({ origin }) => origin.type === 'array' && origin.array === array.id);
  const members = membersOfArray(bounds.layout, array.id);
  if (inside === undefined) {
    const saved = Math.min(...members.map((node) => node.sizeBytes - memberOverhead(node)));
    return { minimum: saved, maximum: saved };
  }
  const { minimum, maximum } = limitsOf(inside, bounds);
  const unit = Math.max(array.chunkBytes ?? 0, mebibyte);
  const share = Math.ceil(minimum / dataMembers(array) / unit) * unit;
  return { minimum: share, maximum: Math.max(share, maximum / dataMembers(array)) };
}

/** Bytes of extents that a group's volumes take at least, and at most. */
export function groupLimits(group: LayoutGroup, bounds: Bounds): Limits {
  const each = rootVolumes(group).map((volume) => volumeLimits(volume, group, bounds));
  return {
    minimum: each.reduce((sum, { minimum }) => sum + minimum, 0),
    maximum: Number.POSITIVE_INFINITY,
  };
}

/** Volumes that take extents by themselves; thin ones live in their pool. */
export function rootVolumes({ volumes }: LayoutGroup): Volume[] {
  return volumes.filter(({ pool }) => pool === null);
}

/** In bytes of extents, copies and parity included. A thin pool stays: what its volumes promise is not what they hold. */
export function volumeLimits(volume: Volume, group: LayoutGroup, bounds: Bounds): Limits {
  const node = bounds.layout.nodes.find(
    ({ origin }) => origin.type === 'volume' && origin.group === group.id && origin.name === volume.name,
  );
  const factor = volumeFactor(volume);
  const unit = group.extentBytes * volume.stripes * factor;
  const whole = (bytes: number): number => Math.ceil((bytes * factor) / unit) * unit + volumeMetadata(volume, group);
  if (volume.thinPool !== null || node === undefined) {
    const bytes = whole(volume.sizeBytes);
    return { minimum: bytes, maximum: bytes };
  }
  const { minimum, maximum } = limitsOf(node, bounds);
  return { minimum: whole(minimum), maximum: whole(Math.min(maximum, Number.MAX_SAFE_INTEGER / 16)) };
}

/** Extents beside the data: RAID volumes keep one for metadata on each leg, pools their metadata and its spare. */
export function volumeMetadata({ type, stripes, mirrors, thinPool }: Volume, { extentBytes }: LayoutGroup): number {
  if (thinPool !== null) return 2 * Math.ceil(thinPool.metadataBytes / extentBytes) * extentBytes;
  return type.startsWith('raid') || type === 'mirror' ? (stripes + mirrors + 2) * extentBytes : 0;
}

/** Physical volumes of one group shrink and grow alike. */
function memberLimits(node: LayoutNode, group: LayoutGroup, bounds: Bounds): Limits {
  const members = membersOfGroup(bounds.layout, group.id);
  const room = (member: LayoutNode): number => extentRoom(member, member.sizeBytes, group);
  const all = members.reduce((sum, member) => sum + room(member), 0);
  const { minimum, maximum } = groupLimits(group, bounds);
  const share = all === 0 ? 0 : room(node) / all;
  const offset = node.content?.kind === 'group-member' ? node.content.dataOffsetBytes : 0;
  const extents = Math.ceil((minimum * share) / group.extentBytes);
  return { minimum: offset + extents * group.extentBytes, maximum };
}

/** Bytes of extents on a physical volume of that size. */
export function extentRoom({ content }: LayoutNode, sizeBytes: number, { extentBytes }: LayoutGroup): number {
  const offset = content?.kind === 'group-member' ? content.dataOffsetBytes : 0;
  return Math.max(0, Math.floor((sizeBytes - offset) / extentBytes) * extentBytes);
}

/** What must fit on a node. */
export type LoadOf = (node: LayoutNode) => Load;

/**
 * What the sets hold for a file system, expanded; at least what was in use when it was saved. Of a chain of sets each may be
 * the largest, and the files of all are counted: a bound from above.
 */
export function loadFrom(manifests: readonly Manifest[]): LoadOf {
  return ({ id, usedBytes }) => {
    const sums = manifests.map(({ archives }) => {
      const here = archives.filter(({ node }) => node === id);
      return {
        bytes: here.reduce((sum, { tarSize }) => sum + tarSize, 0),
        files: here.reduce((sum, { members }) => sum + members, 0),
      };
    });
    return {
      bytes: Math.max(usedBytes ?? 0, ...sums.map(({ bytes }) => bytes)),
      files: sums.reduce((sum, { files }) => sum + files, 0),
    };
  };
}
