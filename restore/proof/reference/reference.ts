import type { Device } from '../device.ts';

/** What a name in a table or on the kernel's command line leads to. */
export type Reference =
  | { kind: 'found'; device: Device }
  | { kind: 'ambiguous'; devices: Device[] }
  /** @property why a clause that goes on after the name; absent: it is on none of the restored disks */
  | { kind: 'missing'; why?: string }
  /** The kernel counts disks and arrays as it finds them: what it found here under that name. */
  | { kind: 'kernel-name'; device: Device | null }
  /** No disk holds it: the machine makes it at each start. @property holds what it is made as; null: nobody says */
  | { kind: 'made'; by: string; holds: string | null }
  /** @property why a clause that goes on after the name @property candidates arrays, one of which it must be */
  | { kind: 'unknown'; why: string; candidates: Device[] }
  | { kind: 'not-a-device' };

export function one(found: readonly Device[]): Reference {
  const [device] = found;
  if (device === undefined) return { kind: 'missing' };
  return found.length === 1 ? { kind: 'found', device } : { kind: 'ambiguous', devices: [...found] };
}

export function unknown(why: string, candidates: readonly Device[] = []): Reference {
  return { kind: 'unknown', why, candidates: [...candidates] };
}

/** All that it may lead to. A kernel's name promises nothing. */
export function candidatesOf(reference: Reference): Device[] {
  if (reference.kind === 'found') return [reference.device];
  return reference.kind === 'ambiguous' ? reference.devices : [];
}

/** Members of an array or a file system over several disks have one UUID; they are no contradiction. */
export function isSameContent(devices: readonly Device[]): boolean {
  return devices.every(
    ({ content, uuid }) => (content === 'btrfs' || content === 'bcachefs') && uuid === devices[0]?.uuid,
  );
}

/**
 * Where several arrays may be meant, and only one of them is what the line wants, that one is it: the saved machine had it
 * there, and arrays come back with their names. @param isWanted whether a device would do
 */
export function settle(reference: Reference, isWanted: (device: Device) => boolean): Reference {
  if (reference.kind !== 'unknown') return reference;
  const [device, ...others] = reference.candidates.filter(isWanted);
  return device !== undefined && others.length === 0 ? { kind: 'found', device } : reference;
}

export type Judged =
  | { problem: string }
  | { unknown: string }
  /** @property device null: it is made at each start @property note a clause that goes on after the name */
  | { device: Device | null; holds: string | null; note: string | null }
  | 'no-device';

const changes = 'is a name that can change between boots';

/** What every table makes of a reference; the texts are clauses that go on after the name. */
export function judge(reference: Reference): Judged {
  switch (reference.kind) {
    case 'not-a-device':
      return 'no-device';
    case 'missing':
      return { problem: reference.why ?? 'is on none of the restored disks' };
    case 'unknown':
      return { unknown: reference.why };
    case 'made':
      return { device: null, holds: reference.holds, note: `is made by ${reference.by}` };
    case 'kernel-name':
      return reference.device === null
        ? { unknown: `${changes}, and no restored disk has it here` }
        : { device: reference.device, holds: reference.device.content, note: changes };
    case 'ambiguous': {
      const [device] = reference.devices;
      if (device === undefined || !isSameContent(reference.devices))
        return { problem: `is on ${reference.devices.map(({ path }) => path).join(' and ')}` };
      return { device, holds: device.content, note: null };
    }
    case 'found':
      return { device: reference.device, holds: reference.device.content, note: null };
  }
}
