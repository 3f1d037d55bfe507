/** Device mapper doubles a '-' inside the name of a group or volume, and puts a single one between them (lvm(8)). */
export function splitMappingName(name: string): { group: string; volume: string } | null {
  const [, group, volume] = /^((?:[^-]|--)+)-((?:[^-]|--)+)$/.exec(name) ?? [];
  if (group === undefined || volume === undefined) return null;
  return { group: group.replaceAll('--', '-'), volume: volume.replaceAll('--', '-') };
}

/** '/dev/vg0/root' beside '/dev/mapper/vg0-root'; empty for what is no volume. */
export function lvmNames({ type, path }: { type: string; path: string }): string[] {
  const name = /^\/dev\/mapper\/(.+)$/.exec(path)?.[1];
  const halves = type === 'lvm' && name !== undefined ? splitMappingName(name) : null;
  return halves === null ? [] : [`/dev/${halves.group}/${halves.volume}`];
}
