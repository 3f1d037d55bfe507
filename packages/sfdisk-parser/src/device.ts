/**
 * The node of a partition as libfdisk's fdisk_partname() names it: `sda5`, `nvme0n1p5`, `disk/by-id/x-part5`.
 * For by-id, by-path and mapper names libfdisk first looks which node is there; this knows only the names of udev.
 * @param disk '' gives the bare number, as sfdisk writes it where it knows no device
 */
export function partitionDevice(disk: string, number: number): string {
  if (/^\/dev\/(disk\/by-id\/|disk\/by-path\/|mapper\/)/.test(disk)) return `${disk}-part${number}`;
  // devfs: .../disc has .../part1.
  if (disk.endsWith('disc')) return `${disk.slice(0, -'disc'.length)}part${number}`;
  return `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`;
}

/**
 * The number of a partition's node; null when the name ends in none. The disk's name tells where the number begins:
 * `mpath12` is partition 2 of `mpath1`. sfdisk itself takes all digits at the end.
 */
export function numberOf(device: string, disk: string | null): number | null {
  const rest = disk !== null && device.startsWith(disk) ? device.slice(disk.length) : '';
  const digits = /^(?:p|-part)?(\d+)$/.exec(rest)?.[1] ?? trailingDigits(device);
  const number = Number(digits);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}

/** What sfdisk takes for the number of a partition. */
export function trailingDigits(device: string): string {
  return /\d*$/.exec(device)?.[0] ?? '';
}
