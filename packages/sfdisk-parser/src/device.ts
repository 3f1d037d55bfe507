/** The node of a partition, as libfdisk's fdisk_partname() names it: `sda5`, `nvme0n1p5`, `disk/by-id/x-part5`. */
export function partitionDevice(disk: string, number: number): string {
  if (/^\/dev\/(disk\/by-|mapper\/)/.test(disk)) return `${disk}-part${number}`;
  return `${disk}${/\d$/.test(disk) ? 'p' : ''}${number}`;
}

/** The number of a partition's node; null when the name holds none, or is no partition of `disk`. */
export function numberOf(device: string, disk: string | null): number | null {
  const rest = disk !== null && device.startsWith(disk) ? device.slice(disk.length) : device;
  const match = rest === device ? /(\d+)$/.exec(device) : /^(?:p|-part)?(\d+)$/.exec(rest);
  const number = Number(match?.[1] ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}
