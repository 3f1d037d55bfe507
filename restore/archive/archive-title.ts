import type { Archive } from './set-schema.ts';

/** Where an archive says that a subvolume is which the machine shows nowhere: a path that nobody has. */
export function hiddenPlace(node: string, subvolume: string): string {
  const folder = `/.subvolumes/${node.replaceAll(/[:/]/g, '-')}`;
  return subvolume === '' ? folder : `${folder}/${subvolume}`;
}

type Titled = Pick<Archive, 'mountPoint' | 'node' | 'subvolume' | 'device' | 'method'>;

/** What an archive holds, as its machine's people call it: '/home', 'btrfs subvolume @old of sda2', 'sda3'. */
export function archiveTitle({ mountPoint, node, subvolume, device, method }: Titled): string {
  if (method !== undefined) return device ?? node;
  if (subvolume === undefined || mountPoint !== hiddenPlace(node, subvolume)) return mountPoint;
  const on = device ?? node;
  return subvolume === '' ? `top level of the btrfs on ${on}` : `btrfs subvolume ${subvolume} of ${on}`;
}
