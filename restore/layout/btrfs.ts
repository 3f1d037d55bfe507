import * as z from 'zod';
import { aloneRoot } from '../plan/roots.ts';
import type { Action } from '../plan/step.ts';
import { captureBtrfs } from './btrfs-capture.ts';
import { btrfsResizer } from './btrfs-resize.ts';
import { type BtrfsContent, btrfsContentSchema, btrfsMemberSchema } from './btrfs-schema.ts';
import { describeNotSaved } from './btrfs-subvolumes.ts';
import { type ContentPlan, contentLayer, type Peer, runs } from './layer.ts';

/** Where the top level is mounted while subvolumes are made in it. */
const top = `${aloneRoot}/btrfs`;

/** btrfs with its subvolumes, on all of its devices. */
export const btrfs = contentLayer(z.discriminatedUnion('kind', [btrfsContentSchema, btrfsMemberSchema]), {
  kinds: ['btrfs', 'btrfs-member'],
  capture: captureBtrfs,
  resizer: btrfsResizer,
  plan(content, device, peers) {
    if (content.kind === 'btrfs-member')
      return { name: 'part of a btrfs', uuid: content.uuid, mount: null, rehearse: [], make: [], notes: [] };
    return planBtrfs(content, [device, ...membersOf(content, peers)]);
  },
});

function membersOf({ uuid }: BtrfsContent, peers: readonly Peer[]): string[] {
  return peers
    .flatMap(({ content, device }) =>
      content.kind === 'btrfs-member' && content.uuid === uuid ? [{ id: content.deviceId, device }] : [],
    )
    .toSorted((one, other) => one.id - other.id)
    .map(({ device }) => device);
}

function planBtrfs(content: BtrfsContent, devices: readonly string[]): ContentPlan {
  const { uuid, subvolumes } = content;
  // Named one by one: the kernel must not look for the others among the old disks, which have the same UUID.
  const others = devices.length > 1 ? devices.map((device) => `device=${device}`) : [];
  const options = ['noatime', ...(content.compression === undefined ? [] : [content.compression]), ...others].join(',');
  const device = devices[0] ?? '';
  const mountTop = [
    forget,
    runs(['mkdir', '-p', top]),
    runs(['mount', '-t', 'btrfs', '-o', `${options},subvolid=5`, device, top]),
    { type: 'assert-mounted', device, at: top, uuid, ...(devices.length > 1 ? { devices: [...devices] } : {}) },
  ] as const;
  const kept = subvolumes.filter(({ leftOut }) => !leftOut);
  const finish = finishActions(content);
  return {
    name: `btrfs file system${devices.length > 1 ? ` on ${devices.length} devices` : ''}`,
    uuid,
    mount: { type: 'btrfs', options, before: [forget], devices: [...devices] },
    rehearse: rehearse(content, devices.length),
    make: [
      runs(mkfsArgv(content, devices)),
      ...mountTop,
      ...kept.flatMap(({ path }) => createSubvolume(path)),
      ...(content.defaultSubvolume === ''
        ? []
        : [runs(['btrfs', 'subvolume', 'set-default', `${top}/${content.defaultSubvolume}`])]),
      runs(['umount', top]),
    ],
    finish: finish.length === 0 ? [] : [...mountTop, ...finish, runs(['umount', top])],
    notes: notesOf(content, device, devices.length),
  };
}

/**
 * The kernel joins all devices that it has seen with one UUID. An old disk that is still attached would become a part of
 * the new file system, or be mounted in its place; so it is forgotten before each mount. Nothing to forget: exit 1.
 */
const forget = runs(['btrfs', 'device', 'scan', '--forget'], [0, 1]);

function createSubvolume(path: string): Action[] {
  const folder = path.split('/').slice(0, -1).join('/');
  return [
    ...(folder === '' ? [] : [runs(['mkdir', '-p', `${top}/${folder}`])]),
    runs(['btrfs', 'subvolume', 'create', `${top}/${path}`]),
  ];
}

/** What would be in the way earlier: nothing can be written into a read-only subvolume, quotas slow down the extraction. */
function finishActions({ subvolumes, quota }: BtrfsContent): Action[] {
  const limit = (path: string, bytes: number | undefined, kind: string[]): Action[] =>
    bytes === undefined ? [] : [runs(['btrfs', 'qgroup', 'limit', ...kind, `${bytes}`, `${top}/${path}`])];
  return [
    ...(quota === undefined ? [] : [runs(['btrfs', 'quota', 'enable', top])]),
    ...(quota?.limits ?? []).flatMap(({ path, referenced, exclusive }) => [
      ...limit(path, referenced, []),
      ...limit(path, exclusive, ['-e']),
    ]),
    ...subvolumes
      .filter(({ readOnly, leftOut }) => readOnly && !leftOut)
      .map(({ path }) => runs(['btrfs', 'property', 'set', '-t', 'subvol', `${top}/${path}`, 'ro', 'true'])),
  ];
}

function notesOf(
  { subvolumes, quota, deviceCount, notSaved = [] }: BtrfsContent,
  device: string,
  devices: number,
): string[] {
  const left = subvolumes.filter(({ leftOut }) => leftOut).length;
  return [
    ...(left === 0
      ? []
      : [
          `${device}: ${left} read-only snapshots are not in the set and do not come back: make new ones on the restored machine`,
        ]),
    ...(notSaved.length === 0
      ? []
      : [`${device}: ${describeNotSaved(notSaved)}; they do not come back: look for their files in another backup`]),
    ...(quota === undefined || quota.groups === 0
      ? []
      : [
          `${device}: ${quota.groups} quota groups of subvolumes do not come back, only the limits of single ones: make them again (btrfs qgroup create)`,
        ]),
    ...(devices === deviceCount
      ? []
      : [
          `${device}: it was on ${deviceCount} devices, and is made on ${devices}: add others later (btrfs device add)`,
        ]),
  ];
}

function rehearse(content: BtrfsContent, count: number): Action[] {
  const files = Array.from({ length: count }, (_, index) => `/run/rekindle/rehearsal.${index}.img`);
  return [
    ...files.map((file) => runs(['dd', 'if=/dev/null', `of=${file}`, 'bs=1M', 'count=0', 'seek=1024'])),
    runs(mkfsArgv(content, files)),
    runs(['rm', '-f', ...files]),
  ];
}

/**
 * mkfs.btrfs refuses a UUID that any disk has, and asks libblkid for all of them; the old disk may be attached. It is run
 * where libblkid finds no disk but the one it is given. The words for the shell are constant; the names are its arguments.
 */
const alone = [
  ...(['unshare', '--mount', '--', 'sh', '-c'] as const),
  'mount --bind /dev/null /proc/partitions && mount -t tmpfs none /sys/block && exec "$@"',
  ...['sh', 'env', 'BLKID_FILE=/dev/null'],
] as const;

function mkfsArgv(content: BtrfsContent, devices: readonly string[]): [string, ...string[]] {
  const { 'free-space-tree': freeSpaceTree, ...features } = content.features;
  const word = (name: string, on: boolean): string => `${on ? '' : '^'}${name}`;
  const format = Object.entries(features).map(([name, on]) => word(name, on));
  return [
    ...alone,
    ...['mkfs.btrfs', '-q', '-f', '-K', '-U', content.uuid, '-n', `${content.nodeBytes}`],
    ...['-s', `${content.sectorBytes}`, '--csum', content.checksum.replace('xxhash64', 'xxhash')],
    ...['-d', content.dataProfile, '-m', content.metadataProfile, ...(content.mixed ? ['--mixed'] : [])],
    ...(format.length === 0 ? [] : ['-O', format.join(',')]),
    ...(freeSpaceTree === undefined ? [] : ['-R', word('free-space-tree', freeSpaceTree)]),
    ...(content.label === '' ? [] : ['-L', content.label]),
    ...devices,
  ];
}
