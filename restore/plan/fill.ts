import { formatBytes, formatCount } from '../../common/format.ts';
import { archiveTitle } from '../archive/archive-title.ts';
import type { Archive } from '../archive/set-schema.ts';
import { isContainer, planContent } from '../layout/content.ts';
import { type ContentPlan, type Peer, runs } from '../layout/layer.ts';
import type { LayoutNode } from '../layout/schema.ts';
import type { SavedNames } from '../proof/reference/names.ts';
import { aloneRoot, targetRoot } from './roots.ts';
import type { Action, Step } from './step.ts';

/** A saved partition with a content, on the device node of its target disk. */
export interface Place {
  node: LayoutNode;
  /** '/dev/vda5' */
  device: string;
  content: ContentPlan;
  /** One, or of a btrfs one a subvolume; none where it comes back empty. */
  archives: readonly Archive[];
}

/** An archive of another set than the one that is restored. */
export interface ArchiveOfSet {
  set: string;
  archive: Archive;
}

/** Where a file system is mounted alone, with nothing below it. */
function aloneAt({ node }: Place): string {
  return `${aloneRoot}/${node.id.replaceAll(/[:/]/g, '-')}`;
}

/** 'vda5' */
export function shortName(device: string): string {
  return device.replace(/^\/dev\//, '');
}

export function placeOf(
  node: LayoutNode,
  device: string,
  archives: readonly Archive[],
  peers: readonly Peer[],
): Place | null {
  return node.content === null || isContainer(node.content)
    ? null
    : { node, device, archives, content: planContent(node.content, device, peers) };
}

export function makeStep({ node, device, content }: Place): Step {
  const purpose = node.mount === null ? '' : ` for ${node.mount.at}`;
  return {
    id: `make:${node.id}`,
    title: `make ${content.name}${purpose}${content.uuid === null ? '' : ', same id'}`,
    target: shortName(device),
    destroys: `what is on ${shortName(device)}`,
    actions: content.make,
    ...(content.uuid === null ? {} : { leaves: [{ device, uuid: content.uuid }] }),
    weightBytes: 0,
  };
}

/**
 * Fills one file system, mounted alone: what lies under other mount points belongs to it.
 * @param before where the archive holds changes only: what other sets hold of it, the full archive first
 */
export function extractStep(place: Place, archive: Archive, before: readonly ArchiveOfSet[] = []): Step {
  if (archive.method !== undefined) return rawStep(place, archive);
  const at = aloneAt(place);
  const tarSize = before.reduce((sum, each) => sum + each.archive.tarSize, archive.tarSize);
  const members = before.reduce((sum, each) => sum + each.archive.members, archive.members);
  const from = before.length === 0 ? '' : ` from ${before.length + 1} sets`;
  const earlier = before.map((each) => ({ set: each.set, archive: each.archive.name }));
  return {
    id: `extract:${nameOf(place, archive)}`,
    title: `extract ${archiveTitle(archive)}: ${formatBytes(tarSize)}, ${formatCount(members)} files${from}`,
    target: shortName(place.device),
    destroys: null,
    actions: [
      ...mountAt(place, at, archive.subvolume),
      {
        type: 'extract',
        archive: archive.name,
        at,
        device: place.device,
        ...(earlier.length > 0 ? { before: earlier } : {}),
      },
      runs(['umount', at]),
    ],
    weightBytes: tarSize,
  };
}

function rawStep({ node, device, content }: Place, archive: Archive): Step {
  return {
    id: `raw:${node.id}`,
    title: `write ${content.name} as it was: ${formatBytes(archive.tarSize)}`,
    target: shortName(device),
    destroys: `what is on ${shortName(device)}`,
    actions: [{ type: 'write-raw', archive: archive.name, device }],
    weightBytes: archive.tarSize,
  };
}

/** 'disk0:5', 'disk0:5:@home' */
function nameOf({ node }: Place, { subvolume }: Archive): string {
  return subvolume === undefined ? node.id : `${node.id}:${subvolume}`;
}

/** Mounts what an archive fills, with nothing below it. */
export function mountAlone(place: Place, { subvolume }: Archive): { at: string; actions: Action[] } {
  const at = aloneAt(place);
  return { at, actions: mountAt(place, at, subvolume) };
}

/** Mounts by device node, never by UUID: the old disk may be attached, with the same ones. */
function mountAt({ device, content }: Place, at: string, subvolume?: string): Action[] {
  const mount = content.mount;
  if (mount === null) return [];
  const which = subvolume === undefined ? '' : subvolume === '' ? ',subvolid=5' : `,subvol=/${subvolume}`;
  const devices = mount.devices !== undefined && mount.devices.length > 1 ? { devices: mount.devices } : {};
  return [
    runs(['mkdir', '-p', at]),
    ...(mount.before ?? []),
    runs(['mount', '-t', mount.type, '-o', `${mount.options}${which}`, device, at]),
    { type: 'assert-mounted', device, at, uuid: content.uuid, ...devices },
  ];
}

/** Mount points of the restored machine, outer ones first. */
export function mountable(places: readonly Place[]): { place: Place; at: string; subvolume?: string }[] {
  return places
    .flatMap((place) => {
      const { mount, mounts } = place.node;
      if (mount === null || place.content.mount === null) return [];
      return (mounts ?? [mount]).map((each) => ({ place, ...each }));
    })
    .toSorted((left, right) => depth(left.at) - depth(right.at));
}

function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}

export function mountAllStep(places: readonly Place[]): Step {
  return {
    id: 'mount:target',
    title: 'mount the restored machine',
    target: targetRoot,
    destroys: null,
    actions: mountable(places).flatMap(({ place, at, subvolume }) => mountAt(place, inTarget(at), subvolume)),
    weightBytes: 0,
  };
}

/** Where a path of the restored machine is while it is mounted. */
export function inTarget(path: string): string {
  return path === '/' ? targetRoot : `${targetRoot}${path}`;
}

/** Inode flags, through a non-recursive bind mount: files hidden under a mount point are meant too. */
export function flagsStep(place: Place, archive: Archive): Step {
  const at = aloneAt(place);
  const mounting: Action[] =
    archive.subvolume === undefined
      ? [
          runs(['mkdir', '-p', at]),
          runs(['mount', '--bind', inTarget(archive.mountPoint), at]),
          { type: 'assert-mounted', device: place.device, at, uuid: place.content.uuid },
        ]
      : mountAt(place, at, archive.subvolume);
  return {
    id: `flags:${nameOf(place, archive)}`,
    title: `set inode flags of ${archiveTitle(archive)}`,
    target: shortName(place.device),
    destroys: null,
    actions: [...mounting, { type: 'inode-flags', archive: archive.name, at }, runs(['umount', at])],
    weightBytes: 0,
  };
}

/** LVM's devices file names the dead disks by serial number: with it the restored machine would not see its groups. */
export function devicesFileStep(): Step {
  const file = inTarget('/etc/lvm/devices/system.devices');
  return {
    id: 'lvm:devices-file',
    title: 'put the list of disks that LVM may use aside: system.devices.before-restore',
    target: targetRoot,
    destroys: null,
    // 1: the file system came back without it.
    actions: [runs(['mv', '-T', file, `${file}.before-restore`], [0, 1])],
    weightBytes: 0,
  };
}

/** While it is still mounted; its findings go into the log that is copied after it. */
export function proveStep(disks: readonly string[], saved: SavedNames): Step {
  return {
    id: 'prove',
    title: 'prove that it can boot',
    target: disks.map(shortName).join(' '),
    destroys: null,
    actions: [{ type: 'prove', root: targetRoot, disks: [...disks], saved }],
    weightBytes: 0,
  };
}

export function unmountStep(places: readonly Place[]): Step {
  const mounted = mountable(places).toReversed();
  return {
    id: 'unmount',
    title: 'unmount and flush everything',
    target: targetRoot,
    destroys: null,
    actions: [...mounted.map(({ at }) => runs(['umount', inTarget(at)])), runs(['sync'])],
    weightBytes: 0,
  };
}

/** What a content needs last of all, unmounted: read-only subvolumes, quotas. */
export function lastSteps(places: readonly Place[]): Step[] {
  return places.flatMap(({ node, device, content }) =>
    content.finish === undefined || content.finish.length === 0
      ? []
      : [
          {
            id: `finish:${node.id}`,
            title: `finish the ${content.name}`,
            target: shortName(device),
            destroys: null,
            actions: content.finish,
            weightBytes: 0,
          },
        ],
  );
}
