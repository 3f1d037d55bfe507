/** Device mapper's name of a volume: 'vg0' and 'my-root' give 'vg0-my--root' (lvm's build_dm_name). */
export function mappingName(group: string, volume: string): string {
  return `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`;
}
