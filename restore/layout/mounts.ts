import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { spaceOf } from '../../common/look.ts';
import { runJson } from './probe.ts';

const mountFields = z.object({
  source: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  target: z.string(),
  fstype: z.string(),
  options: z.string(),
  /** Root of the mount within its file system: '/' unless a bind mount or subvolume. */
  fsroot: z
    .string()
    .nullish()
    .transform((value) => value ?? '/'),
  'maj:min': z.string(),
});
export type Mount = z.infer<typeof mountFields>;
export const findmntSchema = z.object({ filesystems: z.array(mountFields).default([]) });

/** Any user may mount FUSE, and calls its source as he likes: '/dev/sda1' too. A fuseblk is made by root, of a device. */
export function isFuse({ fstype }: Pick<Mount, 'fstype'>): boolean {
  return /^fuse(\.|$)/.test(fstype);
}

/** What the kernel has mounted, in mount order. The source of a FUSE is no device's name. */
export async function listMounts(): Promise<Mount[]> {
  const argv = [
    'findmnt',
    '--kernel',
    '--list',
    '--json',
    '-o',
    'SOURCE,TARGET,FSTYPE,OPTIONS,FSROOT,MAJ:MIN',
  ] as const;
  const { filesystems } = await runJson(argv, findmntSchema);
  return filesystems.map((mount) => (isFuse(mount) ? { ...mount, source: `fuse:${mount.source}` } : mount));
}

const fstabEntry = z.object({
  source: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
  target: z.string(),
  fstype: z.string(),
  options: z
    .string()
    .nullish()
    .transform((value) => value ?? ''),
});
export type FstabEntry = z.infer<typeof fstabEntry>;
const fstabSchema = z.object({ filesystems: z.array(fstabEntry).default([]) });

/** /etc/fstab with UUID= and LABEL= resolved to device nodes where they exist. Swap entries have target 'none' or 'swap'. */
export async function listFstab(): Promise<FstabEntry[]> {
  const argv = ['findmnt', '--fstab', '--evaluate', '--list', '--json', '-o', 'SOURCE,TARGET,FSTYPE,OPTIONS'] as const;
  // Exit 1: the file is empty.
  return (await runJson(argv, fstabSchema, { okExit: [0, 1] })).filesystems;
}

/** Device nodes (and files) that the kernel swaps to. */
export async function listSwaps(): Promise<string[]> {
  const text = await readFile('/proc/swaps', 'utf8');
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/)[0] ?? '')
    .filter((source) => source.startsWith('/'))
    .map((source) => source.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))));
}

/** Used bytes of the file system mounted there; null when it does not answer. */
export async function usedBytes(path: string): Promise<number | null> {
  const space = await spaceOf(path);
  return space === null || space === 'silent' ? null : space.size - space.free;
}
