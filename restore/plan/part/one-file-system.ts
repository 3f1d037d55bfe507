import { RekindleError } from '../../../common/errors/error.ts';
import { archiveTitle } from '../../archive/archive-title.ts';
import { assertChains, type SetAtHand } from '../../archive/incremental/chain.ts';
import { knownTo } from '../../archive/index/known-attributes.ts';
import type { Manifest, SetInfo } from '../../archive/set-schema.ts';
import { runs } from '../../layout/layer.ts';
import type { Layout } from '../../layout/schema.ts';
import { before, type Chains, setsOf } from '../chains.ts';
import { digestOf } from '../digest.ts';
import { extractStep, lastSteps, mountAlone, type Place, shortName } from '../fill.ts';
import { assertDisk } from '../prepare.ts';
import type { Action, Plan, Step } from '../step.ts';
import type { DeviceHere } from './device-here.ts';
import { overExisting, overwritten, subvolumesStep, unfit } from './existing.ts';
import { fstabWarnings } from './fstab.ts';
import { type Made, madeContent } from './made-content.ts';
import { findFileSystem, type Saved } from './saved-file-system.ts';

export interface OneFileSystemInput {
  set: SetInfo;
  /** Null on a rescue-only medium. */
  manifest: Manifest | null;
  layout: Layout;
  bases?: readonly SetAtHand[];
  /** Mount point or id of the layout. */
  fileSystem: string;
  device: DeviceHere;
  /** Null: into the file system that is there. 'same': made anew as it was saved. Else the type of a new one. */
  make: string | null;
  /** UUIDs of all other devices of this machine, in lower case. */
  takenIds: ReadonlySet<string>;
  /** A UUID that nobody has, used where the saved one is taken or has another form. */
  newId: string;
}

/**
 * One saved file system into a device of this machine, over what is there or made anew, also with another type. Pure.
 * @throws RekindleError RK351-RK355, RK403, RK404, RK485, RK486, RK487, RK489, before anything was touched
 */
export function planOneFileSystem(input: OneFileSystemInput): Plan {
  const { set, manifest, device, make } = input;
  if (manifest === null) throw new RekindleError('RK403', `set ${set.set} of ${set.machine.hostname}`);
  if (device.refusal !== null) throw new RekindleError('RK404', `${device.path}: ${device.refusal}`);
  const all = assertChains<SetAtHand>({ info: set, manifest }, input.bases ?? []);
  const saved = savedFor(input, manifest);
  const chains = all.filter((links) => saved.archives.some(({ name }) => name === links.at(-1)?.archive.name));
  const made = madeContent({
    ...input,
    saved,
    manifests: [manifest, ...(input.bases ?? []).flatMap((base) => base.manifest ?? [])],
  });
  const place: Place = { node: saved.node, device: device.path, archives: saved.archives, content: made.content };
  const isChain = chains.some((links) => links.length > 1);
  const steps = make === null ? intoSteps(place, device, chains) : makeSteps(place, device, chains, made);
  return {
    set: set.set,
    digest: digestOf(steps),
    targets: device.disks.map((disk) => ({ source: saved.node.id, disk })),
    steps,
    part: {
      kind: 'file-system',
      order: { fileSystem: input.fileSystem, device: device.path, make },
      confirm: device.name,
    },
    ...(isChain ? { sets: setsOf(chains, set.machine.hostname) } : {}),
    warnings: [...warningsOf(input, saved, made, isChain), ...made.content.notes],
  };
}

/** @throws RekindleError RK486, RK487, RK489 */
function savedFor({ layout, fileSystem, device, make }: OneFileSystemInput, manifest: Manifest): Saved {
  const kind = findFileSystem(layout, manifest, fileSystem, 'btrfs').node.content?.kind ?? '';
  const type = make === null ? device.type : make === 'same' ? kind : make;
  if (kind === 'raw' && make !== 'same' && make !== 'raw')
    throw new RekindleError('RK487', `${fileSystem} was copied as it is: it can only be written whole (--make)`);
  if (type === null) throw new RekindleError('RK486', `${device.path} holds no file system`);
  const saved = findFileSystem(layout, manifest, fileSystem, type);
  const why = unfit(saved, type);
  if (why !== null && kind !== 'raw')
    throw new RekindleError('RK487', `${saved.name} on ${device.path} (${type}): ${why}`);
  return saved;
}

function warningsOf(
  { device, make, layout }: OneFileSystemInput,
  saved: Saved,
  made: Made,
  isChain: boolean,
): string[] {
  const { mount, uuid } = made.content;
  const swapFiles = (layout.swapFiles ?? []).filter(({ path }) =>
    path.startsWith(saved.name === '/' ? '/' : `${saved.name}/`),
  );
  return [
    ...(make === null
      ? [`${device.name} keeps what is on it. Overwritten: ${overwritten(isChain)}.`]
      : [`${device.name} is made anew: ${device.content === '' ? noFileSystem : 'all that is on it is lost'}.`]),
    ...(made.uuidTaken ? [`Another device has the saved UUID of ${saved.name}: it gets a new one, ${uuid}.`] : []),
    ...(mount === null ? [] : fstabWarnings(saved.node, device.path, { type: mount.type, uuid })),
    ...swapFiles.map(({ path }) => `The swap file ${path} is not in the backup: make it again (mkswap).`),
    'No boot loader is installed, and nothing else of this machine changes.',
  ];
}

const noFileSystem = 'no file system was found on it';

function checkActions(
  { path, sizeBytes, disks }: DeviceHere,
  holds: { type: string; uuid: string | null } | null,
): Action[] {
  return [...disks.map(assertDisk), { type: 'assert-device', device: path, sizeBytes, holds }];
}

function checkStep(device: DeviceHere, checks: Action[]): Step {
  return step(
    { id: 'check:device', title: 'check that it is still the chosen device, and used by nobody', actions: checks },
    device,
  );
}

function step(own: Pick<Step, 'id' | 'title' | 'actions'> & Partial<Step>, { name }: DeviceHere): Step {
  return { target: name, destroys: null, weightBytes: 0, ...own };
}

function intoSteps(place: Place, device: DeviceHere, chains: Chains): Step[] {
  const { type, uuid } = device;
  const checks = checkActions(device, type === null ? null : { type, uuid });
  const subvolumes = subvolumesStep(place, place.archives);
  return [
    checkStep(device, checks),
    ...(subvolumes === null ? [] : [subvolumes]),
    ...fillSteps(place, chains).map(overExisting),
    ...flagSteps(place, device.type),
  ];
}

function makeSteps(place: Place, device: DeviceHere, chains: Chains, { isSame }: Made): Step[] {
  const checks = checkActions(device, null);
  const { content } = place;
  const destroys = device.content === '' ? null : `all that is on ${device.name}: ${device.content}`;
  if (content.mount === null) {
    const raw = fillSteps(place, chains).map((each) => ({ ...each, destroys, actions: [...checks, ...each.actions] }));
    return [checkStep(device, checks), ...raw];
  }
  const rehearsal = step(
    {
      id: 'rehearse',
      title: 'try that the file system can be made',
      target: 'memory',
      actions: [runs(['mkdir', '-p', '/run/rekindle']), ...content.rehearse],
    },
    device,
  );
  const making = step(
    {
      id: `make:${place.node.id}`,
      title: `make ${content.name}${isSame ? ', same id' : ''}`,
      destroys,
      // Could wipe another device: asks once more, right before the first write.
      actions: [...checks, runs(['wipefs', '--all', '--force', device.path]), ...content.make],
    },
    device,
  );
  const rest = [
    ...fillSteps(place, chains),
    ...flagSteps(place, place.node.content?.kind === content.mount.type ? null : content.mount.type),
  ];
  return [
    checkStep(device, checks),
    ...(content.rehearse.length > 0 ? [rehearsal] : []),
    making,
    ...rest,
    ...lastSteps([place]),
  ];
}

function fillSteps(place: Place, chains: Chains): Step[] {
  return place.archives
    .toSorted((left, right) => (left.mountPoint < right.mountPoint ? -1 : 1))
    .map((archive) => extractStep(place, archive, before(chains, archive)));
}

/** Mounted alone each, as nothing else is. @param type where only what that type knows can be set; null: all of it */
function flagSteps(place: Place, type: string | null): Step[] {
  const only = type === null ? {} : { only: knownTo(type) };
  return place.archives
    .filter(({ attributes, method }) => attributes > 0 && method === undefined)
    .map((archive) => {
      const { at, actions } = mountAlone(place, archive);
      return {
        id: `flags:${place.node.id}${archive.subvolume === undefined ? '' : `:${archive.subvolume}`}`,
        title: `set inode flags of ${archiveTitle(archive)}`,
        target: shortName(place.device),
        destroys: null,
        actions: [...actions, { type: 'inode-flags', archive: archive.name, at, ...only }, runs(['umount', at])],
        weightBytes: 0,
      };
    });
}
