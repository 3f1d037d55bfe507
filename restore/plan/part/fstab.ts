import type { LayoutNode } from '../../layout/schema.ts';
import { shortName } from '../fill.ts';

/** The id that a saved content is known by; null where it has none. */
export function savedId({ content }: LayoutNode): string | null {
  if (content === null) return null;
  if (content.kind === 'vfat') return content.volumeId;
  return 'uuid' in content ? content.uuid : null;
}

/** What must be written into /etc/fstab where a file system has another type or UUID than the saved one; empty where it has not. */
export function fstabWarnings(node: LayoutNode, device: string, now: { type: string; uuid: string | null }): string[] {
  const { content, mount } = node;
  const isSame = content?.kind === now.type && savedId(node)?.toLowerCase() === now.uuid?.toLowerCase();
  if (isSame || mount === null) return [];
  const places = now.type === 'btrfs' && node.mounts !== undefined ? node.mounts : [mount];
  const source = now.uuid === null ? device : `UUID=${now.uuid}`;
  const lines = places.map((place) => {
    const subvolume = 'subvolume' in place && place.subvolume !== '' ? `subvol=${place.subvolume}` : 'defaults';
    return `In /etc/fstab of the machine the line of ${place.at} must become: ${source} ${place.at} ${now.type} ${subvolume} 0 ${pass(place.at, now.type)}`;
  });
  const boots = places.some(({ at }) => at === '/' || /^\/(boot|usr)(\/|$)/.test(at));
  const more = `${shortName(device)} has another type or UUID than the saved file system, and the machine boots from it: its boot menu and its initramfs must be made anew (update-grub, update-initramfs).`;
  return [...lines, ...(boots ? [more] : [])];
}

/** fstab(5), the sixth field: xfs and btrfs are not checked at the start. */
function pass(at: string, type: string): number {
  return type === 'xfs' || type === 'btrfs' ? 0 : at === '/' ? 1 : 2;
}
