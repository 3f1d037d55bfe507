import type { Device } from '../device.ts';
import type { Names } from './names.ts';
import { one, type Reference, unknown } from './reference.ts';

/** 'a1b2:c3d4:...' of mdadm and 'a1b2c3d4-...' of blkid are the same 16 bytes. */
export function uuidDigits(text: string): string {
  return text.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();
}

export function isArray({ type, path }: Device): boolean {
  return /^(raid|md|linear)/.test(type) || (type !== 'part' && /^\/dev\/md(\d|\/|_)/.test(path));
}

/** Restores count from here, so that no array of an old disk is in the way: no name of the machine's. */
const firstOfRestore = 200;

function membersOf(array: Device, devices: readonly Device[]): Device[] {
  return devices.filter(({ path, content }) => content === 'linux_raid_member' && array.below.includes(path));
}

/**
 * What the restored machine calls an array: by its superblock ('host:name', blkid's label), by mdadm.conf and by what it was
 * called when it was saved. Empty: nobody says.
 */
function namesOfArray(array: Device, devices: readonly Device[], { arrays, saved }: Names): Set<string> {
  const found = new Set<string>();
  for (const { uuid, label } of membersOf(array, devices)) {
    for (const name of arrays.get(uuidDigits(uuid ?? '')) ?? []) addName(found, name);
    if (label !== null && label !== '') {
      addName(found, label);
      addName(found, label.slice(label.indexOf(':') + 1));
    }
  }
  for (const { name, device } of saved?.names ?? []) if (device === array.path) found.add(name);
  return found;
}

/** mdadm makes /dev/md0 and a link /dev/md/0 for a number, and /dev/md/NAME for a name. */
function addName(found: Set<string>, name: string): void {
  const short = name.replace(/^\/dev\/(md\/)?/, '');
  found.add(`/dev/md/${short}`);
  const number = /^(?:md_?)?(\d+)$/.exec(short)?.[1];
  if (number === undefined) return;
  found.add(`/dev/md${number}`);
  found.add(`/dev/md/${number}`);
}

/** An array by its name: '/dev/md/0', '/dev/md0', '/dev/md/host:0'; with 'p1' or '-part1' a partition of it. Null: no such name. */
export function resolveArray(spec: string, devices: readonly Device[], names: Names): Reference | null {
  if (!/^\/dev\/(md\/.|md_?d?\d+)/.test(spec)) return null;
  const whole = resolveWhole(spec, devices, names);
  const [, base, number] = /^(.+?)(?:p|-part)(\d+)$/.exec(spec) ?? [];
  if (whole.kind === 'found' || base === undefined || number === undefined) return whole;
  const array = resolveWhole(base, devices, names);
  return array.kind === 'found' ? partitionOf(array.device, number, devices) : whole;
}

function partitionOf(array: Device, number: string, devices: readonly Device[]): Reference {
  return one(devices.filter(({ path }) => path === `${array.path}p${number}`));
}

function resolveWhole(spec: string, devices: readonly Device[], names: Names): Reference {
  const arrays = devices.filter(isArray);
  const named = arrays.map((array) => ({ array, called: namesOfArray(array, devices, names) }));
  const found = named.filter(({ called }) => called.has(spec)).map(({ array }) => array);
  if (found.length > 0) return one(found);
  const here = devices.filter(({ path, aliases }) => path === spec || aliases.includes(spec));
  const isNumber = /^\/dev\/md_?d?\d+(p\d+)?$/.test(spec);
  if (here.length > 0 && !here.some(isOfRestore))
    return isNumber ? { kind: 'kernel-name', device: here[0] ?? null } : one(here);
  const nameless = named.filter(({ called }) => called.size === 0).map(({ array }) => array);
  if (nameless.length > 0) return unknown('is the name of an array, and nothing here says of which', nameless);
  return isNumber ? { kind: 'kernel-name', device: null } : { kind: 'missing' };
}

function isOfRestore({ path }: Device): boolean {
  return Number(/^\/dev\/md(\d+)/.exec(path)?.[1] ?? 0) >= firstOfRestore;
}

/** 'md-uuid-...' and 'md-name-host:0' of /dev/disk/by-id; null for any other. */
export function resolveArrayLink(link: string, devices: readonly Device[], names: Names): Reference | null {
  const [, kind, rest = ''] = /^md-(uuid|name)-(.+)$/.exec(link) ?? [];
  if (kind === undefined) return null;
  const [, base = rest, number] = /^(.+)-part(\d+)$/.exec(rest) ?? [];
  if (kind === 'name') return resolveArray(`/dev/md/${rest}`, devices, names);
  const arrays = devices.filter(
    (device) =>
      isArray(device) && membersOf(device, devices).some(({ uuid }) => uuidDigits(uuid ?? '') === uuidDigits(base)),
  );
  const [array] = arrays;
  return number !== undefined && array !== undefined ? partitionOf(array, number, devices) : one(arrays);
}
