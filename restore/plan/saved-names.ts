import type { Layout } from '../layout/schema.ts';
import type { SavedNames } from '../proof/reference/names.ts';
import type { Assignment } from './assign.ts';
import type { DeviceNames } from './devices.ts';

/**
 * What the saved machine called what a restore opens under names of its own, and which disk came back on which: its tables and its
 * boot menu speak of those. @param devices names while it is restored
 */
export function savedNames(layout: Layout, devices: DeviceNames, assignments: readonly Assignment[]): SavedNames {
  const names = layout.nodes.flatMap(({ id, origin }) => {
    const device = devices.get(id);
    if (device === undefined) return [];
    if (origin.type === 'crypt') return [{ name: `/dev/mapper/${origin.name}`, device }];
    const array = origin.type === 'array' ? layout.arrays.find((each) => each.id === origin.array) : undefined;
    return array === undefined ? [] : namesOfArray(array).map((name) => ({ name, device }));
  });
  const disks = assignments.map(({ saved: { serial, wwn }, disk }) => ({ device: disk.path, serial, wwn }));
  return { names, disks };
}

/** The number that the kernel gave it, 'md127', is none: the next start may count otherwise. */
function namesOfArray({ name }: Layout['arrays'][number]): string[] {
  if (name === null) return [];
  const short = name.slice(name.indexOf(':') + 1);
  return [...new Set([`/dev/md/${name}`, `/dev/md/${short}`, ...(/^\d+$/.test(short) ? [`/dev/md${short}`] : [])])];
}
