import { posix } from 'node:path';
import type { Device } from '../device.ts';
import { resolveArray, resolveArrayLink } from './arrays.ts';
import { resolveHardware } from './hardware.ts';
import { lvmNames } from './lvm.ts';
import { resolveMapped, resolveMappedLink } from './mapper.ts';
import { type Names, noNames } from './names.ts';
import { isCounted, outsideOf } from './outside.ts';
import { one, type Reference, unknown } from './reference.ts';
import { devicesWithTag, tagOf, unquoted } from './tags.ts';

/** A mapping may lie on a mapping. One that lies on itself is followed no further. */
const mostLayers = 8;

/**
 * Follows 'UUID=...', 'LABEL=...', '/dev/disk/by-uuid/...', '/dev/mapper/...', '/dev/md/0', '/dev/sda1' among these devices only.
 * @param names what the restored machine calls devices that have other names here
 */
export function resolveReference(text: string, devices: readonly Device[], names: Names = noNames): Reference {
  const found = follow(text, devices, names, 0);
  const closed = names.saved === null && found.kind === 'missing' ? closedLayer(devices) : null;
  return closed === null ? found : unknown(`is not here; ${closed} is not open, and may hold it`);
}

function follow(text: string, devices: readonly Device[], names: Names, depth: number): Reference {
  const bare = unquoted(text);
  const tag = tagOf(bare);
  if (tag !== null) return one(devicesWithTag(tag, devices));
  const id = /^ID=(.+)$/i.exec(bare)?.[1];
  const spec = id === undefined ? bare : `/dev/disk/by-id/${id}`;
  if (!spec.startsWith('/dev/')) return { kind: 'not-a-device' };
  const path = posix.normalize(spec);
  if (depth > mostLayers) return unknown('lies on itself');
  const resolve = (source: string): Reference => follow(source, devices, names, depth + 1);
  return (
    outsideOf(path) ??
    resolveLink(path, devices, names, resolve) ??
    resolveArray(path, devices, names) ??
    byName(path, devices)
  );
}

function resolveLink(
  path: string,
  devices: readonly Device[],
  names: Names,
  resolve: (spec: string) => Reference,
): Reference | null {
  const mapped = /^\/dev\/mapper\/(.+)$/.exec(path)?.[1];
  if (mapped !== undefined) return resolveMapped(mapped, devices, names, resolve);
  if (!path.startsWith('/dev/disk/')) return null;
  const link = /^\/dev\/disk\/by-id\/(.+)$/.exec(path)?.[1] ?? '';
  const volume = /^lvm-pv-uuid-(.+)$/.exec(link)?.[1]?.toLowerCase();
  if (volume !== undefined) return one(devices.filter(({ uuid }) => uuid?.toLowerCase() === volume));
  const linked = names.links.has(path) ? resolveHardware(path, devices, names) : null;
  if (linked?.kind === 'found') return linked;
  return (
    resolveMappedLink(link, devices, names, resolve) ??
    resolveArrayLink(link, devices, names) ??
    resolveHardware(path, devices, names)
  );
}

function byName(path: string, devices: readonly Device[]): Reference {
  const named = devices.filter(
    (device) => device.path === path || device.aliases.includes(path) || lvmNames(device).includes(path),
  );
  return isCounted(path) ? { kind: 'kernel-name', device: named[0] ?? null } : one(named);
}

const closedWords: ReadonlyMap<string, string> = new Map([
  ['crypto_LUKS', 'the encrypted device'],
  ['LVM2_member', 'the volume group on'],
  ['linux_raid_member', 'the array on'],
]);

/** A layer that nobody opened here: what lies in it nobody can see. */
function closedLayer(devices: readonly Device[]): string | null {
  for (const { path, content } of devices) {
    const words = closedWords.get(content ?? '');
    if (words !== undefined && !devices.some(({ below }) => below.includes(path))) return `${words} ${path}`;
  }
  return null;
}
