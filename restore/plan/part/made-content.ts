import { RekindleError } from '../../../common/errors/error.ts';
import { formatBytes } from '../../../common/format.ts';
import type { Manifest } from '../../archive/set-schema.ts';
import { planContent, resizerOf } from '../../layout/content.ts';
import type { ContentPlan } from '../../layout/layer.ts';
import type { Load } from '../../layout/resizer.ts';
import type { Content } from '../../layout/schema.ts';
import { loadFrom } from '../resize/claims.ts';
import type { DeviceHere } from './device-here.ts';
import { existingContent, fillableTypes } from './existing.ts';
import { freshContent, freshMinimum } from './fresh.ts';
import { savedId } from './fstab.ts';
import { freshTypeNames } from './names.ts';
import type { Saved } from './saved-file-system.ts';

export interface MadeInput {
  saved: Saved;
  device: DeviceHere;
  make: string | null;
  takenIds: ReadonlySet<string>;
  newId: string;
  manifests: readonly Manifest[];
}

/** The file system that is filled. */
export interface Made {
  content: ContentPlan;
  /** It has the saved id. */
  isSame: boolean;
  /** The saved id is another device's, so that it got a new one. */
  uuidTaken: boolean;
}

/** @throws RekindleError RK485, RK486, RK487 */
export function madeContent(input: MadeInput): Made {
  const { saved, device, make } = input;
  const { content } = saved.node;
  if (content === null) throw new RekindleError('RK487', `${saved.name} has no content in the layout`);
  const load = loadOf(input);
  if (make === null) return existing(device, load, savedId(saved.node));
  if (make !== 'same' && make !== content.kind) return ofOtherType(input, make, content, load);
  return asSaved(input, content, load);
}

/** Of a subvolume alone what it holds; else what the sets hold, and what was in use. */
function loadOf({ saved: { node, archives }, manifests }: MadeInput): Load {
  const whole = loadFrom(manifests)(node);
  const isPart = node.content?.kind === 'btrfs' && archives.every(({ subvolume }) => subvolume === undefined);
  if (!isPart) return whole;
  const sum = (of: 'tarSize' | 'members'): number => archives.reduce((all, each) => all + each[of], 0);
  return { bytes: sum('tarSize'), files: sum('members') };
}

function existing({ path, type, uuid, sizeBytes }: DeviceHere, load: Load, id: string | null): Made {
  if (type === null || !fillableTypes.includes(type))
    throw new RekindleError('RK486', `${path} holds ${type ?? 'no file system'}`);
  assertRoom(path, sizeBytes, load.bytes);
  return { content: existingContent(type, uuid), isSame: uuid === id, uuidTaken: false };
}

/** @throws RekindleError RK485 */
function assertRoom(device: string, sizeBytes: number, needed: number): void {
  if (sizeBytes >= needed) return;
  const short = `${formatBytes(needed - sizeBytes)} short`;
  throw new RekindleError(
    'RK485',
    `${device} has ${formatBytes(sizeBytes)}, needed are ${formatBytes(needed)}: ${short}`,
  );
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function ofOtherType({ saved, device, takenIds, newId }: MadeInput, type: string, content: Content, load: Load): Made {
  const minimum = freshMinimum(type, load);
  if (minimum === null) {
    throw new RekindleError(
      'RK487',
      `"${type}" is none of ${freshTypeNames.join(', ')}, and not what ${saved.name} was (${content.kind})`,
    );
  }
  assertRoom(device.path, device.sizeBytes, minimum);
  const id = savedId(saved.node) ?? '';
  const isFree = !takenIds.has(id.toLowerCase());
  const isSame = isFree && uuidForm.test(id);
  const label = 'label' in content ? content.label : '';
  const options = { device: device.path, sizeBytes: device.sizeBytes, uuid: isSame ? id : newId, label, load };
  return { content: freshContent(type, options), isSame, uuidTaken: !isFree };
}

/** With every feature as it was, at the device's size. */
function asSaved({ saved, device, takenIds, newId }: MadeInput, savedContent: Content, load: Load): Made {
  const content = onOneDevice(savedContent);
  const resizer = resizerOf(content);
  assertRoom(device.path, device.sizeBytes, resizer?.minimumBytes(content, load) ?? saved.node.sizeBytes);
  const sized = resizer === null ? content : resizer.at(content, device.sizeBytes, load);
  const uuidTaken = takenIds.has(savedId(saved.node)?.toLowerCase() ?? '');
  const planned = planContent(uuidTaken ? withId(sized, newId) : sized, device.path);
  const several =
    content === savedContent ? [] : [`${saved.name} was on several devices, and is made on ${device.name} alone`];
  return { content: { ...planned, notes: [...planned.notes, ...several] }, isSame: !uuidTaken, uuidTaken };
}

/** A btrfs of several devices comes onto one. */
function onOneDevice(content: Content): Content {
  if (content.kind !== 'btrfs' || content.deviceCount === 1) return content;
  return { ...content, deviceCount: 1, dataProfile: 'single', metadataProfile: content.mixed ? 'single' : 'dup' };
}

function withId(content: Content, id: string): Content {
  if (content.kind === 'vfat') {
    return { ...content, volumeId: `${id.slice(0, 4)}-${id.slice(4, 8)}`.toUpperCase() };
  }
  return 'uuid' in content ? { ...content, uuid: id } : content;
}
