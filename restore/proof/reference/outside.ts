import { type Reference, unknown } from './reference.ts';

/** The kernel's counting: 'sda1', 'nvme0n1p2'. A volume group may be called 'sdata': '/dev/sdata/root' is none of these. */
const counted =
  /^\/dev\/((sd|vd|hd|xvd)[a-z]+\d*|nvme\d+(n\d+(p\d+)?)?|mmcblk\d+((p|boot)\d+)?|pmem\d[\w.]*|dm-\d+|dasd[a-z]+\d*|block\/\d+:\d+)$/;

export function isCounted(spec: string): boolean {
  return counted.test(spec);
}

const drives = 'names a drive whose disc or floppy is not among the restored disks';
const elsewhere = 'names a device of a kind that no restore brings back';

const kinds: readonly [RegExp, Reference][] = [
  [/^\/dev\/zram\d+$/, { kind: 'made', by: 'the kernel, in memory', holds: null }],
  [/^\/dev\/ram\d+$/, { kind: 'made', by: 'the kernel, in memory', holds: null }],
  [/^\/dev\/(sr\d+|scd\d+|cdrom\d*|cdrw\d*|dvd\d*|dvdrw\d*|fd\d+\w*|floppy)$/, unknown(drives)],
  [/^\/dev\/(loop\d+(p\d+)?|nbd\d+(p\d+)?)$/, unknown('is set up by a program of the machine')],
  [
    /^\/dev\/(rbd|drbd|zvol|bcache|cciss|ida|vx|dasd|mtd|mtdblock|ubi|ubiblock|etherd|vdo|das|tape)(\d|\/|$)/,
    unknown(elsewhere),
  ],
  [/^\/dev\/(root|gpt-auto-\w[\w-]*)$/, unknown('is what the initramfs finds by itself')],
];

/** Devices that stand on no disk which a restore makes; null for any other. */
export function outsideOf(spec: string): Reference | null {
  return kinds.find(([pattern]) => pattern.test(spec))?.[1] ?? null;
}
