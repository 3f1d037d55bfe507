import type { Device } from '../device.ts';
import { lvmNames, splitMappingName } from './lvm.ts';
import type { Mapping, Names } from './names.ts';
import { candidatesOf, one, type Reference, unknown } from './reference.ts';

type Resolve = (spec: string) => Reference;

/** An encrypted device's, a volume's or another mapping's name below /dev/mapper. @param resolve for what a mapping lies on */
export function resolveMapped(name: string, devices: readonly Device[], names: Names, resolve: Resolve): Reference {
  const spec = `/dev/mapper/${name}`;
  const mapping = names.mappings.get(name) ?? mappingOfLuksName(name);
  if (mapping !== null) {
    const opened = openedOf(mapping, devices, resolve);
    if (opened !== null) return opened;
  }
  const saved = names.saved?.names.find((each) => each.name === spec);
  if (saved !== undefined) return one(devices.filter(({ path }) => path === saved.device));
  const here = devices.filter((device) => device.path === spec || namesOf(device).includes(spec));
  if (here.length > 0) return one(here);
  if (isVolumeOfKnownGroup(name, devices)) return { kind: 'missing' };
  if (names.multipath && /^(mpath|3[0-9a-f]{16,})/.test(name)) return unknown('is a multipath device');
  const unnamed = devices.filter((device) => device.type === 'crypt' && !isNamed(device, names, resolve));
  const opens = 'is a name that neither /etc/crypttab nor the boot menu gives to an encrypted device';
  return unnamed.length === 0 ? { kind: 'missing' } : unknown(opens);
}

/** dracut and udisks call an encrypted device by its UUID where nothing else is said. */
function mappingOfLuksName(name: string): Mapping | null {
  const uuid = /^luks-([0-9a-f]{8}-[0-9a-f-]{27})$/i.exec(name)?.[1];
  return uuid === undefined ? null : { source: `UUID=${uuid}`, fresh: null };
}

/** Null: what it lies on is none of these, though the name may be known otherwise. */
function openedOf(mapping: Mapping, devices: readonly Device[], resolve: Resolve): Reference | null {
  const source = resolve(mapping.source);
  if (source.kind === 'missing') return { kind: 'missing', why: `lies on ${mapping.source}, which ${words(source)}` };
  if (source.kind === 'unknown') return unknown(`lies on ${mapping.source}, which ${source.why}`);
  const below = source.kind === 'kernel-name' ? [source.device].flatMap((each) => each ?? []) : candidatesOf(source);
  const opened = devices.filter(
    ({ type, below: [nearest] }) => type === 'crypt' && below.some(({ path }) => path === nearest),
  );
  if (mapping.fresh !== null) return { kind: 'made', by: '/etc/crypttab', holds: mapping.fresh };
  if (opened.length > 0) return one(opened);
  return unknown(`lies inside of ${mapping.source}, which is not open here`);
}

function words(reference: { why?: string }): string {
  return reference.why ?? 'is on none of the restored disks';
}

function namesOf(device: Device): string[] {
  return [...device.aliases, ...lvmNames(device)];
}

/** 'vg0-swap' where vg0 has other volumes here: this one is not there. */
function isVolumeOfKnownGroup(name: string, devices: readonly Device[]): boolean {
  const group = splitMappingName(name)?.group;
  const groups = devices.flatMap(({ type, path }) =>
    type === 'lvm' ? [splitMappingName(path.replace('/dev/mapper/', ''))?.group] : [],
  );
  return group !== undefined && groups.includes(group);
}

function isNamed(device: Device, { mappings, saved }: Names, resolve: Resolve): boolean {
  if (saved?.names.some((each) => each.device === device.path) === true) return true;
  return [...mappings.values()].some(({ source }) =>
    candidatesOf(resolve(source)).some(({ path }) => path === device.below[0]),
  );
}

/** 'dm-name-...' and 'dm-uuid-...' of /dev/disk/by-id; null for any other. */
export function resolveMappedLink(
  link: string,
  devices: readonly Device[],
  names: Names,
  resolve: Resolve,
): Reference | null {
  const name = /^dm-name-(.+)$/.exec(link)?.[1];
  if (name !== undefined) return resolveMapped(name, devices, names, resolve);
  if (!link.startsWith('dm-uuid-')) return null;
  const [, uuid, called] = /^dm-uuid-CRYPT-LUKS\d-([0-9a-f]{32})-(.+)$/.exec(link) ?? [];
  if (uuid === undefined || called === undefined) return unknown('names a mapping by an id that is not known here');
  const luks = devices.find((device) => (device.uuid ?? '').replaceAll('-', '') === uuid);
  if (luks === undefined) return { kind: 'missing' };
  return one(devices.filter(({ type, below }) => type === 'crypt' && below[0] === luks.path));
}
