import { type BlockDevice, chainsOf } from '../../../restore/layout/lsblk.ts';
import { listMounts, listSwaps, type Mount, usedBytes } from '../../../restore/layout/mounts.ts';
import { type Probe, probeDevice } from '../../../restore/layout/probe.ts';
import type { BlockFacts } from '../facts.ts';

/** What is needed to say what a device holds; asked once. */
export interface Surroundings {
  mounts: readonly Mount[];
  swaps: ReadonlySet<string>;
  /** Names of the devices that each device lies on. */
  below: ReadonlyMap<string, readonly string[]>;
}

/** Asks what is mounted and what is swapped to; without an answer the devices are shown unused. */
export async function readSurroundings(devices: readonly BlockDevice[]): Promise<Surroundings> {
  const below = new Map<string, string[]>();
  for (const { device, path } of chainsOf(devices)) {
    const parent = path.at(-2);
    if (parent) below.set(device.path, [...new Set([...(below.get(device.path) ?? []), parent.name])]);
  }
  const [mounts, swaps] = await Promise.all([listMounts().catch(() => []), listSwaps().catch(() => [])]);
  return { mounts, swaps: new Set(swaps), below };
}

/** What a device holds, and what is built on it. @param parent name of the device it is shown on */
export async function describeBlock(
  device: BlockDevice,
  surroundings: Surroundings,
  parent: string | null = null,
): Promise<BlockFacts> {
  const here = surroundings.mounts.filter(
    (mount) => mount['maj:min'] === device['maj:min'] || mount.source.replace(/\[.*\]$/, '') === device.path,
  );
  const whole = here.filter(({ fsroot }) => fsroot === '/');
  const probe = await probeDevice(device.path).catch((): Probe => ({}));
  const shown = whole.length > 0 ? whole : here;
  const mounts = [...new Set(shown.map(({ target }) => target))].toSorted((left, right) => left.length - right.length);
  return {
    name: device.name,
    path: device.path,
    type: device.type,
    sizeBytes: device.size,
    content: probe.AMBIVALENT ? 'AMBIVALENT' : (probe.TYPE ?? here[0]?.fstype ?? null),
    label: probe.LABEL ?? null,
    uuid: probe.UUID ?? null,
    mounts,
    swap: surroundings.swaps.has(device.path),
    usedBytes: mounts[0] === undefined ? null : await usedBytes(mounts[0]),
    notSaved: null,
    alsoOn: (surroundings.below.get(device.path) ?? []).filter((name) => name !== parent),
    children: await Promise.all(
      device.children
        .filter(({ type }) => type !== 'part' || device.type !== 'disk')
        .map((child) => describeBlock(child, surroundings, device.name)),
    ),
  };
}
