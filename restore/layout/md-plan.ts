import { runs } from './layer.ts';
import type { StackPlan } from './stack-layer.ts';
import { zeroEnds } from './stack-layer.ts';
import type { ArrayMember, LayoutArray } from './stack-schema.ts';

export interface ArrayPlace {
  array: LayoutArray;
  members: { content: ArrayMember; device: string }[];
  /** '/dev/md200': no name that an old disk's array can have. */
  device: string;
  sizeBytes: number;
}

/**
 * Makes the array anew with its identity and shape. Never with --assume-clean: the members are not zero all over, so a
 * parity that nobody computed would stay wrong where only a part of a stripe is written, and a later rebuild would make
 * garbage of it; mirrors would differ where nothing was written, and each check would report it. The kernel's resync runs
 * in the background, gives way to the restore, and goes on after the reboot; nothing waits for it. For RAID 5 --force
 * asks for that resync too, instead of the rebuild of a last, until then missing, member.
 */
export function planArray({ array, members, device, sizeBytes }: ArrayPlace): StackPlan {
  const slots = Array.from({ length: array.slots }, (_, slot) => members.find(({ content }) => content.slot === slot));
  const spares = members.filter(({ content }) => content.slot === null);
  const ofMember = (member: ArrayPlace['members'][number]): string =>
    hasOffset(array) && !sameOffset(members)
      ? `${member.device}:${member.content.dataOffsetBytes / 1024}K`
      : member.device;
  const places = slots.map((member) => (member === undefined ? 'missing' : ofMember(member)));
  const missing = slots.flatMap((member, slot) => (member === undefined ? [slot] : []));
  const notes = missing.length === 0 ? [] : [degradedNote(array, missing)];
  return {
    name: `${array.level.toUpperCase().replace('RAID', 'RAID ')} array ${array.device}`,
    make: [
      runs([
        ...(['mdadm', '--create', device, '--run', '--force', '--auto=yes', `--metadata=${array.metadata}`] as const),
        ...[`--level=${array.level}`, `--raid-devices=${array.slots}`],
        ...(spares.length > 0 ? [`--spare-devices=${spares.length}`] : []),
        ...identity(array),
        ...shape(array, members),
        ...places,
        ...spares.map(ofMember),
      ]),
      { type: 'await-node', device, sizeBytes },
      ...zeroEnds(device, 0, sizeBytes),
    ],
    open: [
      runs(['mdadm', '--assemble', device, '--run', ...members.map((member) => member.device)]),
      { type: 'await-node', device, sizeBytes: null },
    ],
    close: [
      // 1: it was not dirty.
      runs(['mdadm', '--wait-clean', device], [0, 1]),
      runs(['mdadm', '--stop', device]),
    ],
    notes,
  };
}

function degradedNote(array: LayoutArray, missing: readonly number[]): string {
  const places = missing.length === 1 ? `place ${missing[0]} was` : `places ${missing.join(', ')} were`;
  return `The array ${array.device} was degraded when it was saved: ${places} empty and stay so. Add a disk later with mdadm --add.`;
}

/** The superblock of metadata 0.90 has neither name nor host. */
function identity(array: LayoutArray): string[] {
  const uuid = `--uuid=${array.uuid}`;
  if (array.name === null) return [uuid];
  const at = array.name.indexOf(':');
  const host = at < 0 ? '<none>' : array.name.slice(0, at);
  return [uuid, `--homehost=${host}`, `--name=${array.name.slice(at + 1)}`];
}

function shape(array: LayoutArray, members: ArrayPlace['members']): string[] {
  const options: string[] = [];
  if (array.chunkBytes !== null) options.push(`--chunk=${array.chunkBytes / 1024}K`);
  if (array.layout !== null) options.push(`--layout=${array.layout}`);
  if (array.componentBytes !== null) options.push(`--size=${array.componentBytes / 1024}K`);
  if (hasOffset(array)) {
    const first = members[0]?.content.dataOffsetBytes ?? 0;
    options.push(`--data-offset=${sameOffset(members) ? `${first / 1024}K` : 'variable'}`);
  }
  if (array.level !== 'raid0') options.push(...consistency(array));
  return options;
}

function consistency(array: LayoutArray): string[] {
  if (array.consistency === 'ppl') return ['--consistency-policy=ppl'];
  if (array.consistency === 'resync') return ['--bitmap=none'];
  const chunk = array.bitmapChunkBytes === null ? [] : [`--bitmap-chunk=${array.bitmapChunkBytes / 1024}K`];
  return ['--bitmap=internal', ...chunk];
}

/** With 0.90 and 1.0 the superblock lies at the end and the data begin at 0. */
function hasOffset({ metadata }: LayoutArray): boolean {
  return metadata === '1.1' || metadata === '1.2';
}

function sameOffset(members: ArrayPlace['members']): boolean {
  return new Set(members.map(({ content }) => content.dataOffsetBytes)).size <= 1;
}
