import type { Action } from '../plan/step.ts';
import { runs } from './layer.ts';
import { parseGroup } from './lvm.ts';
import { lvmConfig } from './lvm-config.ts';
import { mappingName } from './lvm-names.ts';
import { listIn, numberIn, parseLvmText, sectionIn, textIn } from './lvm-text.ts';
import { type StackPlan, zero, zeroEnds } from './stack-layer.ts';
import type { GroupMember, LayoutGroup, Volume } from './stack-schema.ts';

export interface GroupPlace {
  group: LayoutGroup;
  members: { content: GroupMember; device: string; sizeBytes: number }[];
}

type Argv = [string, ...string[]];

/** Where the text lies while it is used. */
function textFile(group: string): string {
  return `/run/rekindle/lvm-${group}`;
}

/**
 * Makes the group anew. Exactly, from its own text, where that can be and no size was changed; else with the same names,
 * sizes and kinds, but with new ids of group and volumes. No command sees another device than the members.
 */
export function planGroup(place: GroupPlace): StackPlan {
  const { group, members } = place;
  const config = ['--config', lvmConfig(members.map(({ device }) => device))];
  const exact = isUnchanged(place);
  const permission = (word: string): Action[] =>
    group.volumes
      .filter(({ readOnly }) => readOnly)
      .map(({ name }) => runs(['lvchange', ...config, '--permission', word, `${group.id}/${name}`] as Argv));
  const volumes = group.volumes.filter(({ type }) => type !== 'thin-pool');
  return {
    name: `volume group ${group.id}`,
    make: [
      { type: 'write-file', path: textFile(group.id), content: group.backup, mode: 0o600 },
      ...(exact ? fromText(place, config) : fromSizes(place, config)),
      // They are filled first.
      ...(exact ? permission('rw') : []),
      ...volumes.flatMap((volume) => awaitVolume(group, volume)),
    ],
    open: [
      runs(['vgchange', ...config, '--activate', 'y', group.id] as Argv),
      ...permission('rw'),
      ...volumes.map(
        (volume): Action => ({ type: 'await-node', device: volumeDevice(group, volume), sizeBytes: null }),
      ),
    ],
    close: [...permission('r'), runs(['vgchange', ...config, '--activate', 'n', group.id] as Argv)],
    notes: exact
      ? group.notes
      : [
          ...group.notes,
          `The volume group ${group.id} gets a new id, and so do its volumes; names, sizes and kinds are the same. Nothing needs to be done.`,
        ],
  };
}

/** Whether members and volumes still have the sizes of the text; a planner may have changed them. */
function isUnchanged({ group, members }: GroupPlace): boolean {
  if (!group.exact) return false;
  const saved = parseGroup(group.id, group.backup);
  const sameMembers = saved.devices.every(({ uuid, sizeBytes }) => {
    const member = members.find(({ content }) => content.uuid === uuid);
    return member !== undefined && member.sizeBytes >= sizeBytes;
  });
  const sameVolumes = saved.group.volumes.every(({ name, sizeBytes }) =>
    group.volumes.some((volume) => volume.name === name && volume.sizeBytes === sizeBytes),
  );
  const known = saved.group.volumes.length === group.volumes.length && saved.devices.length === members.length;
  return sameMembers && sameVolumes && known && saved.group.extentBytes === group.extentBytes;
}

function fromText({ group, members }: GroupPlace, config: readonly string[]): Action[] {
  const file = textFile(group.id);
  return [
    ...members.map(({ content, device }) =>
      runs(['pvcreate', ...config, '-ff', '--yes', '--uuid', content.uuid, '--restorefile', file, device] as Argv),
    ),
    runs(['vgcfgrestore', ...config, '--file', file, group.id] as Argv),
    ...zeroHidden({ group, members }),
    runs(['vgchange', ...config, '--activate', 'y', group.id] as Argv),
  ];
}

/** State of RAID and mirrors from an earlier life at the same place would be believed: 'these halves are the same'. */
function zeroHidden({ group, members }: GroupPlace): Action[] {
  const section = sectionIn(parseLvmText(group.backup), group.id);
  const devices = sectionIn(section, 'physical_volumes').sections;
  const volumes = section.sections.get('logical_volumes')?.sections ?? new Map();
  const actions: Action[] = [];
  for (const [name, volume] of volumes) {
    if (!/_(rmeta_\d+|mlog)$/.test(name)) continue;
    const [device, extent] = listIn(sectionIn(volume, 'segment1'), 'stripes');
    const physical = devices.get(device ?? '');
    const member = physical && members.find(({ content }) => content.uuid === textIn(physical, 'id'));
    if (physical === undefined || member === undefined) continue;
    const at = numberIn(physical, 'pe_start') * 512 + Number(extent) * group.extentBytes;
    actions.push(zero(member.device, at, Math.min(group.extentBytes, 2 ** 20)));
  }
  return actions;
}

function fromSizes({ group, members }: GroupPlace, config: readonly string[]): Action[] {
  const tags = group.tags.flatMap((tag) => ['--addtag', tag]);
  return [
    ...members.map(({ content, device }) =>
      runs([
        ...(['pvcreate', ...config, '-ff', '--yes', '--uuid', content.uuid, '--norestorefile'] as Argv),
        ...alignment(content.dataOffsetBytes),
        device,
      ]),
    ),
    runs([
      ...(['vgcreate', ...config, '--physicalextentsize', `${group.extentBytes}b`, ...tags, group.id] as Argv),
      ...members.map(({ device }) => device),
    ]),
    ...group.volumes.map((volume) => runs(lvcreateArgv(group, volume, config))),
  ];
}

/** LVM's own choice is 1 MiB; a start before that leaves no room for today's metadata. */
function alignment(dataOffsetBytes: number): string[] {
  return dataOffsetBytes > 2 ** 20 ? ['--dataalignment', `${dataOffsetBytes}b`] : [];
}

function lvcreateArgv(group: LayoutGroup, volume: Volume, config: readonly string[]): Argv {
  const { name, type, thinPool, pool } = volume;
  const quiet = ['--yes', '--wipesignatures', 'y', '--zero', 'y'];
  const tags = volume.tags.flatMap((tag) => ['--addtag', tag]);
  const base: Argv = ['lvcreate', ...config, '--name', name, ...tags];
  if (pool !== null) {
    return [...base, '--yes', '--type', 'thin', '--virtualsize', `${volume.sizeBytes}b`, '--thinpool', pool, group.id];
  }
  const sized: Argv = [...base, '--type', type === 'cache' ? 'linear' : type, '--size', `${volume.sizeBytes}b`];
  if (thinPool !== null) {
    return [
      ...sized,
      ...['--yes', '--poolmetadatasize', `${thinPool.metadataBytes}b`, '--chunksize', `${thinPool.chunkBytes}b`],
      ...['--discards', thinPool.discards, '--zero', thinPool.zeroNew ? 'y' : 'n', group.id],
    ];
  }
  const shape: string[] = [];
  if (volume.stripes > 1) shape.push('--stripes', `${volume.stripes}`);
  if (volume.stripeBytes !== null) shape.push('--stripesize', `${volume.stripeBytes}b`);
  if (volume.mirrors > 0) shape.push('--mirrors', `${volume.mirrors}`);
  if (volume.regionBytes !== null) shape.push('--regionsize', `${volume.regionBytes}b`);
  return [...sized, ...shape, ...quiet, group.id];
}

function volumeDevice(group: LayoutGroup, volume: Volume): string {
  return `/dev/mapper/${mappingName(group.id, volume.name)}`;
}

function awaitVolume(group: LayoutGroup, volume: Volume): Action[] {
  const device = volumeDevice(group, volume);
  return [{ type: 'await-node', device, sizeBytes: volume.sizeBytes }, ...zeroEnds(device, 0, volume.sizeBytes)];
}
